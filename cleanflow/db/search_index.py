"""The customers' search index: written with every edit, and anew by a migration that brings a searched field.

Folding needs Python, so no trigger can write it; see sql/0001_books/60_derived.sql.
"""

from __future__ import annotations

import sqlite3

from cleanflow.records import FORMAT
from cleanflow.records.people import CUSTOMERS
from cleanflow.records.search import search_text, searched_in


def index_customer(connection: sqlite3.Connection, customer_id: str, latest: int = FORMAT) -> str | None:
    """Let search know what a customer is found by now; the text, or None without such a customer.

    Part of a running transaction. ``latest`` is the format of the database.
    """
    names = searched_in(latest)
    query = f"SELECT {', '.join(names)} FROM customers WHERE id = :id"
    row = connection.execute(query, {"id": customer_id}).fetchone()
    if row is None:
        return None
    text = search_text(dict(zip(names, row, strict=True)), names)
    query = "SELECT docid, search_text FROM customer_search_texts WHERE customer_id = :id"
    old = connection.execute(query, {"id": customer_id}).fetchone()
    if old:
        docid, told = old
        connection.execute(
            "INSERT INTO customer_search (customer_search, rowid, search_text)"
            " VALUES ('delete', :docid, :text)",
            {"docid": docid, "text": told},
        )
        connection.execute(
            "UPDATE customer_search_texts SET search_text = :text WHERE docid = :docid",
            {"text": text, "docid": docid},
        )
    else:
        docid = connection.execute(
            "INSERT INTO customer_search_texts (customer_id, search_text) VALUES (:id, :text)",
            {"id": customer_id, "text": text},
        ).lastrowid
    connection.execute(
        "INSERT INTO customer_search (rowid, search_text) VALUES (:docid, :text)",
        {"docid": docid, "text": text},
    )
    return text


def index_after_step(connection: sqlite3.Connection, step: int) -> None:
    """Of a searched field that came with ``step`` newer PCs may have sent values before: index those."""
    if any(field.searched and field.since == step for field in CUSTOMERS.later):
        query = "SELECT id FROM customers WHERE extra IS NOT NULL"
        for (customer_id,) in connection.execute(query).fetchall():
            index_customer(connection, customer_id, step)
