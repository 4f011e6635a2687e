"""The server and the other PCs store every text and amount that one PC can store."""

from __future__ import annotations

from collections.abc import Callable

from cleanflow.dao.users import first_owner
from cleanflow.safekeeping.verify import verify
from tests.hostile_shop import fill
from tests.sync.pcs import ShopPc, contents


def test_a_shop_of_attacks_is_the_same_on_every_pc(joined: Callable[[int], list[ShopPc]]) -> None:
    first, second = joined(2)
    owner = first_owner(first.db)
    assert owner is not None
    first.db.session.user_id = owner.id
    fill(first.db)
    sent = first.sync()
    assert (sent.code, sent.refused) == ("", {})
    fetched = second.sync()
    assert fetched.is_same_books
    assert contents(second.db) == contents(first.db)
    assert verify(second.db).findings == []
