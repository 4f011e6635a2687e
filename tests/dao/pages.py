"""Reads a whole list page by page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from cleanflow.dao.paging import Page, Slice

T = TypeVar("T")


def all_pages(read: Callable[[Slice], Page[T]], part: Slice) -> list[T]:
    """All rows, read page by page from the beginning."""
    page, rows = read(part), []
    while page.rows:
        rows += page.rows
        following = read(replace(part, start=page.last_key))
        assert page.has_more == bool(following.rows)
        page = following
    return rows


def all_pages_backward(read: Callable[[Slice], Page[T]], part: Slice) -> list[T]:
    """All rows, read page by page from the end."""
    page, rows = read(replace(part, backward=True)), []
    while page.rows:
        rows = page.rows + rows
        following = read(replace(part, start=page.first_key, backward=True))
        assert page.has_more == bool(following.rows)
        page = following
    return rows
