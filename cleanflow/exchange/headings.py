"""Headings of columns as words: which one is a phone, an e-mail or a part of an address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from cleanflow.records.search import folded


def letters(text: str) -> str:
    """Letters and digits alone, without case and accents: “Invoice-ID” and “invoice_id” are one."""
    return "".join(char for char in folded(text) if char.isalnum())


_IN_BRACKETS = re.compile(r"[\[(][^\])]*[\])]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True)
class Heading:
    """A column's name, and what there is to compare of it."""

    name: str

    @cached_property
    def letters(self) -> str:
        """:func:`letters` of the whole name."""
        return letters(self.name)

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """The letters; then without what stands in brackets (“Price [Shop]”); then without digits, too."""
        plain = letters(_IN_BRACKETS.sub("", self.name))
        bare = re.sub("[0-9]", "", plain)
        return tuple(dict.fromkeys((self.letters, plain, bare if len(bare) >= 4 else plain)))

    @cached_property
    def words(self) -> str:
        """``po address line 1`` of “POAddressLine1”; words and numbers with a space between them."""
        plain = folded(_CAMEL.sub(" ", _IN_BRACKETS.sub("", self.name)))
        return " ".join(re.findall(r"[^\W\d_]+|[0-9]+", plain))

    @cached_property
    def is_phone(self) -> bool:
        """A phone number: “Mobile”, “Phone 1 - Value”, “Home Phone 2”; no fax and no “Phone Type”."""
        return bool(_PHONE.fullmatch(self.words) or _PHONE.fullmatch(self.letters))

    @cached_property
    def is_email(self) -> bool:
        """An e-mail address: “E-mail 1 - Value”, “Main Email”; no “Accepts Email Marketing”."""
        return bool(_EMAIL.fullmatch(self.words) or _EMAIL.fullmatch(self.letters))

    @cached_property
    def address(self) -> tuple[str, bool] | None:
        """Of a part of an address the group it belongs to (“home”, “billing”, “address 1”; the main address
        has none), and whether it is the address in one piece, which only counts without the parts.
        """
        found = _ADDRESS.fullmatch(self.words)
        if found is None:
            return None
        group = re.sub(r" ?address(?! [0-9])", "", (found["group"] or "").strip()).strip()
        return group, bool(re.search("formatted|full", found["part"]))


def _any(*words: str) -> str:
    return "|".join(folded(word) for text in words for word in text.split("/"))


_OF_WHOM = _any(
    "home/work/business/office/company/main/primary/secondary/alt/alternate/alternative/other/customer/client",
    "contact/default/car/radio/toll free/day/evening/daytime/private/personal/billing/shipping/bill to/ship"
    " to",
    "رقم/номер/numero de/numero",
)
_PHONE_WORD = _any(
    "phone/phones/telephone/tel/telefon/telefono/telefone/telefonu/teléfono/fon/fone/téléphone/handy/mobil/movil",
    "móvil/celular/cellulare/mobile/cell/cellphone/cellular/gsm/cep/whatsapp/portable/telno/phoneno/mobileno",
    "phonenumber/telephonenumber/mobilenumber/mobilephone/homephone/workphone/contactno/contactnumber",
    "contact no",
    "contact number/telephoneno/telephone no/телефон/тел/мобильный/моб/هاتف/الهاتف/جوال/الجوال/موبايل/تليفون",
    "محمول/تلفن/فون/موبائل/फ़ोन/मोबाइल/电话/手机/電話",
)
_PHONE = re.compile(
    rf"(?:(?:{_OF_WHOM}|[0-9]) )*(?:{_PHONE_WORD})(?: (?:{_PHONE_WORD}))*(?:"
    f" ?(?:number|numbers|no|nr|num|value|[0-9]))*"
)
_EMAIL_WORD = _any(
    "e mail/email/mail/emails/emailid/emailaddress/correo/correo"
    " electronico/correoelectronico/courriel/eposta",
    "e posta/почта/البريد/البريد الالكتروني/ای میل",
)
_EMAIL = re.compile(rf"(?:(?:{_OF_WHOM}|[0-9]) )*(?:{_EMAIL_WORD})(?: ?(?:address|adresse|id|value|[0-9]))*")

_LINE = r"(?: (?:address|name))?(?: line)?(?: [0-9])?"
_STREET = _any(
    "street/streetaddress/road/strasse/straße/calle/rue/via/rua/sokak/улица/الشارع/शहर सड़क",
)
_WHOLE = _any(
    "address/addr/addressline/adresse/anschrift/direccion/endereco/indirizzo/adres/адрес/عنوان/العنوان/پتہ/पता",
)
_PLACE = _any(
    "city/town/ort/stadt/ciudad/ville/cidade/citta/sehir/город/المدينة/suburb/district/area/locality/neighborhood",
    "neighbourhood/barrio/bairro/mahalle/ilce/village/house/building/apartment/apt/unit/suite/flat/hausnummer",
    "house number/house no/land/departement/landmark",
)
_STATE = r"(?:state|province|region|county|provincia|estado)(?: (?:province|state|region|county|code|id))*"
_POSTCODE = _any(
    "postal code/postcode/post code/postalcode/zip/zip code/zipcode/postal code zip code/zip postal code",
    "postal zip code/plz/postleitzahl/codigo postal/codigopostal/code postal/codepostal/cap/posta kodu/pin"
    " code",
    "pincode/индекс/الرمز البريدي",
)
_COUNTRY = rf"(?:{_any('country/pais/pays/paese/ulke/страна/البلد/nation')})(?: (?:region|code|name|id))*"
_GROUP = _any(
    "customer/client/contact/default/primary/main/home/work/business/office/company/billing/bill/bill"
    " to/invoice",
    "shipping/ship/ship to/delivery/mailing/physical/postal/other/po/sa/street/residential/private",
)
_ADDRESS = re.compile(
    rf"(?P<group>(?:(?:{_GROUP})(?: address)?(?: [0-9])? |address(?: [0-9])? )??)"
    rf"(?P<part>formatted|(?:full|complete) address|(?:{_STREET}){_LINE}|(?:{_WHOLE})(?: line)?(?: [0-9])?"
    rf"|line [0-9]|{_PLACE}|{_STATE}|{_POSTCODE}|{_COUNTRY})"
)
