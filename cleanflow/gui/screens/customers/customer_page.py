"""One customer: the facts, the balance and its reasons, and the whole history."""

from __future__ import annotations

from ttkbootstrap import Button, Label

from cleanflow.dao.customers import Customer, get_customer, set_customer_active
from cleanflow.dao.payments import credit_minor
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import CUSTOMERS_CHANGED, JOBS_CHANGED, PAYMENTS_CHANGED, SYNC_CHANGED, Action
from cleanflow.gui.dialogs.credit import ask_credit
from cleanflow.gui.dialogs.opening_balance import ask_opening_balance
from cleanflow.gui.dialogs.refund import ask_refund
from cleanflow.gui.keys import key_label
from cleanflow.gui.screen import Screen
from cleanflow.gui.screens.customers.customer_views import AccountView, BalanceView, JobsView
from cleanflow.gui.widgets.facts import Facts
from cleanflow.gui.widgets.flow import Flow
from cleanflow.gui.widgets.labels import balance_words, shortened
from cleanflow.gui.widgets.sent import sent_word
from cleanflow.gui.widgets.views import Views
from cleanflow.language import _
from cleanflow.records.people import CUSTOMERS

#: Maximum length of a text shown here, in characters; the form shows all.
_MOST_SHOWN = 200


class CustomerPage(Screen):
    """The facts above, one of three lists below."""

    name = "customer_page"
    title = _("Customer")
    help = _(
        "Ctrl+Y shows everything charged and paid, with the balance after each entry. Ctrl+W explains"
        " the balance: what is due on which jobs and which money is unused. Ctrl+J lists the jobs."
        " Enter on a line opens the job or the payment. Credit can settle open jobs or be refunded."
    )
    actions = (
        Action("Control-n", _("New job"), "new_job"),
        Action("Control-m", _("Take money"), "take_money", is_primary=True),
        Action("Control-u", _("Use credit …"), "use_credit"),
        Action("Control-r", _("Refund credit …"), "refund"),
        Action("Control-y", "", "show_account", _("All that was charged and paid")),
        Action("Control-w", "", "show_balance", _("Why this balance")),
        Action("Control-j", "", "show_jobs", _("The jobs")),
        Action("Control-f", "", "focus_filters", _("The period that is shown")),
        Action("Control-i", "", "edit", _("Edit what describes the customer")),
        Action("Control-o", "", "open_balance", _("What was owed before CleanFlow")),
        Action("Control-q", "", "toggle_active", _("Not active any more, or active again")),
        Action("Control-g", "", "audit", _("Who changed what")),
    )
    refresh_on = (CUSTOMERS_CHANGED, JOBS_CHANGED, PAYMENTS_CHANGED, SYNC_CHANGED)

    def build(self) -> None:
        """Build the facts, the views and the rare actions."""
        self._customer_id = ""
        self._customer: Customer
        self._balance = Label(self.body, font="TitleFont")
        self._balance.pack(anchor="w")
        self._facts = Facts(self.body, columns=2)
        self._facts.pack(fill="x", pady=px(6, 12))
        self._build_rare_actions()
        self._views = Views(self.body, self._show)
        self._views.pack(fill="both", expand=True)
        self._account = AccountView(self._views.add("account", _("Ctrl+Y  History")), self.desk)
        self._lists: dict[str, AccountView | BalanceView | JobsView] = {
            "account": self._account,
            "balance": BalanceView(self._views.add("balance", _("Ctrl+W  Why this balance")), self.desk),
            "jobs": JobsView(self._views.add("jobs", _("Ctrl+J  Jobs")), self.desk),
        }
        for view in self._lists.values():
            view.pack(fill="both", expand=True)
        self._views.show("account")

    def _build_rare_actions(self) -> None:
        line = Flow(self.body)
        line.pack(side="bottom", fill="x", pady=px(8, 0))
        labels = {
            "edit": _("Edit"),
            "open_balance": _("Opening balance …"),
            "toggle_active": "",
            "audit": _("Who changed what"),
        }
        self._rare: dict[str, Button] = {}
        for action in self.actions:
            if action.method in labels:
                self._rare[action.method] = Button(
                    line,
                    text=f"{key_label(action.key)}  {labels[action.method]}",
                    bootstyle="secondary-link",
                    command=getattr(self, action.method),
                )

    def open(self, customer_id: str) -> None:
        """Show this customer, with the history first."""
        if customer_id != self._customer_id:
            self._views.show("account")
        self._customer_id = customer_id

    def refresh(self) -> None:
        """Read the customer and the shown list again."""
        if not self._customer_id:
            return
        customer = self._customer = get_customer(self.desk.db, self._customer_id)
        self.head(customer.name if customer.is_active else f"{customer.name} ({_('not active')})")
        words = balance_words(customer.balance_minor, self.desk.shop.currency)
        self._balance.configure(text=words.capitalize())
        self._facts.show(
            *(
                (_(field.label), shortened(getattr(customer, field.name), _MOST_SHOWN))
                for field in CUSTOMERS.described
                if field.name != CUSTOMERS.label  # it is the heading
            ),
            (_("Sent"), sent_word(self.desk, "customers", customer.id)),
        )
        toggle = _("Not active any more") if customer.is_active else _("Active again")
        self._rare["toggle_active"].configure(text=f"Ctrl+Q  {toggle}")
        self._lists[self._views.shown].show(customer.id)

    def focus_first(self) -> None:
        """Focus the list."""
        records = self._lists[self._views.shown].list
        if records.records():
            records.focus_list()
        else:
            self.focus_set()

    # --- views -------------------------------------------------------------------------------------

    def show_account(self) -> None:
        """Show all entries, with the balance after each."""
        self._show("account")

    def show_balance(self) -> None:
        """Show what the balance is made of."""
        self._show("balance")

    def show_jobs(self) -> None:
        """Show the jobs."""
        self._show("jobs")

    def _show(self, name: str) -> None:
        self._views.show(name)
        self._lists[name].show(self._customer_id)
        self.update_idletasks()
        self.focus_first()

    def focus_filters(self) -> None:
        """Focus the period of the history."""
        self._show("account")
        self._account.filters.focus_first()

    # --- where it leads ----------------------------------------------------------------------------

    def new_job(self) -> None:
        """Show the form of a new job for this customer."""
        self._lead("new_job")

    def take_money(self) -> None:
        """Show the form of a payment by this customer."""
        self._lead("take_payment")

    def edit(self) -> None:
        """Show the form with this customer."""
        self._lead("customers")

    def _lead(self, screen_name: str) -> None:
        self.desk.show(screen_name, customer_id=self._customer_id)

    def audit(self) -> None:
        """Show the audit trail of this customer."""
        self.desk.show("audit", record_id=self._customer_id)

    # --- what is done here -------------------------------------------------------------------------

    def use_credit(self) -> None:
        """Settle the oldest open jobs from the customer's credit."""
        ask_credit(self.desk, self._customer_id)

    def refund(self) -> None:
        """Refund credit."""
        credit = credit_minor(self.desk.db, self._customer_id)
        if credit == 0:
            self.desk.tell(_("There is no credit to refund."))
            return
        ask_refund(
            self.desk,
            _("Refund to {name}").format(name=self._customer.name),
            _("Out of the credit of {amount}, the oldest money first.").format(
                amount=self.desk.shop.currency.format(credit)
            ),
            customer_id=self._customer_id,
            amount_minor=credit,
        )

    def open_balance(self) -> None:
        """Enter the balance from before the shop used CleanFlow."""
        ask_opening_balance(self.desk, self._customer, lambda: self._told(_("Saved: the opening balance")))

    def toggle_active(self) -> None:
        """Make the customer inactive, or active again."""
        active = not self._customer.is_active
        self.desk.do(
            lambda: set_customer_active(self.desk.db, self._customer_id, active),
            lambda customer: self._told(
                _("{name} is active again.").format(name=customer.name)
                if active
                else _("{name} is not active any more.").format(name=customer.name)
            ),
        )

    def _told(self, words: str) -> None:
        self.desk.changed(CUSTOMERS_CHANGED, JOBS_CHANGED, PAYMENTS_CHANGED, SYNC_CHANGED)
        self.desk.tell(words)
