"""Two PCs that worked alone under one code, each a shop of its own with an owner “Olga”, and then join."""

from __future__ import annotations

from cleanflow.dao.expenses import add_category
from cleanflow.dao.services import add_service
from cleanflow.dao.shop import set_up_shop
from server.database import Shop
from tests.server.live import Live
from tests.sync.pcs import ShopPc


def set_up_alone(pc: ShopPc, pin: str, customer: str, amount: int) -> str:
    """A shop with the code C1, a service “Ironing”, a category “Soap”, and one job; that job's id."""
    owner = set_up_shop(pc.db, name="Sparkle", currency="USD", pc_code="C1", owner="Olga", pin=pin)
    pc.db.session.user_id = owner.id
    add_service(pc.db, name="Ironing", price_minor=amount)
    add_category(pc.db, "Soap")
    return pc.job(pc.customer(customer), amount)


def meet(live: Live, shop: Shop, first: ShopPc, second: ShopPc) -> None:
    """Both join one server, the second as C2, and hold the same books."""
    first.join(live.url, live.new_code(shop), "C1")
    first.sync()
    second.join(live.url, live.new_code(shop), "C2")
    for pc in (second, first, second):
        pc.sync()
