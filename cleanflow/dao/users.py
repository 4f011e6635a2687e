"""Who works here: names, roles, and PINs kept as scrypt hashes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import Protocol

from cleanflow.dao.fields import choice, clean_field
from cleanflow.dao.remembered import OWNER_BACK, remember
from cleanflow.dao.stamps import known, new_id, record_stamp, update_record
from cleanflow.db import Database, Row, with_transaction
from cleanflow.digits import ascii_digits
from cleanflow.errors import Refusal
from cleanflow.records.people import USERS

ROLES = ("OWNER", "CASHIER")

# 16 MB and some 50 ms on an old PC: RFC 7914's interactive parameters.
_COST, _BLOCK, _PARALLEL = 2**14, 8, 1


@dataclass(frozen=True)
class User:
    """A person who signs in; an OWNER may correct money, a CASHIER takes it.

    Several may have one name, because PCs that join one server each bring their users; ``pc_code`` (the PC
    where the user was added) and ``created_at`` tell them apart.
    """

    id: str
    name: str
    role: str
    is_active: bool
    pc_code: str
    created_at: str


_SELECT = """
    SELECT users.id, users.name, role, users.is_active, coalesce(code, '') AS pc_code, users.created_at
      FROM users LEFT JOIN devices ON devices.id = users.device_id
"""


def _user(row: Row) -> User:
    return User(
        row["id"], row["name"], row["role"], bool(row["is_active"]), row["pc_code"], row["created_at"]
    )


def get_user(db: Database, user_id: str) -> User:
    """One user. Refuses with ``record_unknown``."""
    return _user(known(db.one(f"{_SELECT} WHERE users.id = :id", {"id": user_id}), "user"))


def list_users(db: Database, *, with_inactive: bool = False) -> list[User]:
    """The active users by name; with the others, those come last."""
    query = f"""
        {_SELECT} WHERE users.is_active = 1 OR :all
         ORDER BY users.is_active DESC, users.name COLLATE NOCASE, users.created_at, users.id
    """
    return [_user(row) for row in db.rows(query, {"all": with_inactive})]


def first_owner(db: Database) -> User | None:
    """The owner of longest standing, in whose name commands of this PC's administrator act."""
    query = f"""
        {_SELECT} WHERE role = 'OWNER' AND users.is_active = 1
         ORDER BY users.created_at, users.id LIMIT 1
    """
    row = db.one(query)
    return _user(row) if row else None


@with_transaction
def add_user(db: Database, *, name: str, role: str, pin: str, user_id: str | None = None) -> User:
    """Add a person. Refuses with ``name_taken`` or ``pin_too_short``."""
    require_owner(db)
    values = {
        "id": user_id or new_id(),
        "name": _name(db, name),
        "role": choice(role, ROLES),
        "secret_hash": hash_pin(pin),
    }
    db.insert("users", {**values, **record_stamp(db)})
    return get_user(db, values["id"])


@with_transaction
def edit_user(
    db: Database,
    user_id: str,
    *,
    name: str | None = None,
    role: str | None = None,
    pin: str | None = None,
    is_active: bool | None = None,
) -> User:
    """Change a person's name, role, PIN or standing. Refuses with ``last_owner``."""
    require_owner(db)
    user = get_user(db, user_id)
    changes: dict[str, str | int | None] = {}
    if name is not None and name != user.name:
        changes["name"] = _name(db, name, besides=user_id)
    if role is not None:
        changes["role"] = choice(role, ROLES)
    if pin is not None:
        changes["secret_hash"] = hash_pin(pin)
    if is_active is not None:
        if is_active and not user.is_active:
            _name(db, name or user.name, besides=user_id)
            changes["merged_into"] = None
        changes["is_active"] = int(is_active)
    if changes:
        update_record(db, "users", user_id, changes)
    if first_owner(db) is None:
        raise Refusal("last_owner")
    return get_user(db, user_id)


