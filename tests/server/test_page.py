"""The owner's page: what it shows, to whom, and that no stored text becomes markup."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from cleanflow.records.chain import entry_hash
from server import admin
from server.database import Shop
from server.html import element, together
from tests.server.live import Live, Pc, fresh_database, live_server, run_sql
from tests.sync.made_rows import CASH, RECEIVABLE, REVENUE, Rows, merged

_BANK = "00000000-0000-4000-8000-000000001010"
_EVIL = '<script>alert("1")</script><img src=x onerror=alert(1)> & \' " </td>'


@pytest.fixture(scope="module")
def live(postgres: str) -> Iterator[Live]:
    with fresh_database(postgres) as database, live_server(database) as running:
        yield running


@pytest.fixture
def shop(live: Live) -> Shop:
    return live.new_shop()


class _Reader(HTMLParser):
    """Parses the page into a list of tags and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.text += " "

    def handle_data(self, data: str) -> None:
        self.text += data if self.tags[-1] != "style" or data.strip() == "" else ""


def owner(live: Live, shop: Shop) -> requests.Session:
    """A phone that has opened the link and pressed its button."""
    session = requests.Session()
    link = live.owner_link(shop)
    asked = session.get(link, timeout=10)
    assert "<form" in asked.text
    shown = session.post(link.partition("?")[0], data={"key": link.partition("key=")[2]}, timeout=10)
    assert shown.status_code == 200
    return session


def read(live: Live, session: requests.Session, query: str = "") -> _Reader:
    page = session.get(f"{live.url}/owner{query}", timeout=10)
    assert page.status_code == 200
    return _Reader(page.text)


def entry(pc: Pc, kind: str, debit: str, credit: str, amount: int, customer_id: str | None, day: str) -> Rows:
    made = pc.made._entry(kind, debit, credit, amount, pc.made.now(), customer_id or pc.made.id, pc.made.id)
    row = {**made, "customer_id": customer_id, "business_date": day}
    row["hash"] = pc.made.head = entry_hash(row)
    return {"ledger_entries": [row]}


def device(pc: Pc, name: str = "") -> Rows:
    return {"devices": [{**pc.made.others()["devices"][0], "code": pc.code, "name": name}]}


def test_takings_by_pc_and_method_money_owed_and_the_last_sync(live: Live, shop: Shop) -> None:
    counter, back = live.join(shop, "C1"), live.join(shop, "C2")
    ann = counter.made.customer("Ann")
    bob = counter.made.customer("Bob")
    anns, bobs = ann["customers"][0]["id"], bob["customers"][0]["id"]
    day = "2026-03-10"
    counter.push(
        merged(
            device(counter), ann, bob, counter.made.setting(4, "currency", "PKR"),
            counter.made.setting(1, "shop_name", "Sparkle & Sons"),
            entry(counter, "JOB", RECEIVABLE, REVENUE, 1_234_567, anns, day),
            entry(counter, "PAYMENT", CASH, RECEIVABLE, 200_000, anns, day),
            entry(counter, "PAYMENT_REVERSAL", RECEIVABLE, CASH, 50_000, anns, day),
            entry(counter, "PAYMENT", CASH, RECEIVABLE, 7_700, bobs, "2026-03-09"),
            entry(counter, "EXPENSE", REVENUE, CASH, 1_500, None, day),
        )
    )  # fmt: skip
    back.push(merged(device(back), entry(back, "PAYMENT", _BANK, RECEIVABLE, 30_000, anns, day)))
    phone = owner(live, shop)
    seen = read(live, phone).text
    assert "Sparkle & Sons" in seen
    assert "Taken on Tuesday, 10 March 2026 1,800.00" in seen
    assert "C1 1,500.00 0.00" in seen
    assert "C2 0.00 300.00" in seen
    assert "Total 1,500.00 300.00" in seen
    assert "cash 15.00, bank 0.00" in seen
    assert "Owed by 1 customers 10,545.67" in seen
    assert "Ann 10,545.67" in seen
    assert "credit with the shop: 77.00" in seen
    assert "None in the last seven days" in seen
    assert "Taken on Monday, 09 March 2026 77.00" in read(live, phone, "?date=2026-03-09").text


def test_a_refused_record_and_an_alarm_are_shown_once(live: Live, shop: Shop) -> None:
    pc = live.join(shop)
    good = pc.made.sale()
    pc.push(merged(device(pc), good))
    bad = pc.made.customer(name="")
    forged = {"payments": [{**good["payments"][0], "amount_minor": 1}]}
    for _ in range(3):
        pc.push(bad)
        pc.push(forged)
    seen = read(live, owner(live, shop))
    assert seen.text.count("value_invalid:name") == 1
    assert seen.text.count("other_content") == 1
    assert "C1 customers" in seen.text


def test_names_that_are_markup_stay_text(live: Live, shop: Shop) -> None:
    pc = live.join(shop)
    pc.join(live.new_code(shop), name=_EVIL)
    customer = pc.made.customer(_EVIL)
    customer_id = customer["customers"][0]["id"]
    pc.push(
        merged(
            device(pc, _EVIL), pc.made.setting(1, "shop_name", _EVIL), pc.made.setting(4, "currency", _EVIL),
            customer, pc.made.job(customer_id, 500), {"customers": [{_EVIL: 1}]},
        )
    )  # fmt: skip
    phone = owner(live, shop)
    page = phone.get(f"{live.url}/owner", timeout=10)
    seen = _Reader(page.text)
    assert "script" not in seen.tags
    assert "img" not in seen.tags
    assert not {name for name in seen.attributes if name.startswith("on")}
    assert seen.text.count('<script>alert("1")</script>') >= 3
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    evil_key = requests.get(f"{live.url}/owner/sign-in", params={"key": '"><script>'}, timeout=10)
    assert "script" not in _Reader(evil_key.text).tags


