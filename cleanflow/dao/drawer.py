"""Cash movements that are no payment and no expense: float, pay-ins, pay-outs, bank deposits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cleanflow.dao import ledger
from cleanflow.dao.fields import choice, clean_reason
from cleanflow.dao.stamps import business_date, fact_stamp, known, new_id, next_reference
from cleanflow.db import Database, with_transaction
from cleanflow.money import check_amount
from cleanflow.records.chart import Account

#: Kind of movement -> (debit, credit).
_TRANSFERS = {
    "FLOAT": (Account.CASH, Account.OWNER),
    "PAY_IN": (Account.CASH, Account.OWNER),
    "PAY_OUT": (Account.OWNER, Account.CASH),
    "BANK_DEPOSIT": (Account.BANK, Account.CASH),
}
MOVEMENTS = tuple(_TRANSFERS)


@dataclass(frozen=True)
class DrawerMovement:
    """Cash into the drawer (FLOAT, PAY_IN) or out of it (PAY_OUT to the owner, BANK_DEPOSIT)."""

    id: str
    reference: str
    kind: str
    amount_minor: int
    reason: str
    business_date: str


@with_transaction
def move_cash(
    db: Database,
    kind: str,
    amount_minor: int,
    reason: str = "",
    *,
    on: date | str | None = None,
    movement_id: str | None = None,
) -> DrawerMovement:
    """Put cash into the drawer or take it out. All kinds but FLOAT need a reason."""
    choice(kind, MOVEMENTS)
    reference = next_reference(db, "DRAWER")
    values = {
        "id": movement_id or new_id(),
        "reference_number": reference.number,
        "reference": reference.text,
        "kind": kind,
        "amount_minor": check_amount(amount_minor),
        "reason": clean_reason(reason or ("Float" if kind == "FLOAT" else "")),
        "business_date": business_date(db, on),
    }
    db.insert("drawer_movements", {**values, **fact_stamp(db)})
    debit, credit = _TRANSFERS[kind]
    ledger.post(
        db,
        kind,
        debit=debit,
        credit=credit,
        amount_minor=amount_minor,
        source_id=str(values["id"]),
        business_date=str(values["business_date"]),
    )
    query = (
        "SELECT id, reference, kind, amount_minor, reason, business_date FROM drawer_movements WHERE id = :id"
    )
    return DrawerMovement(**known(db.one(query, {"id": values["id"]}), "drawer movement"))
