"""Dates, amounts and words as other programs write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from cleanflow.dao.jobs import WORK_STATUSES
from cleanflow.dao.payments import METHODS
from cleanflow.digits import ascii_digits
from cleanflow.errors import Refusal
from cleanflow.exchange.headings import letters
from cleanflow.exchange.table import Number
from cleanflow.money import MAX_AMOUNT_MINOR, Currency, parse_amount
from cleanflow.records.search import folded

_LONGEST_DATE = 60
_TIME = re.compile(
    r"(?:T|,?\ +)[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2}(?:[.,][0-9]+)?)?"
    r"\ *(?:[ap]\.?m\.?)?\ *(?:Z|[A-Z]{3,4}|[+-][0-9]{2}:?[0-9]{2})?$",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(
    r"([0-9]{4})([-/.]?)([0-9]{2})\2([0-9]{2})\.?"
    r"|([0-9]{4})(?:[-/. ]|\. )([0-9]{1,2})(?:[-/. ]|\. )([0-9]{1,2})\.?"
)
_THREE_NUMBERS = re.compile(r"([0-9]{1,2})([-/.]|\. )([0-9]{1,2})\2([0-9]{4}|[0-9]{2})\.?")

_WEEKDAY = re.compile(
    r"(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?\.?,?\ +", re.IGNORECASE
)

_MONTH_WORDS = (
    "jan january januar janvier enero ene janv janeiro gennaio gen ocak января январь янв يناير جنوري",
    "feb february februar fevrier febrero fevr fev fevereiro febbraio subat февраля февраль фев فبراير فروری",
    "mar march marz mars marzo maerz marco mart марта март мар مارس مارچ",
    "apr april avril abril abr avr aprile nisan апреля апрель апр ابريل اپریل",
    "may mai mayo maio maggio mag mayis мая май مايو مئی",
    "jun june juni juin junio junho giugno giu haziran июня июнь июн يونيو جون",
    "jul july juli juillet julio juil julho luglio lug temmuz июля июль июл يوليو جولائی",
    "aug august aout agosto ago agustos августа август авг اغسطس اگست",
    "sep september septembre septiembre sept setembro set settembre eylul сентября сентябрь сен سبتمبر ستمبر",
    "oct october oktober octobre octubre okt outubro out ottobre ott ekim октября октябрь окт اكتوبر اکتوبر",
    "nov november novembre noviembre novembro kasim ноября ноябрь ноя نوفمبر نومبر",
    "dec december dezember decembre diciembre dez dic dezembro dicembre aralik декабря декабрь дек ديسمبر"
    " دسمبر",
)
_MONTHS: Final = {
    folded(word): month for month, words in enumerate(_MONTH_WORDS, start=1) for word in words.split()
}
_SMALL_WORDS = frozenset("de del of the st nd rd th er le den".split())


def parse_date(text: str, order: str) -> str:
    """``YYYY-MM-DD`` of a date in digits or with the month's name; a time behind it is left out.

    ``order`` (DMY, MDY or YMD) decides only where more than one reading is a day of the calendar.
    Refuses with ``date_invalid`` or ``date_ambiguous``.
    """
    found = _readings(text, order)
    if not found:
        raise Refusal("date_invalid", text=text[:_LONGEST_DATE])
    if order in found:
        return found[order].isoformat()
    if len(set(found.values())) > 1:
        raise Refusal("date_ambiguous", text=text)
    return next(iter(found.values())).isoformat()


def date_order_of(texts: Iterable[str], order: str) -> str:
    """The order in which a column writes its dates: the shop's, unless the dates themselves say another.

    They do when at least one date can be read in one other order alone, and none in the shop's alone.
    """
    certain: set[str] = set()
    for text in texts:
        found = _readings(text, order)
        if len(found) == 1:
            certain.update(found)
    certain.discard("")
    return certain.pop() if len(certain) == 1 else order


def _readings(text: str, order: str) -> dict[str, date]:
    """The days that ``text`` may mean, by the order that reads it so; ``""`` where no order is needed."""
    if len(text) > _LONGEST_DATE:
        return {}
    plain = _TIME.sub("", _plain(text)).strip()
    if match := _YEAR_FIRST.fullmatch(plain):
        year, month, day = (match[1], match[3], match[4]) if match[1] else match.group(5, 6, 7)
        return _valid({"": (year, month, day)})
    if match := _THREE_NUMBERS.fullmatch(plain):
        first, second, third = match.group(1, 3, 4)
        orders = {"DMY": (third, second, first), "MDY": (third, first, second)}
        if order == "YMD" and len(third) == 2 and len(first) == 2:
            orders["YMD"] = (first, second, third)
        return _valid(orders)
    return _valid({"": _named_month(plain)})


def _named_month(plain: str) -> tuple[str, str, str] | None:
    tokens = [token for token in re.findall(r"[^\W\d_]+|[0-9]+", folded(plain)) if token not in _SMALL_WORDS]
    if len(tokens) != 3 or len(months := [token for token in tokens if token in _MONTHS]) != 1:
        return None
    month = str(_MONTHS[months[0]])
    first, second = (token for token in tokens if token not in _MONTHS)
    if not (first + second).isdigit() or tokens[2] in _MONTHS:
        return None
    return (first, month, second) if len(first) == 4 else (second, month, first)


def _valid(orders: Mapping[str, tuple[str, str, str] | None]) -> dict[str, date]:
    days = {order: _day(*parts) for order, parts in orders.items() if parts}
    return {order: day for order, day in days.items() if day}


def _day(year_text: str, month: str, day: str) -> date | None:
    if len(year_text) not in (2, 4):
        return None
    year = int(year_text)
    if len(year_text) == 2:
        year += 2000 if year < 69 else 1900  # as POSIX's strptime
    try:
        return date(year, int(month), int(day)) if 1900 <= year < 2200 else None
    except ValueError:
        return None


def _plain(text: str) -> str:
    """ASCII digits and plain spaces, without direction marks and the name of the weekday."""
    plain = "".join(
        " " if unicodedata.category(char) == "Zs" else char
        for char in ascii_digits(text)
        if unicodedata.category(char) != "Cf"
    )
    return _WEEKDAY.sub("", plain.strip()).strip()


def is_date(text: str) -> bool:
    """Whether ``text`` is a day of the calendar in any order."""
    return bool(_readings(text, "DMY") or _readings(text, "YMD"))


# --- amounts ---------------------------------------------------------------------------------------


def amount_of(text: str, unit: Currency) -> int:
    """Minor units of one cell, or of several joined by `` + `` or `` × ``.

    A number cell is exact, so that 1.2 is never grouped. Refuses as :func:`cleanflow.money.parse_amount`.
    """
    if isinstance(text, Number):
        return _exact(Decimal(text), unit, text)
    if " × " in text:
        price, _times, quantity = text.partition(" × ")
        return _exact(_decimal(price, unit) * _decimal(quantity, unit), unit, text)
    return sum(parse_amount(part, unit) for part in text.split(" + "))


def _exact(amount: Decimal, unit: Currency, text: str) -> int:
    if not amount.is_finite():
        raise Refusal("amount_not_a_number", text=text)
    minor = amount.scaleb(unit.decimals)
    rounded = int(minor.to_integral_value())
    if abs(minor - rounded) > Decimal("0.0001"):
        raise Refusal("amount_decimals", currency=unit.code, decimals=unit.decimals, text=text)
    if abs(rounded) > MAX_AMOUNT_MINOR:
        raise Refusal("amount_too_large")
    return rounded


def _decimal(text: str, unit: Currency) -> Decimal:
    """A price or a quantity, which may have more decimals than the currency: ``10.00000000``."""
    if re.fullmatch(r"[0-9]{1,12}(?:\.[0-9]{1,12})?", text):
        return Decimal(text)
    return unit.decimal(parse_amount(text, unit))


#: A price that is asked each time.
_ASKED = frozenset(map(letters, "variable varies open ask ondemand variabel variavel".split()))


def price_of(text: str, unit: Currency) -> int:
    """Minor units of a price; 0 for one that is asked each time (“variable”). Refuses as the above."""
    return 0 if letters(text) in _ASKED else amount_of(text, unit)


# --- words -----------------------------------------------------------------------------------------

_Meanings = Mapping[str, str]


def _meanings(words: Mapping[str, str]) -> _Meanings:
    """Word in letters -> what it means."""
    return {letters(word): meaning for meaning, text in words.items() for word in (meaning, *text.split())}


_METHODS = _meanings(
    {
        "CASH": "cash cashpayment efectivo contado bar bargeld barzahlung especes comptant liquide nakit"
        " contant naqd dinheiro contanti наличные наличными نقدا نقد نقدي",
        "BANK": "bank banktransfer transfer wire wiretransfer card creditcard debitcard cheque check online"
        " pos tarjeta transferencia karte kreditkarte uberweisung ueberweisung ec eckarte eccard"
        " lastschrift directdebit scheck virement carte cartebancaire paypal upi jazzcash easypaisa stripe"
        " shopifypayments square sumup zettle klarna afterpay mpesa bkash paytm gpay venmo zelle wise"
        " mercadopago clover worldpay eftpos visa mastercard amex applepay googlepay cashapp giftcard ach"
        " pix boleto cartao bonifico carta kart kredikarti havale картой карта безналичный перевод بطاقة"
        " تحويل شيك",
    }
)
_WORK = _meanings(
    {
        "RECEIVED": "received new open pending instore placed accepted unfulfilled recibido nuevo abierto"
        " recu nouveau eingegangen neu offen angenommen recebido novo aberto ricevuto nuovo alindi yeni"
        " принят новый مستلم جديد",
        "IN_PROGRESS": "inprogress started working cleaning processing inwork partiallyfulfilled enproceso"
        " encours inarbeit inbearbeitung emandamento incorso hazirlaniyor islemde вработе قيدالتنفيذ",
        "READY": "ready finished readyforpickup readyforcollection readyfordelivery awaitingpickup cleaned"
        " cleanedready listo pret fertig abholbereit bereit pronto hazir готов готово جاهز",
        "DELIVERED": "delivered done completed complete collected pickedup closed fulfilled shipped"
        " entregado cerrado livre termine geliefert ausgeliefert abgeholt erledigt abgeschlossen entregue"
        " concluido consegnato completato teslimedildi tamamlandi выдан завершен закрыт تمالتسليم مكتمل"
        " مغلق",
    }
)
#: Of an invoice; they say nothing of the work.
_PAID = frozenset(map(letters, (
    "paid complete completed closed captured succeeded success successful settled approved received cleared"
    " sale pagado paye bezahlt pago pagato odendi оплачен مدفوع"
).split()))  # fmt: skip
_UNPAID = frozenset(map(letters, (
    "unpaid notpaid due overdue pastdue sent viewed open outstanding pending authorized unsent autopay"
    " pendiente vencido impaye enattente offen unbezahlt uberfallig pendente nonpagato odenmedi неоплачен"
).split()))  # fmt: skip
_PARTLY_PAID = frozenset(map(letters, "partial partially partiallypaid partpaid depositpaid".split()))
_NEVER = frozenset(map(letters, (
    "draft void voided cancelled canceled deleted rejected declined failed quote estimate expired anulado"
    " cancelado annule brouillon storniert entwurf annullato iptal отменен черновик ملغي ملغى"
).split()))  # fmt: skip
_REFUNDED = frozenset(
    map(letters, "refund refunded return returned creditnote credit chargeback erstattung".split())
)
_SALES = frozenset(
    map(letters, "sale sales invoice payment order receipt charge purchase venta vente verkauf".split())
)

_YES = frozenset(
    map(letters, "yes y true t 1 x active enabled si ja oui sim evet да نعم aktiv activo actif ativo".split())
)
_NO = frozenset(map(letters, (
    "no n false f 0 inactive archived disabled hidden deleted closed blocked nein non nao hayir нет لا"
    " inaktiv inactivo inactif inativo notactive deactivated"
).split()))  # fmt: skip


class LeftOut(Exception):
    """A line that is none of the records that are imported; ``reason`` says why, in words."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def payment_method(text: str) -> str:
    """CASH or BANK; CASH when nothing is said. Refuses with ``choice_invalid``."""
    return _meaning(text, _METHODS, METHODS) if text else "CASH"


