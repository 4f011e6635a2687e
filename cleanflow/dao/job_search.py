"""Job search by what people remember: the ticket number, the customer, the service, a word."""

from __future__ import annotations

from datetime import date
from typing import Any

from cleanflow.dao.jobs import Job, jobs_by_reference
from cleanflow.dao.paging import COUNTED
from cleanflow.dao.shop import shop_country
from cleanflow.db import Database
from cleanflow.phones import is_phone_like, without_prefixes
from cleanflow.records.search import search_form

#: Search limits: customers that match a common fragment, and newest jobs whose descriptions are read.
_CUSTOMERS, _DESCRIPTIONS = 2_000, 20_000
#: Maximum length of a word: longer than any searched text, shorter than SQLite's longest pattern.
_LONGEST_WORD = 10_001


def jobs_by_ticket(db: Database, text: str) -> list[Job]:
    """The jobs of a ticket: ``C1-000123``, or ``123`` with this PC's code; see ``jobs_by_reference``."""
    typed = text.strip()
    if typed.isascii() and typed.isdigit():
        code = db.value("SELECT code FROM devices WHERE id = :id", {"id": db.device_id})
        typed = f"{code}-{typed}"
    return jobs_by_reference(db, typed)


def found_jobs(
    db: Database, text: str, first: date | None = None, last: date | None = None
) -> list[int] | None:
    """Row numbers of the jobs with every word of ``text`` in the customer's texts, service or description.

    ``None`` when there is nothing to look for. A word of one or two letters must begin the name or a word
    of the service or description, a single letter alone is too little. A ticket's number finds its job, and
    a whole reference nothing else. Services and descriptions are read of the newest 20,000 jobs between
    ``first`` and ``last``; accents matter in them.
    """
    found = [_row_of(db, job.id) for job in jobs_by_ticket(db, text)]
    if found and "-" in text:
        return found
    words = _words(db, text)
    if all(len(word) < 2 for word in words):
        return found or None
    described = _with_words_anywhere(db, words, first, last)
    return list(dict.fromkeys([*found, *_of_customers(db, words), *described]))[:COUNTED]


def _row_of(db: Database, job_id: str) -> int:
    return int(db.value("SELECT rowid FROM jobs WHERE id = :id", {"id": job_id}))


def _words(db: Database, text: str) -> list[str]:
    """The words; what looks like a phone number is one word of digits, as every writing of it has them."""
    plain = text.encode("utf-8", "replace").decode().replace("\x00", " ").strip()
    if is_phone_like(plain):
        return [without_prefixes(plain, shop_country(db))[:_LONGEST_WORD]]
    return [word[:_LONGEST_WORD] for word in plain.split()[:8]]


def _of_customers(db: Database, words: list[str]) -> list[int]:
    """The jobs of customers with all words in their name, phone, address or old key."""
    values: dict[str, Any] = {}
    customers = " INTERSECT ".join(_customers_with(number, word, values) for number, word in enumerate(words))
    query = f"""
        SELECT rowid AS row FROM jobs WHERE customer_id IN ({customers} LIMIT {_CUSTOMERS}) LIMIT {COUNTED}
    """
    return [row["row"] for row in db.rows(query, values)]


def _with_words_anywhere(db: Database, words: list[str], first: date | None, last: date | None) -> list[int]:
    """The newest jobs with a word in service or description, and the others there or in the customer."""
    values: dict[str, Any] = {
        "first": first.isoformat() if first else "0000-01-01",
        "last": last.isoformat() if last else "9999-12-31",
    }
    described = [_described(number, word, values) for number, word in enumerate(words)]
    everywhere = [
        f"({has} OR customer_id IN ({_customers_with(number, word, values)}))"
        for number, (has, word) in enumerate(zip(described, words, strict=True))
    ]
    newest = f"rowid > (SELECT max(rowid) FROM jobs) - {_DESCRIPTIONS}"  # the latest to arrive: fast to read
    if first or last:
        newest = f"""rowid IN (SELECT rowid FROM jobs WHERE business_date BETWEEN :first AND :last
                                ORDER BY business_date DESC, created_at DESC LIMIT {_DESCRIPTIONS})"""
    query = f"""
        SELECT rowid AS row FROM jobs
         WHERE {newest} AND ({" OR ".join(described)})
               {"".join(f" AND {one}" for one in everywhere if len(words) > 1)}
    """
    return [row["row"] for row in db.rows(query, values)]


def _described(number: int, word: str, values: dict[str, Any]) -> str:
    """That the description or the service's name has the word.

    LIKE knows the case of A to Z alone, so others are tried in turn.
    """
    variants = [word] if word.isascii() else list({word, word.lower(), word.upper(), word.capitalize()})
    found = []
    for place, variant in enumerate(variants):
        name = f"like{number}_{place}"
        escaped = variant.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values[name] = f"%{escaped}%" if len(word) > 2 else f"% {escaped}%"
        begin = "" if len(word) > 2 else "' ' || "
        like = f"LIKE :{name} ESCAPE '\\'"
        found.append(f"{begin}description {like}")
        found.append(f"service_type_id IN (SELECT id FROM service_types WHERE {begin}name {like})")
    return f"({' OR '.join(found)})"


def _customers_with(number: int, word: str, values: dict[str, Any]) -> str:
    """The ids of those with the word in their texts; the trigram index needs three characters of it."""
    plain = search_form(word)
    values[f"word{number}"] = plain if len(plain) < 3 else _quoted(plain)
    if len(plain) < 3:
        return f"""SELECT customer_id FROM customer_search_texts
                    WHERE search_text >= :word{number} AND search_text < :word{number} || char(1114111)"""
    return f"""SELECT customer_id
                 FROM customer_search JOIN customer_search_texts AS texts ON docid = customer_search.rowid
                WHERE customer_search MATCH :word{number}"""


def _quoted(word: str) -> str:
    """``word`` as a literal string in a full-text query."""
    return '"' + word.replace('"', '""') + '"'
