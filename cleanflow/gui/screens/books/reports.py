"""Reports on the screen, each number a link to its records; saved as PDF or for Excel, printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ttkbootstrap import Combobox, Entry, Frame, Label

from cleanflow.dao.blind_count import cash_is_hidden
from cleanflow.dao.customers import Customer, get_customer, search_customers
from cleanflow.dao.stamps import today
from cleanflow.errors import Refusal
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import MONEY_CHANGED, SETTINGS_CHANGED, Action
from cleanflow.gui.following import follow
from cleanflow.gui.reading import period_names, read_choice, read_period
from cleanflow.gui.screen import Screen
from cleanflow.gui.tasks.document_files import proposed_path, read_file_path, remember_folder, write_document
from cleanflow.gui.tasks.printing import Print, preview
from cleanflow.gui.widgets.dialog import FormDialog
from cleanflow.gui.widgets.document_view import DocumentView
from cleanflow.language import _
from cleanflow.rendering.document import Document
from cleanflow.reports.catalogue import Asked, ReportKind, catalogue


class Reports(Screen):
    """One line with report, period and customer; the document below."""

    name = "reports"
    title = _("Reports")
    key = "F8"
    icon = "file-earmark-bar-graph"
    help = _(
        "Choose a report and its period: a name like “Last month”, one day, or two days like 1/3..15/3."
        " The daily report of several days has a page for each. Where the shop counts blind, a cashier sees"
        " the drawer after the count, or with an owner's PIN."
        " In the report, Up and Down go from line to line, Enter shows the records behind it."
    )
    actions = (
        Action("Control-g", _("Show"), "show_report", is_primary=True),
        Action("Control-p", _("Print …"), "print_report"),
        Action("Control-o", _("Save as PDF …"), "save_as_pdf"),
        Action("Control-u", _("Save for Excel …"), "save_as_xlsx"),
        Action("Control-r", _("Into the report"), "focus_report"),
        Action("Control-l", _("With the drawer …"), "show_drawer"),
    )
    refresh_on = (*MONEY_CHANGED, SETTINGS_CHANGED)

    def build(self) -> None:
        """Build the line of choices over the document."""
        self._kinds = {kind.title: kind for kind in catalogue()}
        self._document: Document | None = None
        line = Frame(self.body)
        line.pack(fill="x", pady=px(0, 8))
        Label(line, text=_("Report")).pack(side="left", padx=px(0, 6))
        self._kind = Combobox(line, values=[*self._kinds], width=20)
        self._kind.pack(side="left")
        Label(line, text=_("Period")).pack(side="left", padx=px(14, 6))
        self._period = Combobox(line, values=period_names(), width=18)
        self._period.pack(side="left")
        self._customer_label = Label(line, text=_("Customer"))
        self._customer = Entry(line, width=22)
        self._kind.set(next(iter(self._kinds)))
        self._period.set(self._chosen_kind().period)
        for field in (self._kind, self._period, self._customer):
            field.bind("<Return>", lambda _event: self.show_report())
        self._kind.bind("<<ComboboxSelected>>", lambda _event: self._on_kind())
        for field in (self._kind, self._period, self._customer):
            field.bind("<FocusOut>", lambda _event: self._on_leave())
        self._period.bind("<<ComboboxSelected>>", lambda _event: self.show_report())
        self._view = DocumentView(self.body, lambda link: follow(self.desk, link))
        self._view.pack(fill="both", expand=True)
        self._last_kind = self._kind.get()
        self._shown: tuple[str, ...] = ()

    def open(self, report: str, period: str = "", customer_id: str = "") -> None:
        """Choose a report by its catalogue name; a statement also needs a customer."""
        kind = next(kind for kind in self._kinds.values() if kind.name == report)
        self._kind.set(kind.title)
        self._on_kind()
        if period:
            self._period.set(period)
        if customer_id:
            self._customer.delete(0, "end")
            self._customer.insert(0, get_customer(self.desk.db, customer_id).name)

    def refresh(self) -> None:
        """Make the chosen report again.

        After changes from another PC a choice being typed is left alone, and the scroll position stays.
        """
        is_telling = self.desk.syncing.is_telling
        if is_telling and self.focus_get() in (self._kind, self._period, self._customer):
            return
        everyday = [action.method for action in self.actions if action.method != "show_drawer"]
        self.offer(*everyday, *(["show_drawer"] if cash_is_hidden(self.desk.db) else []))
        scrolled = self._view.text.yview()[0]
        self._on_kind()
        self.show_report()
        if is_telling:
            self._view.text.yview_moveto(scrolled)

    def focus_first(self) -> None:
        """Focus the choice of the report."""
        self._kind.focus_set()
        self._kind.selection_range(0, "end")

    def focus_report(self) -> None:
        """Focus the document, to go through its lines."""
        self._view.text.focus_set()

    def _chosen_kind(self) -> ReportKind[Any]:
        try:
            return read_choice(self._kind.get(), self._kinds)
        except Refusal:
            return next(iter(self._kinds.values()))

    def _on_kind(self) -> None:
        """Propose the period of a newly chosen report, and show the customer field if it needs one."""
        kind = self._chosen_kind()
        if kind.title != self._last_kind:
            self._last_kind = kind.title
            self._period.set(kind.period)
        if kind.of_customer:
            self._customer_label.pack(side="left", padx=px(14, 6))
            self._customer.pack(side="left")
        else:
            self._customer_label.pack_forget()
            self._customer.pack_forget()

    def _asked_for(self) -> tuple[str, ...]:
        return self._kind.get(), self._period.get(), self._customer.get()

    def _on_leave(self) -> None:
        """Show what was typed: no half-typed choice stands over another report."""
        if self.winfo_viewable() and self._asked_for() != self._shown:
            self.show_report()

    def show_report(self) -> None:
        """Make the chosen report and draw it."""
        kind = self._chosen_kind()
        self._kind.set(kind.title)
        self._on_kind()
        self._shown = self._asked_for()
        try:
            self._document = kind.document(self.desk.db, self._asked(kind))
        except Refusal as refusal:
            self._document = None
            self._view.say(str(refusal))
        else:
            self._view.show(self._document)

    def show_drawer(self) -> None:
        """Show the report with what a blind count hides, once an owner has given a PIN."""
        kind = self._chosen_kind()

        def make() -> Document:
            if cash_is_hidden(self.desk.db):
                raise Refusal("owner_needed")
            return kind.document(self.desk.db, self._asked(kind))

        self.desk.do(make, self._show)

    def _show(self, document: Document) -> None:
        self._document = document
        self._view.show(document)

    def _asked(self, kind: ReportKind[Any]) -> Asked:
        desk = self.desk
        period = read_period(self._period.get(), today(desk.db), desk.shop.date_order)
        customer = self._chosen_customer() if kind.of_customer else None
        return Asked(period.first, period.last, customer.id if customer else None)

    def _chosen_customer(self) -> Customer:
        typed = self._customer.get().strip()
        found = search_customers(self.desk.db, typed, limit=20) if typed else []
        if not found:
            raise Refusal("customer_unknown" if typed else "customer_missing", text=typed)
        exact = [customer for customer in found if customer.name == typed]
        return (exact or found)[0]

    # --- paper and files ---------------------------------------------------------------------------

    def print_report(self) -> None:
        """Preview the report."""
        if self._document is None:
            self.desk.tell(_("There is no report to print."))
        else:
            preview(self.desk, Print(self._document, "document"))

    def save_as_pdf(self) -> None:
        """Save the report as a PDF file."""
        self._save("pdf", _("Save as PDF"))

    def save_as_xlsx(self) -> None:
        """Save the report as a spreadsheet."""
        self._save("xlsx", _("Save for Excel"))

    def _save(self, ending: str, title: str) -> None:
        document = self._document
        if document is None:
            self.desk.tell(_("There is no report to save."))
            return
        dialog = FormDialog(self.desk, title, save=_("Save"))
        proposed = proposed_path(self.desk, document.title, document.subtitle)
        path = dialog.form.add(_("File"), read_file_path, text=f"{proposed}.{ending}")

        def save(chosen: Path) -> None:
            remember_folder(self.desk, chosen)
            self.desk.in_background(
                _("Saving the report …"),
                lambda task: write_document(task, document, chosen),
                lambda _nothing: self.desk.tell(_("Saved: {path}").format(path=chosen)),
            )

        dialog.ask(path.value, save)
        path.widget.configure(width=58)
