"""The chart of accounts that every shop starts with; fixed ids, so that PCs that join have one of each."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

_FIXED: Final = "00000000-0000-4000-8000-00000000"

#: (number, name, kind), in the order of the chart. The number ends the account's id.
CHART: Final = (
    ("1000", "Cash", "ASSET"),
    ("1010", "Bank", "ASSET"),
    ("1200", "Accounts receivable", "ASSET"),
    ("3000", "Opening balances", "EQUITY"),
    ("3100", "Owner's funds", "EQUITY"),  # float, pay-in and pay-out of the drawer
    ("4000", "Service revenue", "INCOME"),
    ("4100", "Discounts given", "INCOME"),
    ("4200", "Price adjustments", "INCOME"),
    ("4300", "Cancelled jobs", "INCOME"),
    ("5000", "Other expenses", "EXPENSE"),
    ("5010", "Supplies", "EXPENSE"),
    ("5020", "Rent", "EXPENSE"),
    ("5030", "Wages", "EXPENSE"),
    ("5040", "Electricity and water", "EXPENSE"),
    ("5050", "Transport", "EXPENSE"),
    ("5060", "Repairs", "EXPENSE"),
    ("5900", "Bad debts written off", "EXPENSE"),
    ("5950", "Cash over and short", "EXPENSE"),
)

#: The accounts of the chart that are expense categories, too.
CATEGORIES: Final = tuple(number for number, _name, _kind in CHART if "5000" <= number < "5900")


class Account(StrEnum):
    """The ids of the accounts that operations post to."""

    CASH = _FIXED + "1000"
    BANK = _FIXED + "1010"
    RECEIVABLE = _FIXED + "1200"
    OPENING = _FIXED + "3000"
    OWNER = _FIXED + "3100"
    REVENUE = _FIXED + "4000"
    DISCOUNTS = _FIXED + "4100"
    ADJUSTMENTS = _FIXED + "4200"
    CANCELLED = _FIXED + "4300"
    WRITTEN_OFF = _FIXED + "5900"
    CASH_VARIANCE = _FIXED + "5950"


def account_id(number: str) -> str:
    """The id of an account of the chart."""
    return _FIXED + number


#: Payment method -> the account where its money lies. None: an opening balance.
MONEY_ACCOUNT: Final = {"CASH": Account.CASH, "BANK": Account.BANK}

#: Kind of adjustment -> the account that it is booked against.
ADJUSTMENT_ACCOUNT: Final = {
    "ADJUSTMENT": Account.ADJUSTMENTS,
    "DISCOUNT": Account.DISCOUNTS,
    "WRITE_OFF": Account.WRITTEN_OFF,
    "CANCELLATION": Account.CANCELLED,
}

#: Kind of drawer movement -> (debit, credit).
MOVEMENT_ACCOUNTS: Final = {
    "FLOAT": (Account.CASH, Account.OWNER),
    "PAY_IN": (Account.CASH, Account.OWNER),
    "PAY_OUT": (Account.OWNER, Account.CASH),
    "BANK_DEPOSIT": (Account.BANK, Account.CASH),
}
