"""What the power cuts and the faults did, told at the end of the run."""

from __future__ import annotations

import pytest

from tests.disk.power_cut import ALL_FINDINGS, FAULTS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = [findings.line() for findings in ALL_FINDINGS]
    if FAULTS:
        lines.append(f"{sum(FAULTS)} calls to the disk failed, one at a time: nothing was saved by half")
    if lines:
        terminalreporter.section("power cuts and disk faults")
    for line in lines:
        terminalreporter.line(line)
