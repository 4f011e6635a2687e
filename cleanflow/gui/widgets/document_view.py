"""A report on the screen: the printed document, with lines that link to the records behind them."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from tkinter import font

from ttkbootstrap import Canvas, Frame, Scrollbar, Text

from cleanflow.gui.appearance import colour
from cleanflow.gui.widgets.bar_chart import draw_bars
from cleanflow.language import _
from cleanflow.rendering.document import Chart, Column, Document, Fact, Link, Section, Table

_GAP, _NARROW, _FACTS_WIDTH, _MARGIN = 18, 110, 440, 24
_CHART_HEIGHT = 170


class DocumentView(Frame):
    """Up and Down go from link to link, Enter follows one; Left and Right scroll."""

    def __init__(self, parent: tkinter.Misc, follow: Callable[[Link], object]) -> None:
        super().__init__(parent)
        self._follow = follow
        self._document: Document | None = None
        self._links: list[tuple[str, Link]] = []
        self._current = -1
        self._width = 0
        self.text = Text(self, wrap="none", cursor="arrow", takefocus=True, padx=10, pady=8, borderwidth=1)
        scrollbar = Scrollbar(self, command=self.text.yview)
        across = Scrollbar(self, orient="horizontal", command=self.text.xview)
        self.text.configure(
            yscrollcommand=scrollbar.set, xscrollcommand=lambda *ends: _show(across, self.text, *ends)
        )
        scrollbar.pack(side="right", fill="y")
        self.text.pack(side="left", fill="both", expand=True)
        self._bind_keys()
        self.text.bind("<Button-1>", self._on_click)

    def _on_click(self, event: tkinter.Event[tkinter.Misc]) -> None:
        """Follow the link under the mouse; a binding for each line would survive every redraw."""
        names = self.text.tag_names(f"@{event.x},{event.y}")
        link = next((link for name, link in self._links if name in names), None)
        if link is not None:
            self._follow(link)

    def show(self, document: Document | None) -> None:
        """Draw ``document``, or clear the view."""
        self._document = document
        self._draw()

    def say(self, words: str) -> None:
        """Show a text in place of a document."""
        self._document = None
        self._write([(words, ())])

    def words(self) -> str:
        """All the text on the view."""
        return str(self.text.get("1.0", tkinter.END))

    def _bind_keys(self) -> None:
        keys: dict[str, Callable[[], object]] = {
            "<Down>": lambda: self._step(1),
            "<Up>": lambda: self._step(-1),
            "<Return>": self._open,
            "<Prior>": lambda: self.text.yview_scroll(-1, "pages"),
            "<Next>": lambda: self.text.yview_scroll(1, "pages"),
            "<Home>": lambda: self.text.yview_moveto(0),
            "<End>": lambda: self.text.yview_moveto(1),
            "<Left>": lambda: self.text.xview_scroll(-60, "pixels"),
            "<Right>": lambda: self.text.xview_scroll(60, "pixels"),
        }
        for key, method in keys.items():
            self.text.bind(key, lambda _event, method=method: (method(), "break")[1])  # type: ignore[misc]
        self.text.bind("<Configure>", lambda event: self._on_resize(event.width))
        self.text.bind("<<ThemeChanged>>", lambda _event: self._draw())

    def _on_resize(self, width: int) -> None:
        if abs(width - self._width) > 8:
            self._width = width
            self._draw()

    # --- drawing -----------------------------------------------------------------------------------

    def _draw(self) -> None:
        document = self._document
        if document is None or self._width < 100:
            return
        self._links, self._current = [], -1
        self._begin()
        for number, part in enumerate(document.pages):
            self._put("\n\n" if number else "")
            self._part(part)
        self.text.configure(state="disabled")

    def _part(self, document: Document) -> None:
        self._put(f"{document.title}\n", "title")
        self._put(f"{document.subtitle}\n", "subtitle")
        for note in document.notes:
            self._put(f"{note}\n", "note")
        for section in document.sections:
            self._section(document, section)

    def _begin(self) -> None:
        text = self.text
        text.configure(state="normal")
        text.delete("1.0", tkinter.END)
        text.tag_delete(*text.tag_names())
        text.tag_configure("title", font="HeadingFont")
        text.tag_configure("subtitle", font="TkDefaultFont")
        text.tag_configure("heading", font="StrongFont", spacing1=12, spacing3=3)
        text.tag_configure("strong", font="StrongFont")
        text.tag_configure("note", foreground=colour("secondary"))
        text.tag_configure("link", foreground=colour("primary"))
        text.tag_configure("facts", tabs=(str(_FACTS_WIDTH), "right"))
        text.tag_configure("current", background=colour("selectbg"), foreground=colour("selectfg"))

    def _write(self, pieces: Sequence[tuple[str, tuple[str, ...]]]) -> None:
        self._begin()
        for words, tags in pieces:
            self._put(words, *tags)
        self.text.configure(state="disabled")

    def _put(self, words: str, *tags: str) -> None:
        self.text.insert(tkinter.END, words, tags)

    def _section(self, document: Document, section: Section) -> None:
        self._put(f"{section.title}\n", "heading")
        for fact in section.facts:
            self._fact(document, fact)
        for table in section.tables:
            self._table(document, table)
        for chart in section.charts:
            self._chart(document, chart)
        for note in section.notes:
            self._put(f"{note}\n", "note")

    def _fact(self, document: Document, fact: Fact) -> None:
        value = "…" if fact.value is None else document.shown(fact.value, fact.kind)
        style = ("strong",) if fact.is_total else ()
        self._line(f"{fact.label}\t{value}", fact.link, "facts", *style)

    def _line(self, words: str, link: Link | None, *tags: str) -> None:
        if link is None:
            self._put(f"{words}\n", *tags)
            return
        name = f"link-{len(self._links)}"
        self._links.append((name, link))
        self._put(f"{words}\n", *tags, "link", name)

    def _table(self, document: Document, table: Table) -> None:
        if not table.rows:
            self._put(f"{table.when_empty or _('Nothing.')}\n", "note")
            return
        rows = [document.shown_row(table, row) for row in table.rows]
        totals = document.shown_row(table, table.totals) if table.totals else None
        widths = self._column_widths(table.columns, [*rows, totals] if totals else rows)
        tag = f"table-{self.text.index('end-1c')}"
        self.text.tag_configure(tag, tabs=_tab_stops(table.columns, widths))
        self._put(_tabbed(tuple(column.title for column in table.columns), widths), tag, "note")
        links = table.links or (None,) * len(rows)
        for row, link in zip(rows, links, strict=True):
            self._line(_tabbed(row, widths).rstrip("\n"), link, tag)
        if totals:
            self._put(_tabbed(totals, widths), tag, "strong")

    def _column_widths(self, columns: Sequence[Column], rows: Sequence[tuple[str, ...]]) -> list[int]:
        """Widths that fit each column's text; the widest texts shrink first, and the rest scrolls."""
        measure = font.nametofont("TkDefaultFont").measure
        widths = []
        for number, column in enumerate(columns):
            texts = {column.title, *(row[number] for row in rows)}
            widths.append(max((measure(text) for text in sorted(texts, key=len)[-20:]), default=0) + 8)
        room = self._width - 2 * _MARGIN - _GAP * (len(columns) - 1)
        while sum(widths) > room:
            flexible = [
                n for n, column in enumerate(columns) if column.kind == "text" and widths[n] > _NARROW
            ]
            if not flexible:
                break
            widest = max(flexible, key=lambda n: widths[n])
            widths[widest] -= min(10, sum(widths) - room) or 1
        return widths

    def _chart(self, document: Document, chart: Chart) -> None:
        width = min(self._width - 2 * _MARGIN, 900)
        canvas = Canvas(self.text, width=width, height=_CHART_HEIGHT, highlightthickness=0)
        draw_bars(canvas, chart, width, _CHART_HEIGHT, document.currency.format)
        self.text.window_create(tkinter.END, window=canvas)
        self._put("\n")

    # --- following ---------------------------------------------------------------------------------

    def _step(self, step: int) -> None:
        if not self._links:
            self.text.yview_scroll(step * 3, "units")
            return
        self.text.tag_remove("current", "1.0", tkinter.END)
        self._current = max(0, min(len(self._links) - 1, self._current + step))
        name, _link = self._links[self._current]
        first, last = self.text.tag_ranges(name)[:2]
        self.text.tag_add("current", first, last)
        self.text.see(first)

    def _open(self) -> None:
        if self._current >= 0:
            self._follow(self._links[self._current][1])


def _show(scrollbar: Scrollbar, text: Text, first: str, last: str) -> None:
    """Show a scrollbar only when the content does not fit."""
    scrollbar.set(first, last)
    if float(first) <= 0 and float(last) >= 1:
        scrollbar.pack_forget()
    else:
        scrollbar.pack(side="bottom", fill="x", before=text)


def _tab_stops(columns: Sequence[Column], widths: Sequence[int]) -> tuple[str, ...]:
    """A tab stop for each column, at its left or right edge; every line begins with a tab."""
    stops: list[str] = []
    x = 1
    for column, width in zip(columns, widths, strict=True):
        is_right = column.alignment == "right"
        stops += [str(x + width if is_right else x), "right" if is_right else "left"]
        x += width + _GAP
    return tuple(stops)


def _tabbed(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "".join(f"\t{_cut(cell, width)}" for cell, width in zip(cells, widths, strict=True)) + "\n"


def _cut(text: str, width: int) -> str:
    measure = font.nametofont("TkDefaultFont").measure
    line = " ".join(text.split())
    if measure(line) <= width:
        return line
    while line and measure(f"{line}…") > width:
        line = line[: -1 - max(0, (measure(line) - width) // 20)]
    return f"{line}…"
