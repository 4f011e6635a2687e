"""The receipt of a payment: the amount, the jobs it settled, what is still owed.

Refunds and reversals get receipts, too, under their own title.
"""

from __future__ import annotations

from cleanflow.clock import local_time
from cleanflow.dao.customers import Customer, get_customer
from cleanflow.dao.payment_lists import PaymentFacts, Settled, payment_facts, settled_by
from cleanflow.dao.payments import Payment
from cleanflow.dao.shop import Shop, get_shop
from cleanflow.db import Database, snapshot
from cleanflow.language import _
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
from cleanflow.reports.pages.letterhead import on_letterhead
from cleanflow.reports.pages.slips import customer_section, slip_title
from cleanflow.reports.words import method_word, money_move_word


def receipt(
    db: Database, payment_id: str, is_copy: bool = False, *, received_minor: int | None = None
) -> Document:
    """The receipt of a payment, refund or reversal; ``received_minor`` is the cash handed over.

    What it settled and what is still owed are as they stand now. Refuses with ``record_unknown``.
    """
    with snapshot(db):
        facts, shop = payment_facts(db, payment_id), get_shop(db)
        customer = get_customer(db, facts.payment.customer_id)
        settled = [line for line in settled_by(db, payment_id) if line.amount_minor]
    entered = local_time(facts.entered_at, db.clock.zone)
    return on_letterhead(
        shop,
        slip_title(_title(facts.payment), is_copy),
        shown_date(facts.payment.business_date, shop.date_order),
        (
            Section(_("Receipt"), facts=_head(facts, shown_moment(entered, shop.date_order))),
            customer_section(customer),
            _amount(facts, shop, received_minor),
            *_settled(facts.payment, settled),
            _account(facts.payment, customer),
        ),
        notes=(_("What is owed is as it stands now."),) if is_copy else (),
    )


def _title(payment: Payment) -> str:
    words = {"PAYMENT": _("Receipt"), "OPENING": _("Opening balance")}
    return words.get(payment.kind) or money_move_word(payment.kind)


def _head(facts: PaymentFacts, entered: str) -> tuple[Fact, ...]:
    payment = facts.payment
    number = Fact(_("Number"), payment.reference, "text", link=Link("payment", payment.id), is_large=True)
    head = [number, Fact(_("Entered"), entered, "text")]
    if facts.user:
        head.append(Fact(_("By"), facts.user, "text"))
    if facts.reverses:
        head.append(Fact(_("Takes back"), facts.reverses.reference, "text"))
    if facts.reversed_by:
        head.append(Fact(_("Taken back by"), facts.reversed_by.reference, "text"))
    return tuple(head)


def _amount(facts: PaymentFacts, shop: Shop, received_minor: int | None) -> Section:
    payment = facts.payment
    money = [Fact(_amount_words(payment), payment.amount_minor, is_total=True)]
    if received_minor is not None and received_minor >= payment.amount_minor:
        money.append(Fact(_("Cash received"), received_minor))
        money.append(Fact(_("Change"), received_minor - payment.amount_minor))
    reason = (_("Reason: {words}").format(words=payment.reason),) if payment.reason else ()
    title = _("Amount in {currency}").format(currency=shop.currency.code)
    return Section(title, facts=tuple(money), notes=reason)


def _amount_words(payment: Payment) -> str:
    words = {
        "PAYMENT": _("Paid"),
        "OPENING": _("Credit from before"),
        "REFUND": _("Given back"),
        "REVERSAL": _("Payment taken back"),
        "REFUND_REVERSAL": _("Refund taken back"),
    }
    word = words.get(payment.kind, payment.kind)
    return f"{word}, {method_word(payment.method)}" if payment.method else word


def _settled(payment: Payment, lines: list[Settled]) -> tuple[Section, ...]:
    if not lines:
        return ()
    columns = (
        Column(_("Number")),
        Column(_("For"), share=1),
        Column(_("Amount"), "money"),
        Column(_("Still due"), "money"),
    )
    rows = tuple(
        (line.reference, _what(payment, line), line.amount_minor, line.due_minor or None) for line in lines
    )
    links = tuple(
        Link("job", line.job_id)
        if line.job_id
        else Link("payment", line.payment_id if payment.kind == "REFUND" else line.refund_id or "")
        for line in lines
    )
    title = _("Out of") if payment.kind == "REFUND" else _("Paid for")
    return (Section(title, tables=(Table(columns, rows, links=links),)),)


def _what(payment: Payment, line: Settled) -> str:
    if line.job_id or payment.kind == "REFUND":
        return line.words
    return ": ".join(part for part in (money_move_word("REFUND"), line.words) if part)


def _account(payment: Payment, customer: Customer) -> Section:
    facts = []
    if payment.unallocated_minor > 0:
        facts.append(Fact(_("Of this payment not used yet"), payment.unallocated_minor))
    balance = customer.balance_minor
    still = Fact(_("Still owed"), balance) if balance >= 0 else Fact(_("Your credit"), -balance)
    return Section(_("Your account"), facts=(*facts, still))
