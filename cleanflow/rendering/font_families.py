"""Font files for each script, by their file names on Windows, Linux and macOS.

Only fonts with TrueType outlines, because reportlab cannot embed others; so Noto's CJK families are missing.
"""

from __future__ import annotations

#: General families. The first one installed is the document's own font (Vera comes with reportlab), and all
#: of them are tried for scripts that a broad family may have: Cyrillic, Greek, Vietnamese, Arabic, Hebrew …
#: All have digits of equal width.
GENERAL = (
    "arial.ttf",
    "liberationsans-regular.ttf",
    "segoeui.ttf",
    "dejavusanscondensed.ttf",
    "dejavusans.ttf",
    "notosans-regular.ttf",
    "tahoma.ttf",
    "freesans.ttf",
    "arial unicode.ttf",
    "seguisym.ttf",
    "notosanssymbols-regular.ttf",
    "notosanssymbols2-regular.ttf",
    "vera.ttf",
)

#: Regular -> bold, where the bold file's name is irregular.
BOLD_FILES = {
    "arial.ttf": "arialbd.ttf",
    "liberationsans-regular.ttf": "liberationsans-bold.ttf",
    "segoeui.ttf": "segoeuib.ttf",
    "dejavusanscondensed.ttf": "dejavusanscondensed-bold.ttf",
    "dejavusans.ttf": "dejavusans-bold.ttf",
    "notosans-regular.ttf": "notosans-bold.ttf",
    "tahoma.ttf": "tahomabd.ttf",
    "freesans.ttf": "freesansbold.ttf",
    "vera.ttf": "verabd.ttf",
    "nirmala.ttf": "nirmalab.ttf",
    "msyh.ttf": "msyhbd.ttf",
    "msyh.ttc": "msyhbd.ttc",
    "malgun.ttf": "malgunbd.ttf",
}

_INDIA = ("nirmala.ttf", "nirmala.ttc", "mangal.ttf", "lohit-devanagari.ttf", "gargi.ttf")
_CHINA = (
    "msyh.ttc",
    "msyh.ttf",
    "simsun.ttc",
    "simhei.ttf",
    "msjh.ttc",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "droidsansfallbackfull.ttf",
    "droidsansfallback.ttf",
    "stheiti light.ttc",
    "arial unicode.ttf",
)
_JAPAN = (
    "meiryo.ttc",
    "msgothic.ttc",
    "yugothm.ttc",
    "ipag.ttf",
    "takaogothic.ttf",
    "fonts-japanese-gothic.ttf",
)
_KOREA = ("malgun.ttf", "gulim.ttc", "nanumgothic.ttf", "unbatang.ttf", "applegothic.ttf")

#: First word of a character's Unicode name -> files to try before the general ones.
SCRIPTS = {
    **dict.fromkeys(
        "DEVANAGARI BENGALI GURMUKHI GUJARATI ORIYA TAMIL TELUGU KANNADA MALAYALAM SINHALA".split(), _INDIA
    ),
    "CJK": _CHINA + _JAPAN,
    "FULLWIDTH": _CHINA,
    "IDEOGRAPHIC": _CHINA,
    "HIRAGANA": _JAPAN + _CHINA,
    "KATAKANA": _JAPAN + _CHINA,
    "HANGUL": _KOREA + _CHINA,
    "THAI": ("leelawui.ttf", "tahoma.ttf", "garuda.ttf", "loma.ttf"),
    "LAO": ("leelawui.ttf",),
    "KHMER": ("leelawui.ttf",),
    "MYANMAR": ("mmrtext.ttf",),
    "ETHIOPIC": ("ebrima.ttf", "nyala.ttf"),
    "GEORGIAN": ("sylfaen.ttf",),
    "TIBETAN": ("himalaya.ttf",),
}

#: Names of font files with other outlines, which PDF readers use in place of READERS_CJK.
UNEMBEDDABLE_CJK = ("notosanscjk", "notoserifcjk", "sourcehan", "pingfang", "hiragino", "applesdgothicneo")

#: Fonts that PDF readers know by name, with the code page of their characters.
READERS_CJK = {
    "STSong-Light": "gbk",
    "HeiseiKakuGo-W5": "shift_jis",
    "HYSMyeongJo-Medium": "cp949",
    "MSung-Light": "big5",
}
