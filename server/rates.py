"""Rate limits for failed attempts from one address: wrong join codes and wrong tokens.

Counts belong to this process. Their number is bounded: a flood of addresses costs a few megabytes at most.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable


class TooManyFailures(Exception):
    """The address has failed too often; it may try again after ``retry_after_s`` seconds."""

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"try again in {retry_after_s} s")


class FailureLimit:
    """A leaky bucket for each address: ``limit`` failures in ``period_s`` seconds.

    An attempt is counted before its result is known, so that parallel attempts gain nothing, and is given
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
        """The attempt succeeded and does not count."""
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
    """What counts as one address: an IPv4 address, or an IPv6 /64, which a provider gives to one customer."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if parsed.version == 4:
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((parsed, 64), strict=False))
