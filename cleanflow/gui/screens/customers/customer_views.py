"""The three lists of a customer's page: history, explanation of the balance, jobs."""

from __future__ import annotations

import tkinter

from ttkbootstrap import Frame, Label

from cleanflow.dao.balances import BalanceLine, Explanation, explain_balance, explanation_page
from cleanflow.dao.customer_lists import CustomerJob, list_customer_jobs
from cleanflow.dao.paging import Page, Slice
from cleanflow.dao.statements import AccountLine, balance_before, list_account
from cleanflow.gui.desk import Desk
from cleanflow.gui.widgets.filters import Filters
from cleanflow.gui.widgets.labels import WORK_STATUSES, balance_words, payment_word, short_date
from cleanflow.gui.widgets.records import Column, Order, RecordList
from cleanflow.gui.widgets.sent import sent_column
from cleanflow.language import _
from cleanflow.reports.words import entry_word, job_change_word, job_status_word, method_word


class AccountView(Frame):
    """Every entry of a customer, the newest first, with the balance after it."""

    def __init__(self, parent: tkinter.Misc, desk: Desk) -> None:
        super().__init__(parent)
        self._desk = desk
        self._customer_id = ""
        above = Frame(self)
        above.pack(fill="x", pady=(0, 6))
        self.filters = Filters(above, desk, "customer_page", self.reload)
        self.filters.period("period", _("Period"), _("All"))
        self.filters.pack(side="left")
        self._before = Label(above)
        self._before.pack(side="right")
        unit, order = desk.shop.currency, desk.shop.date_order
        columns: list[Column[AccountLine]] = [
            Column("date", _("Date"), 86, lambda line: short_date(line.business_date, order), sort="date"),
            Column("reference", _("No."), 96, lambda line: line.reference),
            Column("what", _("What"), 200, _entry_words, stretches=True),
            Column("change", _("Charged, or paid (-)"), 134, lambda line: unit.format(line.change_minor),
                   is_right=True),
            Column("balance", _("Balance"), 122, lambda line: unit.format(line.balance_minor), is_right=True),
        ]  # fmt: skip
        self.list = RecordList(
            self,
            desk,
            "customer_page.account",
            columns,
            self._read,
            identify=lambda line: line.id,
            order=Order("date", descending=True),
            empty=_("No entries yet. Ctrl+N takes in a job, Ctrl+M takes money."),
            on_open=self._open,
        )
        self.list.pack(fill="both", expand=True)

    def show(self, customer_id: str) -> None:
        """Read this customer's account."""
        self._customer_id = customer_id
        self.reload()

    def reload(self) -> None:
        """Read the account again."""
        desk = self._desk
        first = self.filters.read_period("period").first
        words = ""
        if first is not None and self._customer_id:
            balance = balance_before(desk.db, self._customer_id, first)
            words = _("Before {day}: {balance}").format(
                day=short_date(first.isoformat(), desk.shop.date_order),
                balance=balance_words(balance, desk.shop.currency),
            )
        self._before.configure(text=words)
        self.list.reload()

    def _read(self, part: Slice) -> Page[AccountLine]:
        period = self.filters.read_period("period")
        return list_account(self._desk.db, part, self._customer_id, first=period.first, last=period.last)

    def _open(self, line: AccountLine) -> None:
        _show_record(self._desk, line.job_id, line.payment_id)


