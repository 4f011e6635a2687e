"""The daily report as a document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from cleanflow.language import _
from cleanflow.records.chart import Account
from cleanflow.rendering.document import (
    Column,
    Document,
    Fact,
    Link,
    Section,
    Table,
    shown_date,
    shown_moment,
)
from cleanflow.reports.account_days import AccountDay
from cleanflow.reports.daily import DailyReport, DailyReports
from cleanflow.reports.day_money import Closing, Drawer
from cleanflow.reports.day_state import WAITING_LIMIT
from cleanflow.reports.pages.letterhead import on_letterhead
from cleanflow.reports.words import (
    job_change_word,
    job_status_word,
    method_word,
    money_move_word,
    movement_word,
    weekday_word,
)


def daily_document(report: DailyReport, closing_words: str = "") -> Document:
    """The page printed at closing; ``closing_words`` tell which closing it is, when and by whom."""
    shop = report.shop
    weekday = weekday_word(date.fromisoformat(report.date).weekday())
    return on_letterhead(
        shop,
        _("Daily report"),
        f"{weekday} {shown_date(report.date, shop.date_order)}",
        (
            _taken_in(report),
            _paid_out(report),
            *_drawer(report),
            _account(report, _("Bank"), Account.BANK, report.bank),
            *_owed(report),
            _records(report),
            _jobs(report),
            _payments(report),
            *_closings(report),
            *_counted(report),
            *_given_away(report),
            *_money_moves(report),
            _customers(report),
        ),
        notes=(*((closing_words,) if closing_words else _closed_already(report)), *_left_out(report)),
        signatures=(_("Counted by"), _("Checked by")),
    )


def daily_documents(reports: DailyReports) -> Document:
    """A page for each day."""
    shop = reports.shop
    pages = tuple(daily_document(day) for day in reports.days)
    whole = on_letterhead(shop, _("Daily report"), reports.period.shown(shop.date_order), ())
    return replace(whole, parts=pages)


def _closed_already(report: DailyReport) -> tuple[str, ...]:
    closing = report.drawer.closing
    if closing is None:
        return ()
    words = _("Closed as {reference}: F9 keeps the report of then. This is the day as it is now.")
    return (words.format(reference=closing.reference),)


def _left_out(report: DailyReport) -> Iterable[str]:
    """That drawers are a secret until they are counted."""
    if report.is_hidden or report.drawer.cash is None:
        yield (
            _(
                "The shop counts blind: what a drawer should hold, and the sums that tell it, are shown when"
                " it has been counted."
            )
        )


def _taken_in(report: DailyReport) -> Section:
    facts = []
    for item in report.money_in:
        method = method_word(item.method)
        payments = _("payment") if item.payment_count == 1 else _("payments")
        link = Link("payments", item.method, report.date, report.date)
        facts.append(_sum(f"{method}, {item.payment_count:,} {payments}", item.payments_minor, link))
        if item.reversal_count:
            words = f"{method}, {_('reversed')} ({item.reversal_count})"
            facts.append(_sum(words, item.reversals_minor, link))
    if not report.is_hidden:
        facts.append(Fact(_("Total"), report.taken_in_minor, is_total=True))
    if len(report.by_pc) > 1:
        for pc in report.by_pc:
            facts.append(Fact(_("of it on {pc}").format(pc=pc.pc), pc.cash_minor + pc.bank_minor))
    return Section(_("Taken in"), facts=tuple(facts), is_summary=True)


def _sum(label: str, amount_minor: int | None, link: Link) -> Fact:
    """A sum of the day; a dash while it is a secret (``None`` would be a blank to fill in)."""
    if amount_minor is None:
        return Fact(label, "–", "text", link=link)
    return Fact(label, amount_minor, link=link)


def _paid_out(report: DailyReport) -> Section:
    facts = [
        Fact(
            f"{line.category}, {method_word(line.method)}",
            line.amount_minor,
            link=Link("expenses", line.method, report.date, report.date),
        )
        for line in report.expenses
    ]
    for item in report.money_out:
        corrections = (
            (_("Expenses reversed"), item.expense_reversal_count, item.expense_reversals_minor),
            (_("Refunds"), item.refund_count, item.refunds_minor),
            (_("Refunds reversed"), item.refund_reversal_count, item.refund_reversals_minor),
        )
        facts += [
            Fact(f"{words}, {method_word(item.method)} ({count})", amount)
            for words, count, amount in corrections
            if count
        ]
    facts.append(Fact(_("Total"), report.paid_out_minor, is_total=True))
    return Section(_("Paid out"), facts=tuple(facts), is_summary=True)


def _account(report: DailyReport, title: str, account_id: str, account: AccountDay) -> Section:
    link = Link("account", str(account_id), report.date, report.date)
    facts = (
        Fact(_("At the start"), account.opening_minor),
        *_movement_facts(account, link),
        Fact(_("At the end"), account.closing_minor, is_total=True),
    )
    return Section(title, facts=facts, is_summary=True)


def _movement_facts(account: AccountDay, link: Link, without: str = "") -> Iterable[Fact]:
    return (
        Fact(movement_word(movement.kind), movement.amount_minor, link=link)
        for movement in account.movements
        if movement.kind != without
    )


def _owed(report: DailyReport) -> Iterable[Section]:
    if report.receivables is not None:
        yield _account(report, _("Owed by customers"), Account.RECEIVABLE, report.receivables)


def _drawer(report: DailyReport) -> Iterable[Section]:
    drawer, closing = report.drawer, report.drawer.closing
    if drawer.cash is None:
        return
    link = Link("account", str(Account.CASH), report.date, report.date)
    facts = [
        Fact(_("At the start"), drawer.cash.opening_minor),
        *_movement_facts(drawer.cash, link, without="VARIANCE"),
        *_counting(drawer),
    ]
    if report.cash is not None and report.cash != drawer.cash:
        facts.append(Fact(_("In all drawers at the end"), report.cash.closing_minor))
    notes = _why(closing) if closing else ()
    title = _("Cash drawer {pcs}").format(pcs=", ".join(dict.fromkeys(drawer.pcs)))
    yield Section(title, facts=tuple(facts), notes=notes, is_summary=True)


def _why(closing: Closing) -> tuple[str, ...]:
    """What is said of a count that differs."""
    notes = []
    if closing.reason:
        notes.append(f"{_('Why it differs')}: {closing.reason}")
    elif closing.difference_minor:
        notes.append(_("Counted blind, no reason was given."))
    if not closing.is_approved:
        notes.append(_("More than the shop's limit, booked without an owner."))
    return tuple(notes)


def _counting(drawer: Drawer) -> Iterable[Fact]:
    """What should be in the drawer, and what was counted.

    The differences that other counts of the day have booked are added, and cash recorded after the count is
    deducted, so that the lines add up to what was expected at this count.
    """
    closing, after_minor = drawer.closing, drawer.entered_after_minor
    if closing is None:
        return (
            Fact(_("Expected"), drawer.expected_minor, is_total=True),
            Fact(_("Counted"), None),
            Fact(_("Difference"), None),
        )
    facts = []
    if drawer.other_differences_minor:
        facts.append(Fact(_("Differences of the other counts"), drawer.other_differences_minor))
    if after_minor:
        facts.append(Fact(_("Without what came after the count"), -after_minor))
    expected = _("Expected at the count") if after_minor else _("Expected")
    facts += [
        Fact(expected, closing.expected_minor, is_total=True),
        Fact(_("Counted"), closing.counted_minor),
        Fact(_("Difference"), closing.difference_minor, is_total=True),
    ]
    if after_minor:
        facts.append(Fact(_("Now in the drawer"), closing.counted_minor + after_minor, is_total=True))
    return facts


def _closings(report: DailyReport) -> Iterable[Section]:
    """Every count of the day, where there were several."""
    closings = report.drawer.closings
    if len(closings) < 2:
        return
    columns = (
        Column(_("Closing")),
        Column(_("By")),
        Column(_("Expected"), "money"),
        Column(_("Counted"), "money"),
        Column(_("Difference"), "money"),
        Column(_("Why it differs"), share=1),
    )
    rows = tuple(
        (
            closing.reference,
            closing.by,
            closing.expected_minor,
            closing.counted_minor,
            closing.difference_minor,
            closing.reason,
        )
        for closing in closings
    )
    difference = sum(closing.difference_minor for closing in closings)
    table = Table(columns, rows, totals=(_("Total"), "", None, None, difference, ""))
    yield Section(_("Counts of the drawer: {count}").format(count=len(closings)), tables=(table,))


def _counted(report: DailyReport) -> Iterable[Section]:
    """The notes and coins, if they were counted one by one."""
    closing = report.drawer.closing
    if closing is None or not closing.denominations:
        return
    table = Table(
        (Column(_("Value"), "money"), Column(_("Pieces"), "number"), Column(_("Amount"), "money")),
        tuple((value, count, value * count) for value, count in closing.denominations),
        totals=(None, None, closing.counted_minor),
    )
    yield Section(_("Counted"), tables=(table,), is_narrow=True)


def _records(report: DailyReport) -> Section:
    waiting = report.waiting_to_sync
    backup = report.last_backup_at
    if waiting is None:
        synced = Fact(_("Not synchronised"), _("not set up"), "text")
    elif waiting >= WAITING_LIMIT:
        synced = Fact(_("Not synchronised"), _("{count} or more").format(count=f"{waiting:,}"), "text")
    else:
        synced = Fact(_("Not synchronised"), waiting, "number")
    shown_backup = shown_moment(backup, report.shop.date_order) if backup else _("never")
    facts = [synced, Fact(_("Last backup"), shown_backup, "text")]
    if report.entered_on_other_days:
        facts.append(Fact(_("Entered on another day"), report.entered_on_other_days, "number"))
    for head in report.chain_heads:
        label = _("{pc}, entry {number}").format(pc=head.pc, number=f"{head.number:,}")
        facts.append(Fact(label, head.hash, "text"))
    return Section(_("Records"), facts=tuple(facts), is_summary=True)


def _jobs(report: DailyReport) -> Section:
    rows = tuple(
        (
            job.reference,
            job.customer,
            job.what,
            job.total_minor,
            job.paid_minor,
            job_status_word(job.payment_status, job.work_status),
        )
        for job in report.jobs
    )
    total = sum(job.total_minor for job in report.jobs)
    agreed = sum(job.amount_minor for job in report.jobs)
    paid = None if report.is_hidden else sum(job.paid_minor for job in report.jobs)
    table = Table(
        columns=(
            Column(_("Job")),
            Column(_("Customer"), share=5),
            Column(_("Description"), share=4),
            Column(_("Total"), "money"),
            Column(_("Paid"), "money"),
            Column(_("State")),
        ),
        rows=rows,
        links=tuple(Link("job", job.id) for job in report.jobs),
        totals=("", _("Total"), "", total, paid, ""),
        when_empty=_("No jobs were made."),
    )
    notes = [_("Total, paid and state are as they stand now.")] if rows else []
    if agreed != total:
        notes.append(
            _("Agreed when the jobs were made: {amount}.").format(amount=report.shop.currency.format(agreed))
        )
    title = _("Jobs made: {count}").format(count=f"{len(rows):,}")
    return Section(title, tables=(table,), notes=(" ".join(notes),) if notes else ())


def _payments(report: DailyReport) -> Section:
    """Every payment of the day; that one was reversed is told among the money besides payments."""
    table = Table(
        columns=(
            Column(_("Receipt")),
            Column(_("Customer"), share=1),
            Column(_("Paid by")),
            Column(_("Amount"), "money"),
            Column(_("By")),
        ),
        rows=tuple(
            (line.reference, line.customer, method_word(line.method), line.amount_minor, line.user)
            for line in report.payments
        ),
        links=tuple(Link("payment", line.id) for line in report.payments),
        totals=None
        if report.is_hidden
        else ("", _("Total"), "", sum(line.amount_minor for line in report.payments), ""),
        when_empty=_("Nobody paid."),
    )
    title = _("Payments: {count}").format(count=f"{len(report.payments):,}")
    return Section(title, tables=(table,), is_narrow=True)


def _given_away(report: DailyReport) -> Iterable[Section]:
    """Who lowered a price, or took a job below the price list, by how much and why."""
    money = report.shop.currency.format
    changes = [
        (
            change.job,
            job_change_word(change.kind, change.is_reversal),
            f"{change.customer}: {change.reason}",
            change.user,
            change.amount_minor,
        )
        for change in report.job_changes
    ]
    below = [
        (
            line.job,
            _("Below list {price}").format(price=money(line.list_price_minor)),
            f"{line.customer}: {line.notes or line.what}",
            line.user,
            line.amount_minor,
        )
        for line in report.below_list
    ]
    rows = (*changes, *below)
    if not rows:
        return
    columns = (
        Column(_("Job")),
        Column(_("What")),
        Column(_("Customer and reason"), share=4),
        Column(_("By")),
        Column(_("Change"), "money"),
    )
    jobs = (*(change.job_id for change in report.job_changes), *(line.job_id for line in report.below_list))
    table = Table(
        columns,
        rows,
        totals=("", "", _("Total"), "", sum(row[-1] for row in rows)),
        links=tuple(Link("job", job_id) for job_id in jobs),
    )
    yield Section(_("Prices lowered and changed"), tables=(table,))


def _money_moves(report: DailyReport) -> Iterable[Section]:
    if not report.money_moves:
        return
    rows = tuple(
        (
            move.reference,
            f"{money_move_word(move.kind)}, {method_word(move.method)}",
            ": ".join(part for part in (move.whom, move.words) if part),
            move.user,
            move.amount_minor,
        )
        for move in report.money_moves
    )
    columns = (
        Column(_("Number")),
        Column(_("What")),
        Column(_("For and why"), share=4),
        Column(_("By")),
        Column(_("Amount"), "money"),
    )
    yield Section(_("Money besides payments"), tables=(Table(columns, rows),))


def _customers(report: DailyReport) -> Section:
    rows = tuple(
        (line.customer, line.before_minor, line.change_minor, line.after_minor) for line in report.customers
    )
    columns = (
        Column(_("Customer"), share=1),
        Column(_("Before"), "money"),
        Column(_("Change"), "money"),
        Column(_("After"), "money"),
    )
    changed = sum(line.change_minor for line in report.customers)
    table = Table(
        columns,
        rows,
        totals=(_("Total"), None, changed, None),
        links=tuple(Link("customer", line.customer_id) for line in report.customers),
        when_empty=_("Nobody owes more or less than before."),
    )
    return Section(_("Who owes more or less"), tables=(table,), is_narrow=True)
