"""The books themselves: accounts, ledger entries, the audit trail, and what a reader of them must know."""

from __future__ import annotations

from typing import Final

from cleanflow.language import _l
from cleanflow.records.common import BUSINESS_DATE, USER
from cleanflow.records.types import (
    Field,
    Kind,
    Record,
    Rule,
    Unique,
    amount,
    choice,
    json_text,
    number,
    pointer,
    text,
)

FEATURES: Final = Record(
    name="features",
    one="feature",
    title=_l("Feature"),
    label="name",
    note="what a program must know before it may merge this shop's records; see records.KNOWN_FEATURES",
    own_fields=(
        text("name", _l("Name"), 100, low=1),
        text("description", _l("Description"), 1000, low=1, note="for the owner, in words"),
    ),
)

ACCOUNTS: Final = Record(
    name="accounts",
    one="account",
    title=_l("Account"),
    label="name",
    changed="<<SettingsChanged>>",
    note="the chart of accounts; a category brings its own",
    own_fields=(
        text("name", _l("Name"), 200, low=1, editable=True),
        choice("kind", _l("Kind"), "ASSET LIABILITY EQUITY INCOME EXPENSE"),
    ),
)

#: What this version posts. Another one may post other kinds.
ENTRY_KINDS: Final = (
    "JOB ADJUSTMENT DISCOUNT WRITE_OFF CANCELLATION PAYMENT REFUND PAYMENT_REVERSAL REFUND_REVERSAL OPENING"
    " EXPENSE EXPENSE_REVERSAL FLOAT PAY_IN PAY_OUT BANK_DEPOSIT VARIANCE"
).split()

LEDGER_ENTRIES: Final = Record(
    name="ledger_entries",
    one="ledger_entry",
    title=_l("Ledger entry"),
    label="chain_number",
    changed="<<CustomersChanged>>",
    frozen_as="ledger_immutable",
    is_audited=False,
    note="one row moves one amount: it cannot be out of balance",
    own_fields=(
        number("chain_number", _l("No."), note="1, 2, 3 … per PC"),
        text("kind", _l("Kind"), 40, low=1, note="open: the accounts carry the meaning"),
        pointer("debit_account_id", "accounts", _l("Debit")),
        pointer("credit_account_id", "accounts", _l("Credit")),
        amount("amount_minor", _l("Amount")),
        pointer("customer_id", "customers", _l("Customer"), nullable=True),
        pointer("job_id", "jobs", _l("Job"), nullable=True),
        pointer("source_id", note="the record that caused the entry"),
        BUSINESS_DATE,
        USER,
        Field(name="previous_hash", kind=Kind.HASH),
        Field(name="hash", kind=Kind.HASH, note="see cleanflow/records/chain.py"),
    ),
    rules=(
        Rule(
            "accounts_equal",
            lambda row: row["debit_account_id"] != row["credit_account_id"],
            "debit_account_id <> credit_account_id",
        ),
    ),
    uniques=(Unique("chain_forked", ("device_id", "chain_number")),),
)

AUDIT_LOGS: Final = Record(
    name="audit_logs",
    one="audit_log",
    title=_l("Audit row"),
    label="table_name",
    frozen_as="audit_immutable",
    is_audited=False,
    note="written by triggers alone",
    id_default=(
        "(lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)"
        " || '-' || substr('89AB', 1 + abs(random() % 4), 1) || substr(hex(randomblob(2)), 2)"
        " || '-' || hex(randomblob(6))))"
    ),
    own_fields=(
        # no foreign key: the first user's own row names that user
        pointer("user_id", label=USER.label, nullable=True, note="NULL: the device's own act"),
        choice("action", _l("Action"), "INSERT UPDATE OVERWRITTEN"),
        text("table_name", _l("Table"), 200, low=1),
        text("record_id", _l("Record"), 200, low=1),
        json_text("old_value", nullable=True),
        json_text("new_value", nullable=True),
    ),
)
