"""The ledger: its entries, the trial balance, and the check of the books."""

from __future__ import annotations

from cleanflow.dao.ledger_lists import LedgerLine
from cleanflow.gui.desk import MONEY_CHANGED, SETTINGS_CHANGED, SYNC_CHANGED, Action
from cleanflow.gui.dialogs.book_check import check_books
from cleanflow.gui.dialogs.list_file import ask_list_file
from cleanflow.gui.screen import Screen
from cleanflow.gui.screens.books.ledger_views import EntriesView
from cleanflow.gui.screens.books.trial_view import TrialView
from cleanflow.gui.widgets.views import Views
from cleanflow.language import _
from cleanflow.reports.trial_balance import AccountLine


class Ledger(Screen):
    """Two views: the entries, and the balances of all accounts."""

    name = "ledger"
    title = _("Ledger")
    key = "F10"
    icon = "journal-text"
    help = _(
        "Every amount that moved from one account to another. Entries are numbered on each PC and"
        " never change. Choose an account to see its debits, credits and the balance after each"
        " entry; the trial balance shows all accounts on one day. Enter opens the job, payment or"
        " expense behind an entry. “Check my books” recomputes everything and says in words whether"
        " it all agrees."
    )
    actions = (
        Action("Control-f", _("Filter"), "focus_filters"),
        Action("Control-j", "", "show_entries", _("The entries")),
        Action("Control-l", "", "show_trial", _("The trial balance: all accounts on one day")),
        Action("Control-u", _("Customer"), "show_customer"),
        Action("Control-i", _("Audit"), "show_audit", _("Who entered the record behind the chosen entry")),
        Action("Control-o", _("Check my books"), "check", is_primary=True),
        Action("Control-p", _("Save the list …"), "save_list", _("The whole list for Excel or as PDF")),
    )
    refresh_on = (*MONEY_CHANGED, SETTINGS_CHANGED, SYNC_CHANGED)

    def build(self) -> None:
        """Build both views, the entries first."""
        self._views = Views(self.body, self._show_view)
        self._views.pack(fill="both", expand=True)
        self._entries = EntriesView(
            self._views.add("entries", _("Ctrl+J  Entries")), self.desk, self._open_record
        )
        self._entries.pack(fill="both", expand=True)
        self._trial = TrialView(
            self._views.add("trial", _("Ctrl+L  Trial balance")), self.desk, self._open_account
        )
        self._trial.pack(fill="both", expand=True)
        self._views.show("entries")

    def open(
        self,
        account_id: str | None = None,
        customer_id: str | None = None,
        job_id: str | None = None,
        day: str = "",
        first: str = "",
        last: str = "",
    ) -> None:
        """Show the entries of an account, a customer, a job or a business date; dates are ``YYYY-MM-DD``."""
        self._entries.ask(
            account_id=account_id,
            customer_id=customer_id,
            job_id=job_id,
            first=day or first,
            last=day or last,
        )
        self._views.show("entries")

    def refresh(self) -> None:
        """Read the shown view again."""
        if self._views.shown == "trial":
            self._trial.reload()
        else:
            self._entries.reload()

    def focus_first(self) -> None:
        """Focus the list, or the filters while it is empty."""
        view = self._trial if self._views.shown == "trial" else self._entries
        if view.list.records():
            view.list.focus_list()
        else:
            view.filters.focus_first()

    def focus_filters(self) -> None:
        """Focus the filters."""
        view = self._trial if self._views.shown == "trial" else self._entries
        view.filters.focus_first()

    def show_entries(self) -> None:
        """Show the entries."""
        self._show_view("entries")

    def show_trial(self) -> None:
        """Show the balances of all accounts."""
        self._show_view("trial")

    def _show_view(self, name: str) -> None:
        self._views.show(name)
        self.refresh()
        self.focus_first()

    def _open_account(self, line: AccountLine, day: str) -> None:
        self._entries.ask(account_id=line.account_id, last=day)
        self.show_entries()
        self.desk.tell(_("Ctrl+L goes back to the trial balance."))

    # --- the record behind an entry ----------------------------------------------------------------

    def _chosen(self) -> LedgerLine | None:
        line = self._entries.list.chosen() if self._views.shown == "entries" else None
        if line is None:
            self.tell_nothing_chosen()
        return line

    def _open_record(self, line: LedgerLine) -> None:
        if line.job_id is not None:
            self.desk.show("job_page", job_id=line.job_id)
        elif line.customer_id is not None:  # an entry with a customer and no job is a payment of some kind
            self.desk.show("payment_page", payment_id=line.source_id)
        elif line.kind in ("EXPENSE", "EXPENSE_REVERSAL"):
            self.desk.show("expenses", day=line.business_date)
            self.desk.tell(
                _("The expenses of that day; this is {reference}.").format(reference=line.reference)
            )
        else:
            self.desk.tell(_("This entry has no page of its own. Ctrl+I shows who entered it."))

    def show_customer(self) -> None:
        """Show the customer of the chosen entry."""
        line = self._chosen()
        if line is None:
            return
        if line.customer_id is None:
            self.desk.tell(_("This entry concerns no customer."))
        else:
            self.desk.show("customer_page", customer_id=line.customer_id)

    def show_audit(self) -> None:
        """Show the audit trail of the record behind the chosen entry."""
        line = self._chosen()
        if line is not None:
            self.desk.show("audit", record_id=line.source_id)

    def save_list(self) -> None:
        """Save all entries of the filters for Excel or as PDF; the trial balance is one of the reports."""
        if self._views.shown == "trial":
            self.desk.show("reports", report="trial-balance", period=self._trial.filters.read_text("day"))
        else:
            ask_list_file(self.desk, self._entries.wanted_for_file())

    def check(self) -> None:
        """Verify the books in the background."""
        check_books(self.desk)
