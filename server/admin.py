"""What the person who runs the server may do: shops, join codes, PCs, links to the owner's page.

Functions over a control connection; the commands around them are cleanflow/cli/serve.py's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from . import store
from .auth import JOIN_CODE_HOURS, OWNER_LINK_HOURS, digest, new_join_code, new_secret, read_join_code
from .database import Connection, Shop, shops, use_schema


class AdminRefused(Exception):
    """The request cannot be done; the text is one sentence."""


@dataclass(frozen=True)
class KnownDevice:
    """A PC that joined, for the list of ``serve devices``."""

    shop_name: str
    device_id: str
    code: str
    name: str
    joined_at: datetime
    last_seen_at: datetime | None
    revoked_at: datetime | None


async def new_shop(connection: Connection, name: str) -> Shop:
    """Make a shop with its empty books. Refuses an empty, overlong or taken name."""
    text = " ".join(name.split())
    if not 1 <= len(text) <= 200 or not text.isprintable():
        raise AdminRefused("A shop's name has 1 to 200 printable characters.")
    query = """
        INSERT INTO cleanflow_control.shops (name) VALUES ($1)
        RETURNING id::text, name, schema_name
    """
    try:
        async with connection.transaction():
            shop = Shop(**await connection.fetchrow(query, text))
            # The database made the name from the id: letters and digits only.
            await connection.execute(f'CREATE SCHEMA "{shop.schema_name}"')
            await use_schema(connection, shop)
            await store.install(connection)
    except asyncpg.UniqueViolationError:
        raise AdminRefused(f"There is already a shop named “{text}”.") from None
    return shop


async def first_shop(connection: Connection, name: str) -> Shop:
    """The oldest shop, created as ``name`` if there is none; two processes at once create one."""
    async with connection.transaction():
        await connection.execute("LOCK TABLE cleanflow_control.shops IN SHARE ROW EXCLUSIVE MODE")
        known = await shops(connection)
        return known[0] if known else await new_shop(connection, name)


async def find_shop(connection: Connection, name: str) -> Shop:
    """The shop of this name or id. Refuses when there is none."""
    query = """
        SELECT id::text, name, schema_name
          FROM cleanflow_control.shops
         WHERE lower(name) = lower($1) OR id::text = lower($1)
    """
    row = await connection.fetchrow(query, " ".join(name.split()))
    if row is None:
        names = ", ".join(shop.name for shop in (await shops(connection))[:20])
        raise AdminRefused(f"There is no shop “{name}”. There are: {names or 'none yet'}.")
    return Shop(**row)


async def new_code(connection: Connection, shop: Shop) -> str:
    """A code with which one PC can join ``shop`` within 24 hours. Deletes expired codes."""
    code = new_join_code()
    query = """
        INSERT INTO cleanflow_control.join_codes (code_hash, shop_id, expires_at)
        VALUES ($1, $2::uuid, now() + make_interval(hours => $3))
    """
    await connection.execute(query, digest(read_join_code(code)), shop.id, JOIN_CODE_HOURS)
    query = "DELETE FROM cleanflow_control.join_codes WHERE expires_at < now() - interval '30 days'"
    await connection.execute(query)
    return code


async def devices(connection: Connection, shop: Shop) -> list[KnownDevice]:
    """The PCs that joined ``shop``, ordered by code."""
    query = """
        SELECT $2::text AS shop_name, device_id::text, code, name, joined_at, last_seen_at, revoked_at
          FROM cleanflow_control.devices
         WHERE shop_id = $1::uuid
         ORDER BY code
    """
    return [KnownDevice(**row) for row in await connection.fetch(query, shop.id, shop.name)]


async def revoke(connection: Connection, device: str, shop: Shop | None = None) -> KnownDevice:
    """End a PC's access, from its next request on. ``device`` is its id, or its code where that is clear."""
    query = """
        SELECT shop_id::text, shop.name AS shop_name, device_id::text, code
          FROM cleanflow_control.devices
          JOIN cleanflow_control.shops AS shop ON shop.id = shop_id
         WHERE (device_id::text = lower($1) OR code = upper($1)) AND ($2::uuid IS NULL OR shop_id = $2::uuid)
    """
    found = await connection.fetch(query, device.strip(), shop.id if shop else None)
    if not found:
        raise AdminRefused(f"There is no PC “{device}”.")
    if len(found) > 1:
        names = ", ".join(f"{row['code']} of {row['shop_name']} ({row['device_id']})" for row in found)
        raise AdminRefused(f"“{device}” could be more than one PC: {names}. Please use the id and --shop.")
    query = """
        UPDATE cleanflow_control.devices
           SET revoked_at = coalesce(revoked_at, now())
         WHERE shop_id = $1::uuid AND device_id = $2::uuid
        RETURNING $3::text AS shop_name, device_id::text, code, name, joined_at, last_seen_at, revoked_at
    """
    row = found[0]
    revoked = await connection.fetchrow(query, row["shop_id"], row["device_id"], row["shop_name"])
    return KnownDevice(**revoked)


async def owner_link(connection: Connection, shop: Shop) -> str:
    """The path of a link that opens the owner's page once, within 24 hours."""
    key = new_secret()
    query = """
        INSERT INTO cleanflow_control.owner_links (key_hash, shop_id, expires_at)
        VALUES ($1, $2::uuid, now() + make_interval(hours => $3))
    """
    await connection.execute(query, digest(key), shop.id, OWNER_LINK_HOURS)
    query = """
        DELETE FROM cleanflow_control.owner_links
         WHERE expires_at < now() AND coalesce(session_expires_at, expires_at) < now()
    """
    await connection.execute(query)
    return f"/owner/sign-in?key={key}"


async def end_owner_links(connection: Connection, shop: Shop) -> int:
    """End every link and session of the owner's page. Returns how many there were."""
    query = "DELETE FROM cleanflow_control.owner_links WHERE shop_id = $1::uuid RETURNING 1"
    return len(await connection.fetch(query, shop.id))
