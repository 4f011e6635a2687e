"""Who may speak for a shop: one-time join codes, tokens of PCs, links to the owner's page.

Every secret is random, is shown once, and is stored as its SHA-256 only (long random secrets need no slow
hash). A token determines its shop: nothing in a request can name another one. rates.py limits failed
attempts.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cleanflow.sync.protocol import JoinRequest

from .database import Connection, Shop, use_schema
from .rates import FailureLimit

JOIN_CODE_HOURS: Final = 24
OWNER_LINK_HOURS: Final = 24
OWNER_SESSION_DAYS: Final = 30

#: Crockford's base 32: no I, L, O, U; these are read as the digits that they look like.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MEANT: Final = str.maketrans("OIL", "011")
_CODE_LENGTH: Final = 12


@dataclass(frozen=True)
class Device:
    """A PC that has proven that it belongs to ``shop``."""

    shop: Shop
    device_id: str
    code: str
    predecessors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Joined:
    """What a PC gets when it joins. The token is told this once."""

    shop: Shop
    token: str


class NotAllowed(Exception):
    """No valid token, code or link; ``code`` says which."""

    def __init__(self, code: str, words: str) -> None:
        self.code, self.words = code, words
        super().__init__(code)


class CodeTaken(Exception):
    """Another PC of the shop has this PC code; ``suggestion`` is free."""

    def __init__(self, code: str, suggestion: str) -> None:
        self.code, self.suggestion = code, suggestion
        super().__init__(f"{code} is taken, {suggestion} is free")


def new_secret() -> str:
    """256 random bits as text for a header, link or cookie."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """The hash that is stored of a secret."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


def new_join_code() -> str:
    """60 random bits that a person can read out and type: ``7K2M-QX4D-9TBW``."""
    letters = [secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, _CODE_LENGTH, 4))


def read_join_code(text: str) -> str:
    """The code as it was made, from what a person typed: any case, with or without dashes, O for 0."""
    return re.sub(r"[\s\-–—_.]", "", text[:100]).upper().translate(_MEANT)


async def join(connection: Connection, wanted: JoinRequest) -> Joined:
    """Let a PC into the shop that made the code, and use the code up; all or nothing.

    A PC that has joined before gets a new token, its old one ends. One that was restored shows the token of
    the PC it was, in place of a code; that PC's access stays what it was. Raises :class:`NotAllowed` or
    :class:`CodeTaken`, and then the code can still be used.
    """
    async with connection.transaction():
        if wanted.join_code or not wanted.previous_token:
            shop = await _use_up(connection, wanted.join_code, wanted.device_id)
        else:
            shop = await _shop_of_predecessor(connection, wanted)
        if wanted.shop_id not in ("", shop.id):
            raise NotAllowed("other_shop", f"This code is of another shop ({shop.name}) than this PC's.")
        await _check_pc_code(connection, shop, wanted.device_id, wanted.pc_code)
        await _check_currency(connection, shop, wanted.currency)
        await _check_is_itself(connection, shop, wanted)
        await _check_predecessors(connection, shop, wanted)
        token = new_secret()
        query = """
            INSERT INTO cleanflow_control.devices (shop_id, device_id, code, name, token_hash)
            VALUES ($1::uuid, $2::uuid, $3, $4, $5)
            ON CONFLICT (shop_id, device_id) DO UPDATE
               SET code = excluded.code, name = excluded.name, token_hash = excluded.token_hash,
                   joined_at = now(), revoked_at = NULL
        """
        await connection.execute(query, shop.id, wanted.device_id, wanted.pc_code, wanted.name, digest(token))
        query = """
            INSERT INTO cleanflow_control.predecessors (shop_id, device_id, predecessor_id)
            SELECT $1::uuid, $2::uuid, id FROM unnest($3::uuid[]) AS id WHERE id <> $2::uuid
            ON CONFLICT DO NOTHING
        """
        await connection.execute(query, shop.id, wanted.device_id, list(wanted.predecessors))
    return Joined(shop, token)


