"""An operation with more rows than a push may have still arrives completely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cleanflow.db import bulk
from cleanflow.sync import outbox
from cleanflow.sync.protocol import MAX_PUSH_ROWS
from tests.sync.pcs import ShopPc, assert_same_books

Joined = Callable[[int], list[ShopPc]]


def test_an_operation_of_more_rows_than_a_batch_goes_out_at_once(joined: Joined) -> None:
    first, second = joined(2)
    ann = first.customer("Ann")
    with bulk(first.db):
        for _number in range(40):
            first.job(ann, 100)
    first.pay(ann, 4000)  # 43 rows with one timestamp
    batches = list(outbox.batches(first.db, 10))
    assert max(batch.count for batch in batches) == 43
    assert sum(batch.count for batch in batches) == first.value("SELECT count(*) FROM jobs") * 3 + 43 + 2
    first.sync()
    second.sync()
    assert_same_books(first, second)


@pytest.mark.long
def test_an_operation_of_more_rows_than_the_server_takes_is_cut_and_arrives(joined: Joined) -> None:
    first, second = joined(2)
    ann = first.customer("Ann")
    with bulk(first.db):
        for _number in range(MAX_PUSH_ROWS + 500):
            first.job(ann, 100)
    first.sync()
    first.pay(ann, 100 * (MAX_PUSH_ROWS + 500))
    assert first.sync().pushed > MAX_PUSH_ROWS
    second.sync()
    assert second.value("SELECT sum(due_minor) FROM job_totals") == 0
    assert_same_books(first, second)
