"""One thing that is wrong with the books."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """``code`` for programs, ``where`` and ``words`` for people."""

    code: str
    where: str
    words: str

    def __str__(self) -> str:
        return f"{self.where}: {self.words}"