def work_status(text: str) -> str:
    """The station of a job's work; RECEIVED when nothing is said, also by an invoice's status (“sent”).

    Raises :class:`LeftOut` for a draft or a cancelled one, refuses with ``choice_invalid``.
    """
    word = letters(text)
    if word in _NEVER:
        raise LeftOut(str(Refusal("left_out_status", text=text)))
    if not word or (word not in _WORK and word in _PAID | _UNPAID | _PARTLY_PAID):
        return "RECEIVED"
    return _meaning(text, _WORK, WORK_STATUSES)


def check_invoice(text: str) -> None:
    """Whether an invoice is one to import, paid or not. Raises :class:`LeftOut` for a draft, a cancelled or
    a refunded one, refuses with ``choice_invalid``.
    """
    word = letters(text)
    if word in _NEVER | _REFUNDED:
        raise LeftOut(str(Refusal("left_out_status", text=text)))
    if word and word not in _PAID | _UNPAID | _PARTLY_PAID:
        raise Refusal("choice_invalid", text=text[:_LONGEST_DATE], choices="paid, unpaid, draft, cancelled")


def check_paid(text: str) -> None:
    """Whether a line of payments is one. Raises :class:`LeftOut` when nothing was paid, and refuses with
    ``choice_invalid`` what is not understood, or says that only a part was paid.
    """
    word = letters(text)
    if word in _UNPAID | _NEVER:
        raise LeftOut(str(Refusal("left_out_status", text=text)))
    if word and word not in _PAID:
        raise Refusal("choice_invalid", text=text[:_LONGEST_DATE], choices="paid, unpaid, cancelled")


def check_type(text: str) -> None:
    """Refuses with ``refund_by_hand`` money given back, with ``choice_invalid`` an unknown word."""
    word = letters(text)
    if word in _REFUNDED:
        raise Refusal("refund_by_hand")
    if word and word not in _SALES:
        raise Refusal("choice_invalid", text=text[:_LONGEST_DATE], choices="sale, invoice, payment, refund")


def is_activity(text: str) -> bool:
    """Whether ``text`` is a word for active or inactive, longer than a mere yes or no."""
    return letters(text) in (_YES | _NO) - set("yntfx10")


def is_active(text: str) -> bool:
    """Of “Yes”, “Archived” and the like; active when nothing is said. Refuses with ``choice_invalid``."""
    word = letters(text)
    if word and word not in _YES | _NO:
        raise Refusal("choice_invalid", text=text[:_LONGEST_DATE], choices="yes, no, active, inactive")
    return not word or word in _YES


def _meaning(text: str, meanings: _Meanings, choices: tuple[str, ...]) -> str:
    found = meanings.get(letters(text))
    if found is None:
        raise Refusal("choice_invalid", text=text[:_LONGEST_DATE], choices=", ".join(choices))
    return found
