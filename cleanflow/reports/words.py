"""Words for the codes of the books, on paper and screen."""

from __future__ import annotations

from cleanflow.language import _


def method_word(method: str) -> str:
    """Of a payment method."""
    return {"CASH": _("Cash"), "BANK": _("Bank")}.get(method, method)


def movement_word(kind: str) -> str:
    """Of a kind of ledger entry, as a line of an account."""
    return {
        "JOB": _("Jobs"),
        "ADJUSTMENT": _("Price adjustments"),
        "DISCOUNT": _("Discounts"),
        "WRITE_OFF": _("Written off"),
        "CANCELLATION": _("Cancelled jobs"),
        "PAYMENT": _("Payments"),
        "PAYMENT_REVERSAL": _("Payments reversed"),
        "REFUND": _("Refunds"),
        "REFUND_REVERSAL": _("Refunds reversed"),
        "OPENING": _("Opening balances"),
        "EXPENSE": _("Expenses"),
        "EXPENSE_REVERSAL": _("Expenses reversed"),
        "FLOAT": _("Float"),
        "PAY_IN": _("Paid in"),
        "PAY_OUT": _("Paid out to the owner"),
        "BANK_DEPOSIT": _("Banked"),
        "VARIANCE": _("Differences booked"),
    }.get(kind, kind)


def money_move_word(kind: str) -> str:
    """Of a movement of money other than a payment."""
    return {
        "REFUND": _("Refund"),
        "REVERSAL": _("Payment reversed"),
        "REFUND_REVERSAL": _("Refund reversed"),
        "EXPENSE": _("Expense"),
        "EXPENSE_REVERSAL": _("Expense reversed"),
        "FLOAT": _("Float"),
        "PAY_IN": _("Paid in"),
        "PAY_OUT": _("Paid out"),
        "BANK_DEPOSIT": _("Banked"),
    }.get(kind, kind)


def job_change_word(kind: str, is_reversal: bool) -> str:
    """Of a change of a job's total, or of its reversal."""
    words = {
        "ADJUSTMENT": (_("Adjustment"), _("Adjustment reversed")),
        "DISCOUNT": (_("Discount"), _("Discount reversed")),
        "WRITE_OFF": (_("Write-off"), _("Write-off reversed")),
        "CANCELLATION": (_("Cancellation"), _("Cancellation reversed")),
    }
    return words.get(kind, (kind, kind))[is_reversal]


def account_kind_word(kind: str) -> str:
    """Of an account in the chart of accounts."""
    return {
        "ASSET": _("What the shop has"),
        "LIABILITY": _("What the shop owes"),
        "EQUITY": _("The owner's share"),
        "INCOME": _("Income"),
        "EXPENSE": _("Expense"),
    }.get(kind, kind)


def entry_word(kind: str, is_reversal: bool = False) -> str:
    """Of one entry on a customer's account."""
    if kind in ("ADJUSTMENT", "DISCOUNT", "WRITE_OFF", "CANCELLATION"):
        return job_change_word(kind, is_reversal)
    return {
        "JOB": _("Job"),
        "PAYMENT": _("Payment"),
        "PAYMENT_REVERSAL": _("Payment reversed"),
        "OPENING": _("Opening balance"),
    }.get(kind, money_move_word(kind))


def job_status_word(payment_status: str, work_status: str) -> str:
    """Of a job's payment status; a cancelled job is neither paid nor open."""
    if work_status == "CANCELLED":
        return _("Cancelled")
    return {"PAID": _("Paid"), "PARTIAL": _("Part paid"), "UNPAID": _("Open")}[payment_status]


def weekday_word(number: int) -> str:
    """Of a weekday, 0 is Monday."""
    days = (
        _("Monday"),
        _("Tuesday"),
        _("Wednesday"),
        _("Thursday"),
        _("Friday"),
        _("Saturday"),
        _("Sunday"),
    )
    return days[number]


def month_word(month: str) -> str:
    """``March 2026`` of ``2026-03``."""
    months = (
        _("January"),
        _("February"),
        _("March"),
        _("April"),
        _("May"),
        _("June"),
        _("July"),
        _("August"),
        _("September"),
        _("October"),
        _("November"),
        _("December"),
    )
    return f"{months[int(month[5:]) - 1]} {month[:4]}"