class BalanceView(Frame):
    """What the balance is made of: open jobs and payments, each with the steps that led there."""

    def __init__(self, parent: tkinter.Misc, desk: Desk) -> None:
        super().__init__(parent)
        self._desk = desk
        self._explanation = Explanation(0, ())
        self._sum = Label(self)
        self._sum.pack(anchor="w", pady=(0, 6))
        unit, order = desk.shop.currency, desk.shop.date_order
        columns: list[Column[BalanceLine]] = [
            Column("date", _("Date"), 86, lambda line: short_date(line.business_date, order)),
            Column("reference", _("No."), 96, lambda line: line.reference),
            Column("what", _("What"), 200, _step_words, stretches=True),
            Column("change", _("Amount"), 122, lambda line: unit.format(line.change_minor), is_right=True),
            Column("open", _("Still open"), 122, lambda line: "" if line.open_minor is None
                   else unit.format(line.open_minor), is_right=True),
        ]  # fmt: skip
        self.list = RecordList(
            self,
            desk,
            "customer_page.balance",
            columns,
            lambda part: explanation_page(self._explanation, part),
            identify=lambda line: f"{line.kind}{line.id}",
            order=Order(""),
            empty=_("Every job is paid and no money is left over."),
            on_open=self._open,
        )
        self.list.pack(fill="both", expand=True)

    def show(self, customer_id: str) -> None:
        """Explain this customer's balance."""
        self._explanation = explain_balance(self._desk.db, customer_id)
        unit = self._desk.shop.currency
        lines = [line.open_minor for line in self._explanation.lines if line.open_minor is not None]
        owed = sum(amount for amount in lines if amount > 0)
        credit = -sum(amount for amount in lines if amount < 0)
        words = balance_words(self._explanation.balance_minor, unit)
        if owed and credit:
            words = _("Still due {owed}, less credit {credit}: {balance}").format(
                owed=unit.format(owed), credit=unit.format(credit), balance=words
            )
        self._sum.configure(text=words[:1].upper() + words[1:])
        self.list.reload()

    def _open(self, line: BalanceLine) -> None:
        if line.kind in ("PAID", "PAYMENT") or line.job_id is None:
            _show_record(self._desk, None, line.payment_id)
        else:
            _show_record(self._desk, line.job_id, None)


class JobsView(Frame):
    """All jobs of a customer, the newest first."""

    def __init__(self, parent: tkinter.Misc, desk: Desk) -> None:
        super().__init__(parent)
        self._desk = desk
        self._customer_id = ""
        unit, order = desk.shop.currency, desk.shop.date_order
        columns: list[Column[CustomerJob]] = [
            Column("date", _("Date"), 86, lambda job: short_date(job.business_date, order), sort="date"),
            Column("reference", _("No."), 96, lambda job: job.reference),
            Column("what", _("What"), 110, lambda job: job.what, stretches=True),
            Column("ready", _("Ready on"), 86, lambda job: short_date(job.due_date, order)),
            Column("work", _("Work"), 86, lambda job: WORK_STATUSES[job.work_status]),
            Column("paid", _("Money"), 76, lambda job: job_status_word(job.payment_status, job.work_status)),
            Column("total", _("Total"), 118, lambda job: unit.format(job.total_minor), is_right=True),
            Column("due", _("Due"), 118, lambda job: unit.format(job.due_minor), is_right=True),
            *sent_column(desk, "jobs", _id_of),
        ]
        self.list = RecordList(
            self,
            desk,
            "customer_page.jobs",
            columns,
            lambda part: list_customer_jobs(desk.db, part, self._customer_id),
            identify=lambda job: job.id,
            order=Order("date", descending=True),
            empty=_("No jobs yet. Ctrl+N takes one in."),
            on_open=lambda job: _show_record(desk, job.id, None),
        )
        self.list.pack(fill="both", expand=True)

    def show(self, customer_id: str) -> None:
        """Read this customer's jobs."""
        self._customer_id = customer_id
        self.list.reload()


def _id_of(job: CustomerJob) -> str:
    return job.id


def _show_record(desk: Desk, job_id: str | None, payment_id: str | None) -> None:
    if job_id is not None:
        desk.show("job_page", job_id=job_id)
    elif payment_id is not None:
        desk.show("payment_page", payment_id=payment_id)


def _entry_words(line: AccountLine) -> str:
    word = entry_word(line.kind, line.is_reversal)
    if line.method:
        word = f"{word}, {method_word(line.method)}"
    is_said = not line.words or (line.kind == "OPENING" and line.job_id is not None)
    return word if is_said else f"{word}: {line.words}"


def _step_words(line: BalanceLine) -> str:
    if line.open_minor is None:
        words = {
            "PAID": _("paid"),
            "USED": _("used for: {what}").format(what=line.words),
            "REFUND": _("given back: {what}").format(what=line.words),
        }.get(line.kind)
        return "      " + (words or f"{job_change_word(line.kind, line.is_reversal)}: {line.words}")
    if line.job_id is None:
        return _("{payment}, not used up").format(payment=payment_word(line.kind))
    return _("Owed from before") if line.kind == "OPENING" else line.words or entry_word("JOB")
