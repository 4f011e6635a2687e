"""Nothing is cut: every text has the room that it asks for, at 96 and 144 dpi and with larger text."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.display import another_display

ROOT = Path(__file__).parents[2]
GUI = ROOT / "cleanflow" / "gui"
#: Options of Tk whose numbers are pixels of the display: they go through `appearance.px`.
PIXELS = ("padx", "pady", "ipadx", "ipady", "padding", "wraplength", "length", "minsize")


@pytest.mark.parametrize("text_percent", [100, 130])
@pytest.mark.parametrize(("screen", "dpi"), [("1024x768x24", 96), ("1536x1152x24", 144)])
def test_no_text_is_cut_on_any_screen(tmp_path: Path, screen: str, dpi: int, text_percent: int) -> None:
    with another_display(screen, dpi) as name:
        environ = {**os.environ, "DISPLAY": name, "CLEANFLOW_MARKERS": str(tmp_path / "markers")}
        done = subprocess.run(
            [sys.executable, "-m", "tests.gui.fits", str(text_percent), str(tmp_path)],
            cwd=ROOT, env=environ, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("path", sorted(GUI.rglob("*.py")), ids=lambda path: str(path.relative_to(GUI)))
def test_pixels_are_scaled(path: Path) -> None:
    """At 150 % of Windows a padding of 6 pixels is one of 4, and a text that wraps at 480 has lost a third."""
    raw = [
        f"{keyword.value.lineno}: {ast.unparse(keyword)}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg in PIXELS and any(_numbers(keyword.value))
    ]
    assert raw == []


def _numbers(value: ast.expr) -> list[int]:
    parts = value.elts if isinstance(value, ast.Tuple) else [value]
    return [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, int)]
