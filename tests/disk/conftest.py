"""What the power cuts and the faults did, told at the end of the run; also of one in several processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import TOLD
from tests.disk.power_cut import ALL_FINDINGS, FAULTS


@pytest.fixture(scope="session", autouse=True)
def told_at_the_end() -> Iterator[None]:
    """Leaves the lines to the summary of the whole run."""
    yield
    if FAULTS:
        TOLD.append(f"{sum(FAULTS)} calls to the disk failed, one at a time: nothing was saved by half")
    TOLD.extend(findings.line() for findings in ALL_FINDINGS)
