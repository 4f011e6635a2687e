"""How often an address may fail: on joining, and with tokens that are none.

Counts are this process's own and its memory is bounded, so that a flood of addresses costs no more
than a few megabytes.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable


class TooManyFailures(Exception):
    """This address has failed too often; it may try again after ``retry_after_s`` seconds."""

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"try again in {retry_after_s} s")


class FailureLimit:
    """At most ``limit`` failures an address in ``period_s`` seconds; each of them is forgotten evenly.

    An attempt is taken before it is known how it ends, so that many at once gain nothing, and is given
    back when it succeeds.
    """

    def __init__(
        self,
        limit: int,
        period_s: float,
        *,
        most_addresses: int = 20_000,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit, self._leak_per_s = limit, limit / period_s
        self._most_addresses, self._now = most_addresses, now
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()  # address -> (level, as of)

    def take(self, address: str) -> None:
        """Count an attempt. Raises :class:`TooManyFailures`."""
        key = address_group(address)
        level = self._level(key)
        if level + 1 > self._limit:
            raise TooManyFailures(max(1, round((level + 1 - self._limit) / self._leak_per_s)))
        self._set(key, level + 1)

    def give_back(self, address: str) -> None:
        """The attempt succeeded: it does not count."""
        key = address_group(address)
        self._set(key, max(0.0, self._level(key) - 1))

    def _level(self, key: str) -> float:
        level, as_of = self._levels.get(key, (0.0, self._now()))
        return max(0.0, level - (self._now() - as_of) * self._leak_per_s)

    def _set(self, key: str, level: float) -> None:
        if level <= 0:
            self._levels.pop(key, None)
            return
        self._levels[key] = (level, self._now())
        self._levels.move_to_end(key)
        while len(self._levels) > self._most_addresses:
            self._levels.popitem(last=False)


def address_group(address: str) -> str:
    """What counts as one address: an IPv4 address, or a /64 of IPv6, which one customer has to himself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if parsed.version == 4:
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((parsed, 64), strict=False))