@with_transaction
def merge_users(db: Database, keep_id: str, other_id: str) -> None:
    """Make one of two users of one person: ``other_id`` is deactivated, and the audit row names both.

    What the other recorded stays recorded by the other. Refuses with ``owner_needed``, ``last_owner``,
    ``not_namesakes``.
    """
    require_owner(db)
    keep, other = get_user(db, keep_id), get_user(db, other_id)
    check_namesakes(keep, other)
    update_record(db, "users", other.id, {"is_active": 0, "merged_into": keep.id})
    if first_owner(db) is None:
        raise Refusal("last_owner")


class Named(Protocol):
    """A record that people choose by its name."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def is_active(self) -> bool: ...


def check_namesakes(keep: Named, other: Named) -> None:
    """Refuses with ``not_namesakes`` unless these are two active records of one name."""
    is_same_name = keep.name.casefold() == other.name.casefold()
    if keep.id == other.id or not is_same_name or not (keep.is_active and other.is_active):
        raise Refusal("not_namesakes", name=other.name)


def require_owner(db: Database) -> None:
    """Refuses with ``owner_needed`` what only an owner may do: correct money, change users or settings.

    Nobody signed in (``user_id`` None) is the PC's administrator, at a command.
    """
    if db.session.user_id is not None and get_user(db, db.session.user_id).role != "OWNER":
        raise Refusal("owner_needed")


def is_pin_right(db: Database, user_id: str, pin: str) -> bool:
    """Whether ``pin`` is the PIN of this active user; takes as long either way."""
    row = db.one("SELECT secret_hash, is_active FROM users WHERE id = :id", {"id": user_id})
    stored = row["secret_hash"] if row else hash_pin("no such user")
    _scheme, cost, block, parallel, salt, digest = stored.split("$")
    given = _scrypt(pin, base64.b64decode(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(given, base64.b64decode(digest)) and bool(row and row["is_active"])


def check_pin(pin: str) -> str:
    """The PIN again. Refuses with ``pin_too_short``."""
    if len(pin) < 4:
        raise Refusal("pin_too_short")
    return pin


def hash_pin(pin: str) -> str:
    """``scrypt$N$r$p$salt$digest`` with a fresh salt. Refuses with ``pin_too_short``."""
    check_pin(pin)
    salt = os.urandom(16)
    digest = _scrypt(pin, salt, _COST, _BLOCK, _PARALLEL)
    encoded = (base64.b64encode(salt).decode(), base64.b64encode(digest).decode())
    return "$".join(("scrypt", str(_COST), str(_BLOCK), str(_PARALLEL), *encoded))


def _scrypt(pin: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return hashlib.scrypt(
        ascii_digits(pin).encode("utf-8", "surrogatepass"),
        salt=salt,
        n=cost,
        r=block,
        p=parallel,
        maxmem=2**26,
        dklen=32,
    )


def _name(db: Database, name: str, besides: str | None = None) -> str:
    text = clean_field(USERS["name"], name)
    if any(user.name.casefold() == text.casefold() and user.id != besides for user in list_users(db)):
        raise Refusal("name_taken", name=text)
    return text


def ensure_owner(db: Database) -> User | None:
    """Activate an owner if the shop has none left; the owner who was activated.

    Two PCs can each deactivate an owner while the other one's is active. Every PC chooses the same owner:
    the oldest, one that was merged into another user last. The audit row has no user, because it is the
    PC's own act; ``OWNER_BACK`` is remembered, for the screen.
    """
    if first_owner(db) is not None:
        return None
    query = """
        SELECT id FROM users WHERE role = 'OWNER' ORDER BY merged_into IS NOT NULL, created_at, id LIMIT 1
    """
    user_id = db.value(query)
    if user_id is None:
        return None
    with db.session.acting_as(None):
        return _bring_back(db, user_id)


@with_transaction
def _bring_back(db: Database, user_id: str) -> User:
    update_record(db, "users", user_id, {"is_active": 1, "merged_into": None})
    owner = get_user(db, user_id)
    remember(db, OWNER_BACK, owner.name)
    return owner
