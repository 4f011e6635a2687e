"""The print preview, with the choice of printer, paper and copies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PIL import ImageTk
from ttkbootstrap import Canvas, Frame, Label, Scrollbar

from cleanflow.errors import Refusal
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import Action
from cleanflow.gui.reading import read_choice, read_number
from cleanflow.gui.screen import Screen
from cleanflow.gui.tasks.background import Task
from cleanflow.gui.tasks.printing import Print, send_to_printer
from cleanflow.gui.widgets.form import Form
from cleanflow.language import _
from cleanflow.printing.choices import PrintChoice, load_choice, save_choice
from cleanflow.printing.paper import drawn_for, paper_named
from cleanflow.printing.preview import PdfPages
from cleanflow.printing.printers import MAX_COPIES, Printer, printers
from cleanflow.rendering.document import Document

_PAPERS = {_("A4"): "A4", _("Letter"): "LETTER", _("80 mm roll"): "ROLL_80"}
_YES_NO = {_("No"): False, _("Yes"): True}


#: Pixels of 96 dpi: the margin around the picture, a step of an arrow or the wheel; pixels for 100 points.
_EDGE, _LINE, _CLEAREST = 4, 60, 160


class PrintPage(Screen):
    """The page at the left, the choices at the right."""

    name = "print_page"
    title = _("Print")
    help = _(
        "The page as it will be printed; Page Down and the wheel scroll a long one. If the printer is"
        " off or out of paper, the page waits and can be printed later: Ctrl+W lists it. This PC remembers"
        " the choices, separately for reports and for slips (tickets and receipts)."
    )
    actions = (
        Action("Control-p", _("Print"), "print_it", is_primary=True),
        Action("Control-w", _("Prints that wait"), "show_waiting"),
        Action("Next", "", "page_down", _("Further down, then the next page")),
        Action("Prior", "", "page_up", _("Further up, then the page before")),
    )

    def build(self) -> None:
        """Build the preview and the form."""
        self._what: Print | None = None
        self._pages: PdfPages | None = None
        self._page = 0
        self._picture: ImageTk.PhotoImage | None = None
        right = Frame(self.body)
        right.pack(side="right", fill="y", padx=px(20, 0))
        self._build_form(right)
        left = Frame(self.body)
        left.pack(side="left", fill="both", expand=True)
        self._count = Label(left, bootstyle="secondary")
        self._count.pack(side="bottom", anchor="w", pady=px(4, 0))
        self._scrollbar = Scrollbar(left)
        self._canvas = Canvas(
            left, highlightthickness=px(1), takefocus=True, yscrollcommand=self._scrollbar.set
        )
        self._scrollbar.configure(command=self._canvas.yview)
        self._canvas.pack(side="left", fill="both", expand=True)
        self._canvas.bind("<Configure>", lambda _event: self._draw())
        self._bind_scrolling()

    def _bind_scrolling(self) -> None:
        """Arrows, Home and End while the picture has the focus, the wheel wherever it is over it."""
        canvas = self._canvas
        ways: dict[str, Callable[[], object]] = {
            "<Up>": lambda: self._scroll(-_LINE),
            "<Down>": lambda: self._scroll(_LINE),
            "<Home>": lambda: canvas.yview_moveto(0),
            "<End>": lambda: canvas.yview_moveto(1),
            "<Button-4>": lambda: self._scroll(-_LINE),
            "<Button-5>": lambda: self._scroll(_LINE),
        }
        for sequence, way in ways.items():
            canvas.bind(sequence, lambda _event, way=way: way())  # type: ignore[misc]
        canvas.bind("<MouseWheel>", lambda event: self._scroll(-_LINE if event.delta > 0 else _LINE))
        canvas.bind("<Button-1>", lambda _event: canvas.focus_set())

    def _build_form(self, parent: Frame) -> None:
        form = Form(parent, self.print_it, width=26, is_narrow=True)
        form.pack(anchor="w")
        self._printers: dict[str, str] = {_("The usual printer"): ""}
        self._printer = form.add(
            _("Printer"), lambda text: read_choice(text, self._printers), choices=[*self._printers]
        )
        self._paper = form.add(_("Paper"), lambda text: read_choice(text, _PAPERS), choices=[*_PAPERS])
        self._copies = form.add(_("Copies"), _read_copies)
        self._automatic = form.add(
            _("Print slips automatically"), lambda text: read_choice(text, _YES_NO), choices=[*_YES_NO]
        )
        self._paper.widget.bind("<<ComboboxSelected>>", lambda _event: self._lay_out(), add="+")
        self._paper.widget.bind("<FocusOut>", lambda _event: self._lay_out(), add="+")
        self._shown_paper = ""

    def open(self, what: Print) -> None:
        """Show the document to print."""
        self._what = what
        choice = load_choice(self.desk.db, what.purpose)
        if choice.printer:
            self._printers[choice.printer] = choice.printer
        self._printer.set(choice.printer or next(iter(self._printers)))
        self._paper.set(_named(_PAPERS, choice.paper))
        self._copies.set(str(choice.copies))
        self._automatic.set(_named(_YES_NO, choice.is_automatic))
        self._shown_paper = ""
        self._lay_out()
        self.desk.in_background(_("Looking for printers …"), _find_printers, self._offer_printers)

    def focus_first(self) -> None:
        """Focus the choice of printer."""
        self._printer.widget.focus_set()

    def leave(self) -> None:
        """Free the pages; they are drawn anew next time."""
        self._close_pages()

    def _offer_printers(self, found: list[Printer]) -> None:
        for printer in found:
            self._printers[printer.name] = printer.name
        self._printer.offer([*self._printers])

    # --- the picture -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        """Draw the document for the chosen paper if that has changed."""
        try:
            paper = read_choice(self._paper.text(), _PAPERS)
        except Refusal:
            return  # shown beside the field
        if self._what is None or paper == self._shown_paper:
            return
        self._close_pages()
        self._shown_paper = paper
        self._pages = PdfPages(drawn_for(self._what.document, paper_named(paper)))
        self._page = 0
        self._draw()
        self._canvas.yview_moveto(0)

    def _draw(self) -> None:
        """Draw the page: a sheet as a whole, a roll as wide as can be read, however long it is."""
        pages, canvas, edge = self._pages, self._canvas, px(_EDGE)
        canvas.delete("all")
        room_x, room_y = canvas.winfo_width() - 2 * edge, canvas.winfo_height() - 2 * edge
        if pages is None or room_x < 50 or room_y < 50:
            return
        width, height = pages.size(self._page)
        scale = min(room_x / width, room_y / height) if height < 2 * width else room_x / width
        scale = min(scale, px(_CLEAREST) / 100)
        self._picture = ImageTk.PhotoImage(pages.picture(self._page, int(width * scale)), master=self)
        right, bottom = edge + self._picture.width(), edge + self._picture.height()
        canvas.create_image(edge, edge, image=self._picture, anchor="nw")
        canvas.create_rectangle(edge, edge, right, bottom, outline="#888888")
        canvas.configure(scrollregion=(0, 0, right + edge, max(bottom + edge, canvas.winfo_height())))
        if self._is_longer() and not self._scrollbar.winfo_manager():
            self._scrollbar.pack(side="right", fill="y", before=canvas)
        elif not self._is_longer() and self._scrollbar.winfo_manager():
            self._scrollbar.pack_forget()
        self._count.configure(text=_("Page {page} of {count}").format(page=self._page + 1, count=pages.count))

    def _is_longer(self) -> bool:
        """Whether the picture is longer than its room."""
        height = self._picture.height() if self._picture is not None else 0
        return height + 2 * px(_EDGE) > self._canvas.winfo_height()

    def _scroll(self, step: int) -> None:
        """Scroll by ``step`` pixels of 96 dpi; downwards if it is positive."""
        region = self._canvas.bbox("all")
        if region is not None and self._is_longer():
            height = region[3] + px(_EDGE)
            self._canvas.yview_moveto((self._canvas.canvasy(0) + px(step)) / height)

    def page_down(self) -> None:
        """Scroll down by what is seen, and from the foot of the page to the next one."""
        if self._canvas.yview()[1] < 1:
            self._canvas.yview_scroll(1, "pages")
        elif self._turn(1):
            self._canvas.yview_moveto(0)

    def page_up(self) -> None:
        """Scroll up by what is seen, and from the head of the page to the one before."""
        if self._canvas.yview()[0] > 0:
            self._canvas.yview_scroll(-1, "pages")
        elif self._turn(-1):
            self._canvas.yview_moveto(1)

    def _turn(self, step: int) -> bool:
        """Show another page; whether there is one."""
        if self._pages is None or not 0 <= self._page + step < self._pages.count:
            return False
        self._page += step
        self._draw()
        return True

    def _close_pages(self) -> None:
        if self._pages is not None:
            self._pages.close()
            self._pages = None

    # --- printing ----------------------------------------------------------------------------------

    def print_it(self) -> None:
        """Print with these choices and remember them."""
        self.desk.do(self._choose, self._send)

    def _choose(self) -> PrintChoice:
        assert self._what is not None
        choice = replace(
            load_choice(self.desk.db, self._what.purpose),
            printer=self._printer.value(),
            paper=self._paper.value(),
            copies=self._copies.value(),
        )
        # Automatic printing of slips is one setting of this PC, wherever it is changed.
        slip = replace(load_choice(self.desk.db, "slip"), is_automatic=self._automatic.value())
        save_choice(self.desk.db, "slip", slip)
        save_choice(self.desk.db, self._what.purpose, replace(choice, is_automatic=slip.is_automatic))
        return choice

    def _send(self, choice: PrintChoice) -> None:
        if self._what is not None and self._what.keep is not None:
            self.desk.do(self._what.keep, lambda document: self._kept(document, choice))
        elif self._what is not None:
            send_to_printer(self.desk, self._what, choice, self.desk.back)

    def _kept(self, document: Document, choice: PrintChoice) -> None:
        """Print the stored document; printing it again stores nothing."""
        assert self._what is not None
        self._what = replace(self._what, document=document, keep=None)
        self._send(choice)

    def show_waiting(self) -> None:
        """Show the prints that wait."""
        self.desk.show("waiting_prints")


def _find_printers(_task: Task) -> list[Printer]:
    """All printers; none without a printing system, about which printing then tells."""
    try:
        return printers()
    except Refusal:
        return []


def _named(choices: dict[str, str] | dict[str, bool], value: str | bool) -> str:
    return next((name for name, known in choices.items() if known == value), "")


def _read_copies(text: str) -> int:
    refusal = Refusal("copies_invalid", limit=MAX_COPIES)
    copies = read_number(text.strip() or "1", MAX_COPIES, refusal)
    if copies == 0:
        raise refusal
    return copies
