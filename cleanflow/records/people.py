"""The shop, its PCs, its people, its customers."""

from __future__ import annotations

import re
from typing import Final

from cleanflow.language import _l
from cleanflow.records.common import ACTIVE, EXTERNAL_KEY, MERGED_INTO, NOTES
from cleanflow.records.types import Record, Rule, Setting, Unique, choice, pointer, text

_CODE = re.compile("[A-Z0-9]{1,6}")

DEVICES: Final = Record(
    name="devices",
    one="device",
    title=_l("PC"),
    label="code",
    changed="<<SettingsChanged>>",
    note="the shop's PCs; id = device_id",
    own_fields=(
        text("code", _l("PC code"), 6, low=1, editable=True),
        text("name", _l("Name"), editable=True),
        pointer(
            "drawer_id",
            label=_l("Drawer shared by"),
            editable=True,
            note="PCs that share a cash drawer share this id",
        ),
        ACTIVE,
    ),
    rules=(
        Rule("device_of_another", lambda row: row["device_id"] == row["id"], "device_id = id"),
        Rule(
            "code_invalid",
            lambda row: _CODE.fullmatch(row["code"]) is not None,
            "code NOT GLOB '*[^A-Z0-9]*'",
            "code ~ '^[A-Z0-9]{1,6}$'",
        ),
    ),
)

SETTINGS: Final = Record(
    name="settings",
    one="setting",
    title=_l("Setting"),
    label="key",
    changed="<<SettingsChanged>>",
    note="of the whole shop; the rows are seeded, ids fixed",
    own_fields=(text("key", high=200, low=1), text("value", _l("Value"), 10_000, editable=True, lines=True)),
    uniques=(Unique("setting_exists", ("key",)),),
)

#: What every shop has; the place in this list is part of the row's fixed id, so new ones come last.
SHOP_SETTINGS: Final = (
    Setting("shop_name", "", _l("Shop's name")),
    Setting("shop_address", "", _l("Shop's address")),
    Setting("shop_phone", "", _l("Shop's phone")),
    Setting("currency", "USD", _l("Currency")),
    Setting("day_starts_at", "0", _l("Day starts at (hour)"), "hour at which the shop's day begins, 0 to 12"),
    Setting("date_order", "DMY", _l("How dates are written"), "how the shop writes dates: DMY, MDY, YMD"),
    Setting(
        "variance_limit",
        "",
        _l("Drawer difference a cashier may close with"),
        "a drawer's difference above it needs an owner; minor units, '' none",
    ),
    Setting(
        "blind_count",
        "0",
        _l("Drawer is counted without seeing what is expected"),
        "1: what is expected is shown only after counting",
    ),
    Setting("country", "", _l("Country"), "ISO 3166, for phone numbers; '' by number or currency"),
)

USERS: Final = Record(
    name="users",
    one="user",
    title=_l("User"),
    label="name",
    changed="<<UsersChanged>>",
    own_fields=(
        text("name", _l("Name"), 200, low=1, editable=True),
        choice("role", _l("Role"), "OWNER CASHIER", editable=True),
        text(
            "secret_hash",
            _l("PIN"),
            editable=True,
            secret_as="secret",
            note="scrypt, with its salt and cost; never the PIN",
        ),
        ACTIVE,
        MERGED_INTO,
    ),
)

CUSTOMERS: Final = Record(
    name="customers",
    one="customer",
    title=_l("Customer"),
    label="name",
    changed="<<CustomersChanged>>",
    own_fields=(
        text("name", _l("Name"), 200, low=1, editable=True, searched=True),
        text("phone", _l("Phone"), 100, editable=True, searched=True),
        text("address", _l("Address"), editable=True, lines=True, searched=True),
        NOTES,
        EXTERNAL_KEY,
        ACTIVE,
    ),
)
