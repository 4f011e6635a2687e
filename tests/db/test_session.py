"""The session of a connection: which user its records name, and acting as another user."""

from __future__ import annotations

import pytest

from cleanflow.dao.customers import add_customer
from cleanflow.dao.users import add_user
from cleanflow.db import Database, with_transaction
from cleanflow.errors import Refusal


def author(db: Database, record_id: str) -> str:
    query = "SELECT name FROM audit_logs JOIN users ON users.id = audit_logs.user_id WHERE record_id = :id"
    name: str = db.value(query, {"id": record_id})
    return name


def test_what_is_written_while_acting_as_another_is_audited_as_theirs_and_the_rest_is_not(
    db: Database,
) -> None:
    carl = add_user(db, name="Carl", role="CASHIER", pin="2222")
    with db.session.acting_as(carl.id):
        his = add_customer(db, name="Ann")
    hers = add_customer(db, name="Ben")
    assert (author(db, his.id), author(db, hers.id)) == ("Carl", "Olga")


def test_a_refused_act_gives_the_name_back(db: Database) -> None:
    olga = db.session.user_id
    with pytest.raises(Refusal), db.session.acting_as(add_user(db, name="C", role="CASHIER", pin="2222").id):
        add_customer(db, name="")
    assert db.session.user_id == olga


def test_the_user_never_changes_inside_an_operation(db: Database) -> None:
    @with_transaction
    def two_people(db: Database) -> None:
        with db.session.acting_as(None):
            add_customer(db, name="Ann")

    with pytest.raises(RuntimeError, match="inside an operation"):
        two_people(db)
    assert db.value("SELECT count(*) FROM customers") == 0
