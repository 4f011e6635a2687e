"""Administration of the server: shops, join codes, PCs and links to the owner's page.

Imported only by serve.py and only when used: `server/` needs packages that the window does not.
"""

from __future__ import annotations

import argparse
from typing import Any, Final

from server import admin
from server.admin import KnownDevice
from server.database import Connection

#: The result as text for people and as facts for programs.
Told = tuple[str, dict[str, Any]]


async def administer(connection: Connection, options: argparse.Namespace, address: str) -> Told:
    """Do what ``options.action`` names to ``options.what``; links begin with ``address``.

    Raises AdminRefused.
    """
    return await _ACTIONS[options.action](connection, options, address)


async def _new_shop(connection: Connection, options: argparse.Namespace, address: str) -> Told:
    shop = await admin.new_shop(connection, options.what)
    code = await admin.new_code(connection, shop)
    told = f"“{shop.name}” is there. Its first PC joins with the code {code} (once, within 24 hours)."
    return told, {"shop": shop.name, "id": shop.id, "join_code": code}


async def _new_code(connection: Connection, options: argparse.Namespace, address: str) -> Told:
    shop = await admin.find_shop(connection, options.what)
    code = await admin.new_code(connection, shop)
    told = f"A PC joins “{shop.name}” with the code {code} (once, within 24 hours)."
    return told, {"shop": shop.name, "join_code": code}


async def _devices(connection: Connection, options: argparse.Namespace, address: str) -> Told:
    shop = await admin.find_shop(connection, options.what)
    found = await admin.devices(connection, shop)
    lines = [_device_line(device) for device in found] or [f"No PC has joined “{shop.name}” yet."]
    return "\n".join(lines), {"shop": shop.name, "devices": [_device_facts(device) for device in found]}


async def _revoke(connection: Connection, options: argparse.Namespace, address: str) -> Told:
    shop = await admin.find_shop(connection, options.shop) if options.shop else None
    device = await admin.revoke(connection, options.what, shop)
    told = f"{device.code} of “{device.shop_name}” may neither read nor write any more."
    return told, _device_facts(device)


async def _owner_link(connection: Connection, options: argparse.Namespace, address: str) -> Told:
    shop = await admin.find_shop(connection, options.what)
    if options.end:
        count = await admin.end_owner_links(connection, shop)
        return f"Ended: {count}.", {"shop": shop.name, "ended": count}
    link = address.rstrip("/") + await admin.owner_link(connection, shop)
    told = f"{link}\nIt opens the page of “{shop.name}” once, within 24 hours."
    return told, {"shop": shop.name, "link": link}


_ACTIONS: Final = {
    "new-shop": _new_shop,
    "new-code": _new_code,
    "devices": _devices,
    "revoke": _revoke,
    "owner-link": _owner_link,
}


def _device_line(device: KnownDevice) -> str:
    seen = f"{device.last_seen_at:%Y-%m-%d %H:%M} UTC" if device.last_seen_at else "never"
    ended = "   access ended" if device.revoked_at else ""
    return f"{device.code:<6} {device.device_id}   last seen {seen}{ended}"


def _device_facts(device: KnownDevice) -> dict[str, Any]:
    return {
        "shop": device.shop_name,
        "device_id": device.device_id,
        "code": device.code,
        "name": device.name,
        "joined_at": device.joined_at.isoformat(),
        "last_seen_at": device.last_seen_at.isoformat() if device.last_seen_at else None,
        "revoked_at": device.revoked_at.isoformat() if device.revoked_at else None,
    }
