"""How a table's columns share its width."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cleanflow.gui.widgets.table import Wish, share_out

NAME = Wish(120, 300, stretches=True)
PHONE = Wish(118, 110)
OWES = Wish(90, 140, is_right=True)


def test_with_room_everybody_has_what_the_texts_need_and_the_rest_stretches() -> None:
    assert share_out([NAME, PHONE, OWES], 1000) == [1000 - 118 - 140, 118, 140]


def test_with_less_room_nothing_is_cut_as_long_as_that_can_be() -> None:
    wide = Wish(200, 100, stretches=True)
    assert share_out([wide, PHONE, OWES], 350) == [100, 110, 140]


def test_texts_give_way_before_numbers() -> None:
    name, phone, owes = share_out([NAME, PHONE, OWES], 290)
    assert (name, owes) == (60, 140) and phone == 290 - 60 - 140
    assert share_out([NAME, PHONE, OWES], 230)[2] < 140, "there is not even room for the numbers"


wishes = st.lists(
    st.builds(Wish, st.integers(40, 300), st.integers(20, 500), st.booleans(), st.booleans()), min_size=1, max_size=12
)  # fmt: skip


@given(wishes, st.integers(40, 2000))
def test_the_width_is_used_up_and_never_passed_where_there_is_enough(
    wanted: list[Wish], available: int
) -> None:
    widths = share_out(wanted, available)
    assert all(width >= min(40, wish.needed) for width, wish in zip(widths, wanted, strict=True))
    if sum(widths) > available:
        assert all(width <= 40 for width in widths)
    elif any(wish.stretches for wish in wanted):
        assert sum(widths) == available
