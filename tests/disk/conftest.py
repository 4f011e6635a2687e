"""Adds the results of the power-cut and fault tests to the summary of the run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import TOLD
from tests.disk.power_cut import ALL_FINDINGS, FAULTS


@pytest.fixture(scope="session", autouse=True)
def told_at_the_end() -> Iterator[None]:
    """Add lines to the summary, also from parallel test processes."""
    yield
    if FAULTS:
        TOLD.append(f"{sum(FAULTS)} calls to the disk failed, one at a time: nothing was saved by half")
    TOLD.extend(findings.line() for findings in ALL_FINDINGS)