def test_everything_that_is_not_made_by_element_is_escaped() -> None:
    assert element("p", "<b>", 1, title='"<') == '<p title="&quot;&lt;">&lt;b&gt;1</p>'
    assert together("a & b", element("br")) == "a &amp; b<br>"


def test_without_signing_in_nothing_is_shown(live: Live, shop: Shop) -> None:
    for cookies in ({}, {"cleanflow-owner": "wrong"}, {"cleanflow-owner": ""}):
        answer = requests.get(f"{live.url}/owner", cookies=cookies, timeout=10)
        assert answer.status_code == 403
        assert shop.name not in answer.text


def test_a_link_is_used_up_by_its_button_and_not_by_a_preview(live: Live, shop: Shop) -> None:
    link = live.owner_link(shop)
    for _ in range(3):
        assert requests.get(link, timeout=10).status_code == 200
    form = {"key": link.partition("key=")[2]}
    first = requests.post(link.partition("?")[0], data=form, timeout=10, allow_redirects=False)
    assert first.status_code == 303
    cookie = first.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert requests.post(link.partition("?")[0], data=form, timeout=10).status_code == 403


def test_links_and_sessions_expire_and_can_be_ended(live: Live, shop: Shop) -> None:
    late = live.owner_link(shop)
    run_sql(live.database, "UPDATE cleanflow_control.owner_links SET expires_at = now()")
    key = {"key": late.partition("key=")[2]}
    assert requests.post(late.partition("?")[0], data=key, timeout=10).status_code == 403
    first, second = owner(live, shop), owner(live, shop)
    run_sql(live.database, "UPDATE cleanflow_control.owner_links SET session_expires_at = now()")
    assert first.get(f"{live.url}/owner", timeout=10).status_code == 403
    third = owner(live, shop)
    live.admin(lambda connection: admin.end_owner_links(connection, shop))
    for phone in (second, third):
        assert phone.get(f"{live.url}/owner", timeout=10).status_code == 403


def test_an_owner_sees_one_shop_alone(live: Live, shop: Shop) -> None:
    other = live.new_shop()
    pc = live.join(other)
    pc.push(merged(device(pc), pc.made.setting(1, "shop_name", "The other shop"), pc.made.sale()))
    phone = owner(live, shop)
    for query in ("", f"?shop={other.id}", f"?date=2026-03-10&schema={other.schema_name}"):
        assert "The other shop" not in read(live, phone, query).text


@pytest.mark.parametrize(
    "day", ["", "x", "2026-02-30", "0001-01-01", "9999-12-31", "'; SELECT 1", "20260310"]
)
def test_any_date_that_is_asked_for_gets_a_page(live: Live, shop: Shop, day: str) -> None:
    pc = live.join(shop)
    pc.push(merged(device(pc), pc.made.sale()))
    assert "Takings" in (text := read(live, owner(live, shop), f"?date={day}").text) or "Taken on" in text


def test_a_pc_whose_clock_is_years_ahead_does_not_hide_today(live: Live, shop: Shop) -> None:
    pc = live.join(shop)
    pc.push(
        merged(
            device(pc),
            entry(pc, "PAYMENT", CASH, RECEIVABLE, 100, None, "2026-03-10"),
            entry(pc, "PAYMENT", CASH, RECEIVABLE, 900, None, "2099-01-01"),
        )
    )
    assert "Taken on Tuesday, 10 March 2026 1.00" in read(live, owner(live, shop)).text


@pytest.mark.long
def test_the_page_in_a_real_browser(live: Live, shop: Shop, tmp_path: Path) -> None:
    """On a small phone nothing is cut off at the side, and the browser reports no error."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no chromium: apt install chromium")
    pc = live.join(shop)
    names = [pc.made.customer("A very long name without any end " * 5), pc.made.customer("x" * 190)]
    jobs = [pc.made.job(name["customers"][0]["id"], 999_999_999_999) for name in names]
    pc.push(merged(device(pc, "Counter " * 12), *names, *jobs))
    page = owner(live, shop).get(f"{live.url}/owner", timeout=10)
    # The page as served, except that the measuring frame may embed it.
    policy = page.headers["Content-Security-Policy"].replace("frame-ancestors 'none'", "")
    probe = (
        "<iframe id=f src=/page style='width:320px;height:640px;border:0'></iframe><p id=told></p>"
        "<script>f.onload=()=>{const d=f.contentDocument;"
        "told.textContent='FITS '+(d.documentElement.scrollWidth<=f.contentWindow.innerWidth)"
        "+' FONT '+f.contentWindow.getComputedStyle(d.body).fontSize"
        "+' RUN '+typeof f.contentWindow.ran}</script>"
    )
    with _served({"/probe": (probe, ""), "/page": (page.text + "<script>ran=1</script>", policy)}) as address:
        command = [
            program, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=5000", "--dump-dom", f"{address}/probe",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "FITS true FONT 17px RUN undefined" in done.stdout


@contextmanager
def _served(pages: dict[str, tuple[str, str]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body, policy = pages.get(self.path, ("", ""))
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            if policy:
                self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{serving.server_port}"
        finally:
            serving.shutdown()
            thread.join()
