"""Service types: what the shop offers, each with a default price for new jobs."""

from __future__ import annotations

from dataclasses import dataclass

from cleanflow.dao.fields import clean_field, clean_key
from cleanflow.dao.stamps import known, new_id, record_stamp, update_record
from cleanflow.dao.users import check_namesakes, require_owner
from cleanflow.db import Database, Row, with_transaction
from cleanflow.errors import Refusal
from cleanflow.money import check_amount
from cleanflow.records.work import SERVICE_TYPES


@dataclass(frozen=True)
class ServiceType:
    """A service. ``price_minor`` is its default price; 0 means that the price is asked each time."""

    id: str
    name: str
    price_minor: int
    external_key: str | None
    is_active: bool


_SELECT = "SELECT id, name, price_minor, external_key, is_active FROM service_types"


def _service(row: Row) -> ServiceType:
    return ServiceType(
        row["id"], row["name"], row["price_minor"], row["external_key"], bool(row["is_active"])
    )


def get_service(db: Database, service_type_id: str) -> ServiceType:
    """One service type. Refuses with ``record_unknown``."""
    return _service(known(db.one(f"{_SELECT} WHERE id = :id", {"id": service_type_id}), "service"))


def list_services(db: Database, *, with_inactive: bool = False) -> list[ServiceType]:
    """The active service types by name, followed by the inactive ones if they are wanted."""
    query = f"{_SELECT} WHERE is_active = 1 OR :all ORDER BY is_active DESC, name COLLATE NOCASE"
    return [_service(row) for row in db.rows(query, {"all": with_inactive})]


def service_by_name(db: Database, name: str) -> ServiceType | None:
    """The active service of this name (regardless of case) or old key."""
    wanted = name.strip().casefold()
    return next(
        (item for item in list_services(db) if wanted in (item.name.casefold(), item.external_key)), None
    )


def service_by_external_key(db: Database, external_key: str) -> ServiceType | None:
    """The service, active or not, whose key in an older system was ``external_key``."""
    row = db.one(f"{_SELECT} WHERE external_key = :key ORDER BY created_at LIMIT 1", {"key": external_key})
    return _service(row) if row else None


@with_transaction
def add_service(
    db: Database,
    *,
    name: str,
    price_minor: int = 0,
    external_key: str | None = None,
    service_type_id: str | None = None,
) -> ServiceType:
    """Add a service type. Refuses with ``name_taken`` if an active one has that name."""
    require_owner(db)
    record_id = service_type_id or new_id()
    values = {
        "id": record_id,
        "name": _name(db, name),
        "price_minor": _price(price_minor),
        "external_key": clean_key(external_key),
    }
    db.insert("service_types", {**values, **record_stamp(db)})
    return get_service(db, record_id)


@with_transaction
def edit_service(
    db: Database,
    service_type_id: str,
    *,
    name: str | None = None,
    price_minor: int | None = None,
    is_active: bool | None = None,
) -> ServiceType:
    """Change a service type; existing jobs keep their amounts."""
    require_owner(db)
    service = get_service(db, service_type_id)
    changes: dict[str, str | int | None] = {}
    if name is not None and name != service.name:
        changes["name"] = _name(db, name, besides=service_type_id)
    if price_minor is not None:
        changes["price_minor"] = _price(price_minor)
    if is_active is not None:
        if is_active and not service.is_active:
            _name(db, name or service.name, besides=service_type_id)
            changes["merged_into"] = None
        changes["is_active"] = int(is_active)
    if changes:
        update_record(db, "service_types", service_type_id, changes)
    return get_service(db, service_type_id)


@with_transaction
def merge_services(db: Database, keep_id: str, other_id: str) -> None:
    """Make one of two services of one name: ``other_id`` is taken out of use; its jobs stay as they are.

    Refuses with ``owner_needed``, ``not_namesakes``.
    """
    require_owner(db)
    keep, other = get_service(db, keep_id), get_service(db, other_id)
    check_namesakes(keep, other)
    update_record(db, "service_types", other.id, {"is_active": 0, "merged_into": keep.id})


def _name(db: Database, name: str, besides: str | None = None) -> str:
    text = clean_field(SERVICE_TYPES["name"], name)
    other = service_by_name(db, text)
    if other and other.id != besides:
        raise Refusal("name_taken", name=text)
    return text


def _price(price_minor: int) -> int:
    return price_minor if price_minor == 0 and type(price_minor) is int else check_amount(price_minor)
