"""What the power cuts did, told at the end of the run."""

from __future__ import annotations

import pytest

from tests.disk.power_cut import ALL_FINDINGS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if ALL_FINDINGS:
        terminalreporter.section("power cuts")
        for findings in ALL_FINDINGS:
            terminalreporter.line(findings.line())