async def _use_up(connection: Connection, join_code: str, device_id: str) -> Shop:
    # Of two PCs with the same code the second waits here for the first, then finds the code used.
    query = """
        UPDATE cleanflow_control.join_codes AS code
           SET used_at = now(), used_by = $2::uuid
          FROM cleanflow_control.shops AS shop
         WHERE code_hash = $1 AND used_at IS NULL AND expires_at > now() AND shop.id = code.shop_id
        RETURNING shop.id::text, shop.name, shop.schema_name
    """
    row = await connection.fetchrow(query, digest(read_join_code(join_code)), device_id)
    if row is None:
        raise NotAllowed("join_code_invalid", "This code is wrong, used up, or too old: ask for a new one.")
    return Shop(**row)


async def _shop_of_predecessor(connection: Connection, wanted: JoinRequest) -> Shop:
    query = """
        SELECT shop.id::text, shop.name, shop.schema_name
          FROM cleanflow_control.devices
          JOIN cleanflow_control.shops AS shop ON shop.id = shop_id
         WHERE token_hash = $1 AND revoked_at IS NULL
           AND device_id = ANY ($2::uuid[]) AND device_id <> $3::uuid
    """
    row = await connection.fetchrow(
        query, digest(wanted.previous_token), list(wanted.predecessors), wanted.device_id
    )
    if row is None:
        raise NotAllowed(
            "predecessor_unknown",
            "The PC that this one was before its backup was brought back has no access here: join the shop"
            " with a new code.",
        )
    return Shop(**row)


async def _check_pc_code(connection: Connection, shop: Shop, device_id: str, pc_code: str) -> None:
    # One join per shop at a time: two with the same PC code would both find it free.
    query = "SELECT 1 FROM cleanflow_control.shops WHERE id = $1::uuid FOR NO KEY UPDATE"
    await connection.execute(query, shop.id)
    await use_schema(connection, shop)
    # PCs that were in the books before the first join have given out numbers under their codes too.
    query = """
        SELECT code FROM cleanflow_control.devices WHERE shop_id = $1::uuid AND device_id <> $2::uuid
        UNION
        SELECT code FROM devices WHERE id::text <> $3
    """
    taken = {row["code"] for row in await connection.fetch(query, shop.id, device_id, device_id)}
    if pc_code in taken:
        raise CodeTaken(pc_code, free_code(pc_code, taken))


async def _check_currency(connection: Connection, shop: Shop, currency: str) -> None:
    query = """
        UPDATE cleanflow_control.shops SET currency = coalesce(currency, nullif($2, ''))
         WHERE id = $1::uuid RETURNING currency
    """
    known = await connection.fetchval(query, shop.id, currency)
    if currency and known != currency:
        words = f"The shop's books are in {known}, this PC's in {currency}: they cannot become one."
        raise NotAllowed("currency_differs", words)


async def _check_is_itself(connection: Connection, shop: Shop, wanted: JoinRequest) -> None:
    """A PC that has joined and been seen must show its token; otherwise a copy could replace it."""
    query = """
        SELECT 1 FROM cleanflow_control.devices
         WHERE shop_id = $1::uuid AND device_id = $2::uuid AND token_hash <> $3
           AND revoked_at IS NULL AND last_seen_at IS NOT NULL
    """
    if await connection.fetchval(query, shop.id, wanted.device_id, digest(wanted.previous_token)):
        raise NotAllowed(
            "device_joined",
            "A PC with these very records has joined already. If this is a copy of it, begin with an empty"
            " folder here and join as a new PC; if it is that PC, end its old access first (serve revoke).",
        )


async def _check_predecessors(connection: Connection, shop: Shop, wanted: JoinRequest) -> None:
    # To have been a PC of the shop takes its token, or that the owner has ended it; a device that never
    # joined (the backup is older than the joining) is nobody else's.
    query = """
        SELECT count(*)
          FROM cleanflow_control.devices AS known
         WHERE shop_id = $1::uuid AND device_id = ANY ($2::uuid[]) AND device_id <> $3::uuid
           AND token_hash <> $4 AND revoked_at IS NULL
           AND NOT EXISTS (SELECT FROM cleanflow_control.predecessors AS older
                             JOIN cleanflow_control.devices AS proven USING (shop_id, device_id)
                            WHERE proven.token_hash = $4 AND older.shop_id = $1::uuid
                              AND older.predecessor_id = known.device_id)
    """
    proof = digest(wanted.previous_token)
    claimed = list(wanted.predecessors)
    if await connection.fetchval(query, shop.id, claimed, wanted.device_id, proof):
        raise NotAllowed("predecessor_unproven", "Another PC of this shop is what this one says it has been.")


