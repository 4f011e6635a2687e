"""Hostile input from people, files and servers: one list of attacks for every place that accepts input.

Each attack has a name, which a failing test reports.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from hypothesis import strategies as st

#: Attacks on text fields.
TEXTS: Final[dict[str, str]] = {
    "empty": "",
    "spaces": "   ",
    "formula": "=1+1",
    "formula_command": "=cmd|' /C calc'!A0",
    "at_formula": "@SUM(A1:A9)",
    "minus_formula": "-1+1",
    "tab_formula": "\t=1+1",
    "markup": "محمد <b>",
    "open_markup": "<b><i>Ann",
    "para_markup": "</para><para>&nbsp;&#0;&",
    "sql": "Robert'); DROP TABLE customers;--",
    "quotes": "O'Neil “Ltd” \"&\" \\ back",
    "braces": "{reason} {0} %s %(x)s $HOME `x`",
    "tcl": "[exit] $env(HOME) {unbalanced",
    "emoji": "😀👨‍👩‍👧‍👦🏳️‍🌈",
    "combining": "Zo\u0308e\u0301",
    "zalgo": "Z" + "\u0300\u0301\u0302\u0303" * 40,
    "zero_width": "An\u200bn\u200d\u2060\ufeff",
    "only_zero_width": "\u200b\u200d\u2060",
    "right_to_left_override": "Ann\u202egnp.exe\u202c",
    "isolates": "\u2067שלום\u2069 Ann",
    "nul": "An\0n",
    "bell": "An\x07n",
    "escape": "\x1b[31mAnn\x1b[0m",
    "delete": "Ann\x7f",
    "c1": "An\x85n\x9f",
    "lines": "Ann\nBob\r\nCat\rDan",
    "line_separators": "Ann\u2028Bob\u2029Cat",
    "tabs": "Ann\tBob",
    "half_a_pair": "An\ud800n",
    "other_half": "\udfffAnn",
    "byte_escape": "An\udcffn",
    "noncharacter": "An\ufffe\uffffn",
    "private": "An\ue000\U000f0000n",
    "unassigned": "An\U000e0080n",
    "astral": "𝔄𝔫𝔫 𓀀 𐍈",
    "tamil": "நி தமிழ்",
    "cjk": "安娜 アンナ 안나",
    "not_normal": "ﬁ Å ẛ̣",
    "long": "x" * 10_000,
    "long_words": "word " * 2_000,
    "long_emoji": "😀" * 201,
    "endless": "y" * 200_000,
    "at_limit": "z" * 200,
    "grows_when_normal": "\ufb2c" * 100,  # one character becomes three
    "null_word": "NULL",
    "number": "1e308",
    "journal": 'x" ; y\n2026-01-01 open Assets:Evil',
    "path": "../../no such folder/x",
}  # fmt: skip

#: Attacks on amounts in minor units; all are integers, as the types require.
AMOUNTS: Final[dict[str, int]] = {
    "zero": 0,
    "one": 1,
    "negative": -1,
    "most": 999_999_999_999,
    "above_most": 1_000_000_000_000,
    "below_least": -1_000_000_000_000,
    "most_of_64_bits": 2**63 - 1,
    "above_64_bits": 2**63,
    "below_64_bits": -(2**63) - 1,
    "googol": 10**100,
    "minus_googol": -(10**100),
}

#: Texts typed into amount fields.
AMOUNT_TEXTS: Final[tuple[str, ...]] = (
    "", " ", "0", "-5", "1e308", "1e5", "NaN", "nan", "Infinity", "-inf", "٣٠٠", "١٬٢٠٠٫٥", "१२०", "³", "½", "Ⅻ",
    "999999999999", "9999999999.99", "9999999999.999", "10000000000", "1" * 5_000, "0." + "0" * 5_000, "0.001", "1.999",
    "1,200,3", "1.2.3", "1,,2", "300+450+", "+", "-", "+-+", "300++450", "9999999999+9999999999", "--5", "(5", "5)",
    "0x10", "1_000", "5 5", "$", "USD", "$5$", "1" + "+1" * 500, "5\0", "5\n6", "\ud800", "=1+1", "a" * 10_000, "٫", "'",
)  # fmt: skip

#: Attacks on dates.
DATES: Final[dict[str, date | str]] = {
    "first_day": date.min,
    "last_day": date.max,
    "leap_day": date(2028, 2, 29),
    "no_leap_day": "2027-02-29",
    "zeros": "0000-00-00",
    "year_zero": "0000-01-01",
    "year_10000": "10000-01-01",
    "month_13": "2026-13-01",
    "arabic": "٢٠٢٦-٠١-٠١",
    "with_time": "2026-01-01T00:00:00",
    "basic": "20260101",
    "week": "2026-W01-1",
    "newline": "2026-01-01\n",
    "nul": "2026-01-01\0",
    "half_a_pair": "\ud800",
    "empty": "",
    "words": "today",
    "long": "2" * 10_000,
}

#: Texts typed into date fields.
DATE_TEXTS: Final[tuple[str, ...]] = (
    "0000-00-00", "9999-12-31", "10000", "10000-01-01", "29/2/2027", "29/2", "30/2", "29.2.2028", "0", "32", "-1", "+1",
    "t+999999999", "t", "y", "+9999", "-9999", "+99999", "٣", "²", "1/1/1", "1/1/99999999999999999999", "1/1/0", "99/99/99",
    "1/", "/", "..", "1/1..", "..t", "t..y", "1/1....2/2", "9999-12-31..", "1" * 5_000, "\ud800", "1\0", "", " ", "=1+1",
    "1-2-3-4", "1 1", "Today", "31/12/9999..1/1/1", "1.1e3",
)  # fmt: skip

#: Attacks on record ids.
IDS: Final[dict[str, str]] = {
    "unknown": "99999999-9999-4999-8999-999999999999",
    "empty": "",
    "word": "x",
    "sql": "' OR 1=1 --",
    "nul": "a\0b",
    "half_a_pair": "\ud800",
    "braces": "{99999999-9999-4999-8999-999999999999}",
    "long": "9" * 100_000,
}

#: Any text, including lone surrogates and NULs.
any_text: Final = st.one_of(
    st.sampled_from([*TEXTS.values()]),
    st.text(st.characters(), max_size=30),
    st.text(st.characters(categories=["Cc", "Cf", "Cs", "Mn", "Zs", "Zl", "Co"]), max_size=10),
)
any_amount: Final = st.one_of(st.sampled_from([*AMOUNTS.values()]), st.integers())
