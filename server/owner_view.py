"""Draws the owner's page and its sign-in pages. html.py escapes every text."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from .auth import OWNER_SESSION_DAYS
from .html import PAGE_HEADERS, Html, element, page, table, together
from .page import OwnerView, PcSync

#: A PC that has sent nothing for this long is marked.
_LATE: Final = timedelta(days=2)


def owner_page(seen: OwnerView) -> HTMLResponse:
    """The page itself."""
    return page(
        f"{seen.shop_name}: today",
        element("h1", seen.shop_name),
        element("p", f"As of {_time(seen.as_of)}, amounts in {seen.currency}", class_="soft"),
        _takings(seen),
        _owed(seen),
        _pcs(seen),
        _refused(seen),
    )


def sign_in(key: str) -> HTMLResponse:
    """The page behind a link; its button signs in, so that a messenger's preview does not use the link up."""
    return page(
        "CleanFlow: sign in",
        element("h1", "The owner's page"),
        element("p", f"This link works once. It keeps this phone signed in for {OWNER_SESSION_DAYS} days."),
        element(
            "form",
            element("input", type="hidden", name="key", value=key[:200]),
            element("p", element("button", "Open the page")),
            method="post",
            action="/owner/sign-in",
        ),
    )


def signed_out() -> HTMLResponse:
    """Tells a visitor without a valid session how to get one, and nothing else."""
    return page(
        "CleanFlow: not signed in",
        element("h1", "Not signed in"),
        element("p", "This link is wrong, used up, or too old. Ask whoever runs the server for a new one:"),
        element("p", element("code", "cleanflow serve owner-link SHOP")),
        status=403,
    )


def signed_in(request: Request, session: str) -> Response:
    """Set the session's cookie and go to the page."""
    answer = RedirectResponse("/owner", 303, dict(PAGE_HEADERS))
    answer.set_cookie(
        cookie_name(request),
        session,
        max_age=OWNER_SESSION_DAYS * 86_400,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return answer


def cookie_name(request: Request) -> str:
    """The cookie's name. Over https it has the prefix that forbids other hosts and plain http to set it."""
    return "__Host-cleanflow-owner" if request.url.scheme == "https" else "cleanflow-owner"


def _takings(seen: OwnerView) -> Html:
    if seen.day is None:
        return together(element("h2", "Takings"), element("p", "Nothing is in the books yet."))
    cash = sum((one.cash_minor for one in seen.takings), Decimal(0))
    bank = sum((one.bank_minor for one in seen.takings), Decimal(0))
    rows: list[list[object]] = [
        [one.pc, _amount(seen, one.cash_minor), _amount(seen, one.bank_minor)] for one in seen.takings
    ]
    rows.append(["Total", _amount(seen, cash), _amount(seen, bank)])
    out = (
        f"Paid out, refunds and expenses: cash {_amount(seen, seen.paid_out_cash_minor)},"
        f" bank {_amount(seen, seen.paid_out_bank_minor)}."
    )
    return together(
        element("h2", f"Taken on {seen.day:%A, %d %B %Y}"),
        element("p", _amount(seen, cash + bank), class_="sum"),
        table(["PC", "Cash", "Bank"], rows, has_total=True),
        element("p", out, class_="soft"),
        element("nav", _day_link(seen.day_before, "‹ "), _day_link(seen.day_after, "", " ›")),
    )


def _day_link(day: date | None, before: str, after: str = "") -> Html:
    if day is None:
        return element("span", "")
    return element("a", f"{before}{day:%d %B}{after}", href=f"/owner?date={day.isoformat()}")


def _owed(seen: OwnerView) -> Html:
    rows: list[list[object]] = [[one.name, _amount(seen, one.balance_minor)] for one in seen.debtors]
    credit = f"Customers' credit with the shop: {_amount(seen, seen.credit_minor)}."
    return together(
        element("h2", f"Owed by {seen.debtor_count} customers"),
        element("p", _amount(seen, seen.owed_minor), class_="sum"),
        table(["The largest", "Owes"], rows) if rows else "",
        element("p", credit, class_="soft"),
    )


def _pcs(seen: OwnerView) -> Html:
    rows: list[list[object]] = [[_pc_name(pc), _sent(pc, seen.as_of), _time(pc.pulled_at)] for pc in seen.pcs]
    if not rows:
        return together(element("h2", "PCs"), element("p", "No PC has joined yet."))
    return together(element("h2", "PCs"), table(["PC", "Last sent", "Last fetched"], rows, numbers_from=3))


def _pc_name(pc: PcSync) -> str:
    ended = " (access ended)" if pc.is_ended else ""
    return f"{pc.code} {pc.name}".strip() + ended


def _sent(pc: PcSync, now: datetime) -> object:
    is_late = not pc.is_ended and (pc.pushed_at is None or now - pc.pushed_at > _LATE)
    return element("span", _time(pc.pushed_at), class_="bad") if is_late else _time(pc.pushed_at)


def _refused(seen: OwnerView) -> Html:
    if not seen.refused:
        return together(
            element("h2", "Failed records"), element("p", "None in the last seven days.", class_="soft")
        )
    rows: list[list[object]] = [
        [
            one.pc,
            one.table.replace("_", " ") or "everything sent",
            element("span", one.reason, class_="bad" if one.is_alarm else None),
            _time(one.refused_at),
        ]
        for one in seen.refused
    ]
    return together(
        element("h2", "Failed records, last seven days"),
        table(["PC", "What", "Why", "When"], rows, numbers_from=4),
    )


def _amount(seen: OwnerView, amount_minor: Decimal) -> str:
    return f"{amount_minor.scaleb(-seen.decimals):,.{seen.decimals}f}"


def _time(moment: datetime | None) -> str:
    return f"{moment:%d %b %H:%M} UTC" if moment else "never"
