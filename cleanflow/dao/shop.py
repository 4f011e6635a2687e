"""The shop: its set-up on the first PC, and its settings."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cleanflow import money
from cleanflow.dao.fields import choice, clean_text
from cleanflow.dao.stamps import business_date, known, new_id, record_stamp, update_record
from cleanflow.dao.users import User, add_user, require_owner
from cleanflow.db import Database, with_transaction
from cleanflow.errors import Refusal
from cleanflow.phones import country_of_currency, country_of_number, is_country

DATE_ORDERS = ("DMY", "MDY", "YMD")


@dataclass(frozen=True)
class Shop:
    """The settings of the shop, and this PC's code.

    A drawer variance above ``variance_limit_minor`` needs an owner; ``None`` is no limit.
    """

    name: str
    address: str
    phone: str
    currency: money.Currency
    day_starts_at: int
    date_order: str
    variance_limit_minor: int | None
    is_blind_count: bool
    pc_code: str


def is_set_up(db: Database) -> bool:
    """Whether this PC has a shop."""
    return db.value("SELECT device_id FROM app_settings") is not None


def get_shop(db: Database) -> Shop:
    """The shop's settings. Refuses with ``not_set_up``, or ``settings_damaged`` if one is missing."""
    code = db.value("SELECT code FROM devices WHERE id = :id", {"id": db.device_id})
    values = {row["key"]: row["value"] for row in db.rows("SELECT key, value FROM settings")}
    try:
        return Shop(
            name=values["shop_name"],
            address=values["shop_address"],
            phone=values["shop_phone"],
            currency=money.currency(values["currency"]),
            day_starts_at=int(values["day_starts_at"]),
            date_order=values["date_order"],
            variance_limit_minor=int(values["variance_limit"]) if values["variance_limit"] else None,
            is_blind_count=values["blind_count"] == "1",
            pc_code=code,
        )
    except (KeyError, ValueError) as error:
        raise Refusal("settings_damaged") from error


def shop_country(db: Database) -> str | None:
    """The ISO 3166 code of the shop's country, by which its phone numbers are read; ``None``: unknown.

    The setting ``country``, else the country of the shop's own number with ``+``, else of its currency.
    """
    query = "SELECT key, value FROM settings WHERE key IN ('country', 'shop_phone', 'currency')"
    values = {row["key"]: row["value"] for row in db.rows(query)}
    if values.get("country"):
        return str(values["country"])
    phone = values.get("shop_phone", "")
    return (country_of_number(phone) if phone else None) or country_of_currency(values.get("currency", ""))


@with_transaction
def set_up_shop(
    db: Database,
    *,
    name: str,
    currency: str,
    pc_code: str,
    owner: str,
    pin: str,
    address: str = "",
    phone: str = "",
    day_starts_at: int = 0,
    date_order: str = "DMY",
) -> User:
    """Make this PC the first of a new shop; returns the owner and signs them in on ``db``.

    Refuses with ``already_set_up``, ``code_invalid``, ``currency_unknown`` and the like, and with
    ``clock_unsure`` if the PC has lost the time, because later days are compared with this one.
    """
    if is_set_up(db):
        raise Refusal("already_set_up", shop=get_shop(db).name)
    device_id = new_id()
    db.execute("UPDATE app_settings SET device_id = :id", {"id": device_id})
    db.forget_identity()
    device = {"id": device_id, "code": check_pc_code(pc_code), "drawer_id": new_id()}
    user = add_user(db, name=owner, role="OWNER", pin=pin)
    db.insert("devices", {**device, **record_stamp(db)})
    change_settings(
        db,
        {
            "shop_name": clean_text("The shop's name", name, limit=200, required=True),
            "currency": currency,
            "shop_address": address,
            "shop_phone": phone,
            "day_starts_at": str(day_starts_at),
            "date_order": date_order,
        },
    )
    # Default values become this shop's settings too, so that a PC that joins receives them.
    db.execute(
        "UPDATE settings SET updated_at = :at, written_by = :id, sync_status = 'PENDING'"
        " WHERE written_by <> :id",
        {"at": db.session.at, "id": device_id},
    )
    business_date(db, None)
    db.session.user_id = user.id
    return user


@with_transaction
def change_settings(db: Database, changes: dict[str, str]) -> Shop:
    """Change settings by key. Refuses invalid values, and with ``currency_fixed`` or ``currency_shared``."""
    require_owner(db)
    for key, value in changes.items():
        text = _checked_setting(key, value)
        row = known(db.one("SELECT id, value FROM settings WHERE key = :key", {"key": key}), "setting")
        if key == "currency" and row["value"] != text and db.value("SELECT shop_id FROM sync_state"):
            raise Refusal("currency_shared")
        if row["value"] != text:
            update_record(db, "settings", row["id"], {"value": text})
    return get_shop(db)


def check_pc_code(code: str) -> str:
    """The code in capitals. Refuses with ``code_invalid``."""
    text = code.strip().upper()
    if not re.fullmatch(r"[A-Z0-9]{1,6}", text):
        raise Refusal("code_invalid", text=code)
    return text


def _checked_setting(key: str, value: str) -> str:
    if key == "currency":
        return money.currency(value).code
    if key == "day_starts_at":
        return choice(value, tuple(str(hour) for hour in range(13)))
    if key == "date_order":
        return choice(value, DATE_ORDERS)
    if key == "blind_count":
        return choice(value, ("0", "1"))
    if key == "variance_limit":
        return _checked_limit(value)
    if key == "country":
        return _checked_country(value)
    return clean_text(key, value, limit=1000, lines=key == "shop_address", required=key == "shop_name")


def _checked_country(value: str) -> str:
    """A country's ISO 3166 code in capitals; empty where the shop's number or currency says enough."""
    code = value.strip().upper()
    if code and not is_country(code):
        raise Refusal("country_unknown", text=value)
    return code


def _checked_limit(value: str) -> str:
    """An amount in minor units as text; empty for no limit."""
    if value in ("", "0"):
        return value
    if not re.fullmatch("[0-9]{1,20}", value):
        raise Refusal("amount_not_a_number", text=value)
    return str(money.check_amount(int(value)))
