"""What the power cuts and the faults did, told at the end of the run."""

from __future__ import annotations

import pytest

from tests.disk.power_cut import ALL_FINDINGS, FAULTS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if ALL_FINDINGS or FAULTS:
        terminalreporter.section("power cuts and disk faults")
        terminalreporter.line(
            f"{sum(FAULTS)} calls to the disk failed, one at a time: nothing was saved by half"
        )
        for findings in ALL_FINDINGS:
            terminalreporter.line(findings.line())
