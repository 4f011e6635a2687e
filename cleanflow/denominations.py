"""Which notes and coins a currency has, for counting a drawer. Pure; values in minor units, largest first.

After what the central banks issue; those hardly seen any more are left out. A currency that is not listed
gets the usual steps of 1, 2 and 5.
"""

from __future__ import annotations

from typing import Final

from cleanflow.money import Currency

_NOTES_AND_COINS: Final[dict[str, str]] = {
    "USD": "100 50 20 10 5 2 1 .50 .25 .10 .05 .01",
    "EUR": "200 100 50 20 10 5 2 1 .50 .20 .10 .05 .02 .01",
    "GBP": "50 20 10 5 2 1 .50 .20 .10 .05 .02 .01",
    "PKR": "5000 1000 500 100 75 50 20 10 5 2 1",
    "INR": "500 200 100 50 20 10 5 2 1",
    "BDT": "1000 500 200 100 50 20 10 5 2 1",
    "LKR": "5000 1000 500 100 50 20 10 5 2 1",
    "NPR": "1000 500 100 50 20 10 5 2 1",
    "RUB": "5000 2000 1000 500 200 100 50 10 5 2 1",
    "UAH": "1000 500 200 100 50 20 10 5 2 1 .50 .10",
    "CNY": "100 50 20 10 5 1 .50 .10",
    "JPY": "10000 5000 2000 1000 500 100 50 10 5 1",
    "AED": "1000 500 200 100 50 20 10 5 1 .50 .25",
    "SAR": "500 200 100 50 20 10 5 2 1 .50 .25 .10",
    "TRY": "200 100 50 20 10 5 1 .50 .25 .10 .05",
    "EGP": "200 100 50 20 10 5 1 .50 .25",
    "NGN": "1000 500 200 100 50 20 10 5",
    "KES": "1000 500 200 100 50 20 10 5 1",
    "KWD": "20 10 5 1 .500 .250 .100 .050 .020 .010 .005",
    "CHF": "200 100 50 20 10 5 2 1 .50 .20 .10 .05",
    "CAD": "100 50 20 10 5 2 1 .25 .10 .05",
    "AUD": "100 50 20 10 5 2 1 .50 .20 .10 .05",
    "PHP": "1000 500 200 100 50 20 10 5 1 .25",
    "IDR": "100000 50000 20000 10000 5000 2000 1000 500 200 100",
    "BRL": "200 100 50 20 10 5 2 1 .50 .25 .10 .05",
    "MXN": "1000 500 200 100 50 20 10 5 2 1 .50",
}
_USUAL = "1000 500 200 100 50 20 10 5 2 1"


def denominations(unit: Currency) -> tuple[int, ...]:
    """The values of the currency's notes and coins."""
    values = []
    for text in _NOTES_AND_COINS.get(unit.code, _USUAL).split():
        whole, _dot, part = text.partition(".")
        values.append(int(whole or 0) * 10**unit.decimals + int(part.ljust(unit.decimals, "0") or 0))
    return tuple(values)