def free_code(wanted: str, taken: set[str]) -> str:
    """A free PC code like ``wanted``: the same letters with the next number."""
    letters = wanted.rstrip("0123456789") or "C"
    for number in range(1, 100_000):
        digits = str(number)
        proposed = letters[: 6 - len(digits)] + digits
        if proposed not in taken:
            return proposed
    raise LookupError("a shop with a hundred thousand PCs")


class Doorkeeper:
    """Tells whose token it is. A wrong one costs its address an attempt; a PC that was seen before passes.

    Without the second half one PC with a revoked token would lock out its colleagues behind the same router.
    """

    def __init__(self, bad_tokens: FailureLimit, *, most_remembered: int = 10_000) -> None:
        self._bad_tokens = bad_tokens
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._most_remembered = most_remembered

    async def device_of(self, connection: Connection, token: str, address: str) -> Device:
        """The PC that ``token`` was given to. Raises :class:`NotAllowed` or TooManyFailures."""
        token_hash = digest(token)
        is_stranger = token_hash not in self._seen
        if is_stranger:
            self._bad_tokens.take(address)
        device = await self._look_up(connection, token_hash)
        if is_stranger:
            self._bad_tokens.give_back(address)
        self._remember(token_hash)
        return device

    async def _look_up(self, connection: Connection, token_hash: bytes) -> Device:
        query = """
            SELECT device_id::text, code, token_hash, revoked_at IS NOT NULL AS is_revoked,
                   coalesce(last_seen_at < now() - interval '1 minute', true) AS is_seen_again,
                   shop.id::text AS shop_id, shop.name AS shop_name, schema_name,
                   ARRAY(SELECT predecessor_id::text FROM cleanflow_control.predecessors AS older
                          WHERE (older.shop_id, older.device_id) = (shop.id, devices.device_id))
                   AS predecessors
              FROM cleanflow_control.devices
              JOIN cleanflow_control.shops AS shop ON shop.id = shop_id
             WHERE token_hash = $1
        """
        row = await connection.fetchrow(query, token_hash)
        if row is None or not hmac.compare_digest(row["token_hash"], token_hash):
            self._seen.pop(token_hash, None)
            raise NotAllowed("token_unknown", "This PC is not known here: join the shop with a new code.")
        if row["is_revoked"]:
            self._seen.pop(token_hash, None)
            raise NotAllowed("token_revoked", "This PC's access has been ended by the owner.")
        if row["is_seen_again"]:
            query = "UPDATE cleanflow_control.devices SET last_seen_at = now() WHERE token_hash = $1"
            await connection.execute(query, token_hash)
        shop = Shop(row["shop_id"], row["shop_name"], row["schema_name"])
        return Device(shop, row["device_id"], row["code"], tuple(row["predecessors"]))

    def _remember(self, token_hash: bytes) -> None:
        self._seen[token_hash] = None
        self._seen.move_to_end(token_hash)
        while len(self._seen) > self._most_remembered:
            self._seen.popitem(last=False)


async def open_owner_link(connection: Connection, key: str) -> str | None:
    """Use a link. Returns the secret of the browser's session, or None for a wrong, used or expired link."""
    session = new_secret()
    query = """
        UPDATE cleanflow_control.owner_links
           SET used_at = now(), session_hash = $2, session_expires_at = now() + make_interval(days => $3)
         WHERE key_hash = $1 AND used_at IS NULL AND expires_at > now()
        RETURNING true
    """
    opened = await connection.fetchval(query, digest(key), digest(session), OWNER_SESSION_DAYS)
    return session if opened else None


async def shop_of_session(connection: Connection, session: str) -> Shop | None:
    """The shop whose owner's page the session may read; None for no valid session."""
    query = """
        SELECT shop.id::text, shop.name, shop.schema_name
          FROM cleanflow_control.owner_links
          JOIN cleanflow_control.shops AS shop ON shop.id = shop_id
         WHERE session_hash = $1 AND session_expires_at > now()
    """
    row = await connection.fetchrow(query, digest(session))
    return Shop(**row) if row else None
