"""Reads a PDF with an independent program (poppler), and makes a document to draw."""

from __future__ import annotations

import re
import subprocess

from cleanflow.money import Currency
from cleanflow.rendering.document import Column, Document, Fact, Section, Table


def poppler(program: str, content: bytes, *options: str) -> str:
    """The output of a poppler program for a PDF; it must not print warnings."""
    command = [program, *options, "-", *(["-"] if program == "pdftotext" else [])]
    done = subprocess.run(command, input=content, capture_output=True, timeout=60, check=True)
    assert done.stderr == b""
    return done.stdout.decode("utf-8")


def text_of(content: bytes) -> str:
    return re.sub(r"[ \n]+", " ", poppler("pdftotext", content, "-layout"))


def pages_of(content: bytes) -> int:
    return int(re.findall(r"Pages: +(\d+)", poppler("pdfinfo", content))[0])


def lists_only(rows: int) -> Document:
    table = Table(
        (Column("What", share=1), Column("Day", "date"), Column("Count", "number")),
        tuple((f"Row {number}", "2026-03-10", number) for number in range(rows)),
        totals=("All", None, rows),
    )
    sections = (Section("List", (Fact("Rows", rows, "number"),), (table,), ("A note.",)),)
    return Document("Any report", "2026", "Sparkle", (), Currency("USD", 2), "YMD", sections, ("The end.",))
