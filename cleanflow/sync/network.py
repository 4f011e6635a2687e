"""Which networks this PC is in, found out without sending anything."""

from __future__ import annotations

import ipaddress
import socket
from typing import Final

#: Addresses for documentation (RFC 5737, RFC 3849): nobody has them, so the way there is the default route.
_ANYWHERE: Final = ("192.0.2.1", "2001:db8::1")
_PORT: Final = 9


def own_addresses(host: str) -> tuple[str, ...]:
    """This PC's addresses towards ``host`` and towards the internet, "" where there is no way.

    A UDP socket that is connected only looks up the route; no packet leaves the PC. A name is not looked up,
    which would take a request.
    """
    return tuple(_own_address(target) for target in (*_literal(host), *_ANYWHERE))


def _literal(host: str) -> tuple[str, ...]:
    try:
        return (str(ipaddress.ip_address(host)),)
    except ValueError:
        return ()


def _own_address(target: str) -> str:
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((target, _PORT))
            return str(probe.getsockname()[0])
    except OSError:  # no route, or no such kind of network on this PC
        return ""
