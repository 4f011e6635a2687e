"""A fake CUPS: scripts named lp, lpstat and lpoptions, first on PATH."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cleanflow.money import Currency
from cleanflow.rendering.document import Document, Fact, Section

_LP = """#!/bin/sh
printf '%s\\n' "$LC_ALL" > "{folder}/locale"
for word in "$@"; do printf '%s\\n' "$word"; done > "{folder}/words"
cat > "{folder}/given.pdf"
echo x >> "{folder}/calls"
[ -f "{folder}/wait" ] && sleep 30
[ -f "{folder}/fails" ] && {{ cat "{folder}/fails" >&2; exit 1; }}
echo "request id is Office-1 (1 file(s))"
"""
_LPSTAT = """#!/bin/sh
case "$1" in
    -e) cat "{folder}/names" ;;
    -d) cat "{folder}/default" ;;
esac
"""
_LPOPTIONS = """#!/bin/sh
cat "{folder}/state of $2" 2>/dev/null || echo
"""


class FakeCups:
    """Sets the answers of the scripts, and records what lp received."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in (("lp", _LP), ("lpstat", _LPSTAT), ("lpoptions", _LPOPTIONS)):
            (folder / name).write_text(text.format(folder=folder))
            (folder / name).chmod(0o755)
        self.has("Office", "Roll")
        self.usual("Office")
        for printer in ("Office", "Roll"):
            self.state(printer)

    def has(self, *names: str) -> None:
        (self.folder / "names").write_text("".join(f"{name}\n" for name in names))

    def usual(self, name: str) -> None:
        words = f"system default destination: {name}" if name else "no system default destination"
        (self.folder / "default").write_text(f"{words}\n")

    def state(self, printer: str, reasons: str = "none", number: int = 3, accepts: str = "true") -> None:
        """The printer's state in the format of lpoptions 2.4.2."""
        text = (
            f"copies=1 device-uri=cups-pdf:/ printer-info='Olga'\\''s {printer}'"
            f" printer-is-accepting-jobs={accepts} printer-location printer-state={number}"
            f" printer-state-reasons={reasons} printer-uri-supported=ipp://localhost/printers/{printer}\n"
        )
        (self.folder / f"state of {printer}").write_text(text)

    def fails(self, words: str) -> None:
        (self.folder / "fails").write_text(words)

    def works(self) -> None:
        (self.folder / "fails").unlink()

    def waits(self) -> None:
        (self.folder / "wait").touch()

    @property
    def words(self) -> list[str]:
        return (self.folder / "words").read_text().splitlines()

    @property
    def locale(self) -> str:
        return (self.folder / "locale").read_text().strip()

    @property
    def given(self) -> bytes:
        return (self.folder / "given.pdf").read_bytes()

    @property
    def calls(self) -> int:
        path = self.folder / "calls"
        return len(path.read_text().splitlines()) if path.exists() else 0


@pytest.fixture
def cups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeCups:
    if sys.platform == "win32":
        pytest.skip("CUPS is not on Windows")
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return FakeCups(folder)


@pytest.fixture
def page() -> Document:
    facts = (Fact("Paid", 12_00), Fact("Number", "C1-R000001", "text", is_large=True))
    return Document(
        "Receipt", "10/03/2026", "Sparkle", (), Currency("USD", 2), "DMY", (Section("Payment", facts),)
    )
