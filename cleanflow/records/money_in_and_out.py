"""Money that comes in and goes out: payments and their uses, expenses, the drawer and its closings."""

from __future__ import annotations

from typing import Final

from cleanflow.language import _l
from cleanflow.records.common import (
    ACTIVE,
    BUSINESS_DATE,
    EXTERNAL_KEY,
    MERGED_INTO,
    METHODS,
    NOT_NOTHING,
    REASON,
    REFERENCE,
    USER,
    reference_taken,
    reversal_named,
    reverses,
)
from cleanflow.records.types import (
    MAX_AMOUNT,
    MAX_SUM,
    Record,
    Rule,
    Unique,
    amount,
    choice,
    json_text,
    number,
    pointer,
    reference,
    text,
)

EXPENSE_CATEGORIES: Final = Record(
    name="expense_categories",
    one="expense_category",
    title=_l("Expense category"),
    label="name",
    changed="<<SettingsChanged>>",
    own_fields=(
        text("name", _l("Name"), 200, low=1, editable=True),
        pointer("account_id", "accounts", _l("Account")),
        ACTIVE,
        MERGED_INTO,
    ),
)

PAYMENTS: Final = Record(
    name="payments",
    one="payment",
    title=_l("Payment"),
    label="reference",
    changed="<<PaymentsChanged>>",
    note="money between a customer and the shop, in either direction",
    own_fields=(
        *REFERENCE,
        choice(
            "kind",
            _l("Kind"),
            "PAYMENT REFUND REVERSAL REFUND_REVERSAL OPENING",
            note="OPENING: credit from before",
        ),
        choice("method", _l("Paid by"), METHODS, nullable=True),
        pointer("customer_id", "customers", _l("Customer")),
        amount("amount_minor", _l("Amount")),
        reverses("payments"),
        REASON,
        BUSINESS_DATE,
        EXTERNAL_KEY,
        USER,
    ),
    rules=(
        reversal_named("REVERSAL", "REFUND_REVERSAL"),
        Rule(
            "method_missing",
            lambda row: row["method"] is not None or row["kind"] in ("OPENING", "REVERSAL"),
            "method IS NOT NULL OR kind IN ('OPENING', 'REVERSAL')",
        ),
    ),
    uniques=(reference_taken("receipt_reference_taken"),),
    **reference("R", "RECEIPT"),
)

PAYMENT_ALLOCATIONS: Final = Record(
    name="payment_allocations",
    one="payment_allocation",
    title=_l("Use of a payment"),
    label="payment_id",
    changed="<<PaymentsChanged>>",
    # What is settled together with its payment is told by the payment's own row, at no further cost.
    audited_when="{row}.created_at <> (SELECT created_at FROM payments WHERE id = {row}.payment_id)",
    note="what a payment's money went to: a job, or back as a refund",
    own_fields=(
        pointer("payment_id", "payments", _l("Payment")),
        pointer("job_id", "jobs", _l("Job"), nullable=True),
        pointer("refund_id", "payments", _l("Refund"), nullable=True),
        amount("amount_minor", _l("Amount"), -MAX_AMOUNT, note="negative: released again"),
        USER,
    ),
    rules=(
        NOT_NOTHING,
        Rule(
            "allocation_target",
            lambda row: (row["job_id"] is None) != (row["refund_id"] is None),
            "(job_id IS NULL) <> (refund_id IS NULL)",
        ),
    ),
)

EXPENSES: Final = Record(
    name="expenses",
    one="expense",
    title=_l("Expense"),
    label="reference",
    changed="<<ExpensesChanged>>",
    own_fields=(
        *REFERENCE,
        choice("kind", _l("Kind"), "EXPENSE REVERSAL"),
        choice("method", _l("Paid by"), METHODS),
        pointer("category_id", "expense_categories", _l("Category")),
        text("description", _l("Description")),
        amount("amount_minor", _l("Amount")),
        reverses("expenses"),
        BUSINESS_DATE,
        EXTERNAL_KEY,
        USER,
    ),
    rules=(reversal_named("REVERSAL"),),
    uniques=(reference_taken("expense_reference_taken"),),
    **reference("E", "EXPENSE"),
)

DRAWER_MOVEMENTS: Final = Record(
    name="drawer_movements",
    one="drawer_movement",
    title=_l("Drawer movement"),
    label="reference",
    changed="<<DrawerChanged>>",
    note="cash that is neither a customer's nor an expense",
    own_fields=(
        *REFERENCE,
        choice("kind", _l("Kind"), "FLOAT PAY_IN PAY_OUT BANK_DEPOSIT"),
        amount("amount_minor", _l("Amount")),
        REASON,
        BUSINESS_DATE,
        USER,
    ),
    uniques=(reference_taken("drawer_reference_taken"),),
    **reference("D", "DRAWER"),
)

DAY_CLOSINGS: Final = Record(
    name="day_closings",
    one="day_closing",
    title=_l("Day closing"),
    label="reference",
    changed="<<DrawerChanged>>",
    note="the drawer, counted; variance = counted - expected",
    own_fields=(
        *REFERENCE,
        pointer("drawer_id", label=_l("Drawer shared by")),
        BUSINESS_DATE,
        amount("expected_minor", _l("Expected in the drawer"), -MAX_SUM, MAX_SUM),
        amount("counted_minor", _l("Counted"), 0),
        amount("variance_minor", _l("Difference"), -MAX_SUM, MAX_SUM),
        json_text("denominations", _l("Notes and coins"), nullable=True),
        REASON,
        json_text("heads", unaudited=True, note="PC -> chain number up to which it tells"),
        json_text("report", unaudited=True, nullable=True, note="the report as it was closed"),
        USER,
    ),
    rules=(
        Rule(
            "variance_wrong",
            lambda row: row["variance_minor"] == row["counted_minor"] - row["expected_minor"],
            "variance_minor = counted_minor - expected_minor",
        ),
    ),
    uniques=(reference_taken("closing_reference_taken"),),
    **reference("Z", "CLOSING"),
)

CLOSING_ADDENDA: Final = Record(
    name="closing_addenda",
    one="closing_addendum",
    title=_l("Addendum to a closing"),
    label="closing_id",
    changed="<<DrawerChanged>>",
    note="what arrived for a day after it was closed, as a report",
    own_fields=(
        pointer("closing_id", "day_closings", _l("Day closing")),
        number("number", _l("Number"), note="1, 2, 3 … of the closing"),
        json_text("heads", unaudited=True, note="PC -> chain number up to which it tells"),
        json_text("report", unaudited=True),
        USER,
    ),
    uniques=(Unique("addendum_number_taken", ("closing_id", "device_id", "number")),),
)
