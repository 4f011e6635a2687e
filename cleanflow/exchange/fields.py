"""What can be imported: the fields of each kind of record, and the words by which columns are known.

A word is a column's name without case, accents, spaces and punctuation: ``customerid``.
"""

from __future__ import annotations

from dataclasses import dataclass

Words = tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """A field of a record.

    ``choices``: ways to fill it, the best first. Each is a sequence of places, each place the words of
    columns that fit there; one column is taken a place, and all places must be filled.
    ``gathered``: words of columns that all go into the field together, in the file's order.
    ``joiner``: what stands between the texts of several columns; empty where one column must do.
    """

    name: str
    choices: tuple[tuple[Words, ...], ...] = ()
    gathered: frozenset[str] = frozenset()
    joiner: str = ""
    is_required: bool = False
    is_labelled: bool = False


def _words(text: str) -> Words:
    return tuple(text.split())


def _one_of(*choices: str) -> tuple[tuple[Words, ...], ...]:
    return tuple((_words(choice),) for choice in choices)


_FULL_NAME = _words("customername clientname fullname displayname nombrecompleto nomcomplet kundenname")
_FIRST = _words("firstname forename givenname vorname prenom primernombre nombres")
_MIDDLE = _words("middlename secondname segundonombre")
_LAST = _words("lastname surname familyname nachname familienname apellido apellidos nomdefamille")
_NAME = _words("name customer client contact contactname kunde nombre cliente nom")
_COMPANY = _words("company companyname firma empresa societe entreprise organisation organization")
_PERSON = ((_FIRST, _MIDDLE, _LAST), (_FIRST, _LAST), (_FIRST, _NAME), (_NAME, _LAST))

_NOTES_WORDS = (
    "notes note comment comments remark remarks memo bemerkung bemerkungen notiz notizen notas observaciones"
    " commentaire commentaires remarque"
)
_EMAIL_WORDS = "email emailaddress mail emails correo correoelectronico courriel"
_PHONE_WORDS = (
    "phone phone1 phone2 phoneno phonenumber telephone telephoneno telephonenumber tel telno telefon telefono"
    " mobile mobileno mobilenumber mobilephone mobil movil cell cellphone cellular celular handy portable"
    " homephone workphone contactno contactnumber whatsapp"
)
_ADDRESS_WORDS = (
    "address address1 address2 address3 addressline addressline1 addressline2 street streetaddress city town"
    " state province region county country postalcode postcode zip zipcode area"
    " strasse hausnummer plz postleitzahl ort stadt land adresse anschrift"
    " direccion calle ciudad provincia pais codigopostal rue ville pays codepostal"
)

_CUSTOMER_KEY = (
    "customerid customerkey customerno customernumber customercode clientid clientno clientnumber clientcode"
    " kundennr kundennummer kundenid clienteid idcliente codigocliente clientnr numeroclient"
)
_JOB_KEY = (
    "jobid jobkey jobno jobnumber jobreference job invoiceid invoiceno invoicenumber invoice orderid orderno"
    " ordernumber order ticketid ticketno ticketnumber ticket workorder workorderno"
    " rechnungsnr rechnungsnummer auftragsnr auftragsnummer factura numerofactura nofactura facture"
    " numerofacture nofacture"
)
_AMOUNT = (
    "amount total totalamount grandtotal invoicetotal ordertotal jobtotal sum price charge value"
    " betrag summe gesamt gesamtbetrag preis importe monto montant prix"
)
_DATE = "date day businessdate datum fecha createdat created createdon entrydate"

_EXTERNAL = "externalkey externalid oldkey oldid legacyid"
_CUSTOMER = Field(
    "customer",
    (*_one_of(_CUSTOMER_KEY), (_FULL_NAME,), *_PERSON, (_NAME,), (_COMPANY,)),
    joiner=" ",
    is_required=True,
)
_NOTES = Field("notes", gathered=frozenset(_NOTES_WORDS.split()), joiner="\n", is_labelled=True)
_METHOD = Field(
    "method",
    _one_of(
        "method paymentmethod paymenttype paymentmode payby paidby mode modeofpayment tender"
        " zahlungsart zahlungsweise metodo metododepago formadepago modepaiement modedepaiement"
    ),
)


def _amount(first: str = "") -> Field:
    return Field("amount", _one_of(*filter(None, (first, _AMOUNT))), is_required=True)


def _date(first: str) -> Field:
    return Field("date", _one_of(first, _DATE))


def _key(*words: str) -> Field:
    return Field("external_key", _one_of(_EXTERNAL, *words))


#: Kind of record -> its fields. A column goes to the first field that wants it.
FIELDS: dict[str, tuple[Field, ...]] = {
    "customers": (
        _key(_CUSTOMER_KEY, "id key code number no nr"),
        Field(
            "name",
            ((_FULL_NAME,), *_PERSON, (_NAME,), (_COMPANY,), (_LAST,), (_FIRST,)),
            joiner=" ",
            is_required=True,
        ),
        Field("phone", gathered=frozenset(_PHONE_WORDS.split()), joiner=", "),
        Field("address", gathered=frozenset(_ADDRESS_WORDS.split()), joiner=", "),
        Field(
            "opening_balance",
            _one_of(
                "openingbalance balance balancedue outstanding outstandingbalance amountdue due owed owes"
                " saldo solde kontostand anfangssaldo saldoinicial"
            ),
        ),
        Field(
            "notes",
            gathered=frozenset((*_NOTES_WORDS.split(), *_EMAIL_WORDS.split(), *_COMPANY)),
            joiner="\n",
            is_labelled=True,
        ),
    ),
    "services": (
        _key("serviceid servicekey servicetypeid servicecode itemid itemcode productid", "id key code sku"),
        Field(
            "name",
            _one_of(
                "name servicename service servicetype item itemname product productname title article"
                " bezeichnung dienstleistung leistung artikel servicio nombre producto prestation nom",
                "description beschreibung descripcion",
            ),
            is_required=True,
        ),
        Field(
            "price", _one_of("price unitprice listprice rate cost fee charge preis precio prix tarif amount")
        ),
    ),
    "jobs": (
        _key(_JOB_KEY, "reference ref id key code number no nr"),
        _CUSTOMER,
        _amount(),
        _date(
            "invoicedate jobdate orderdate receiveddate datereceived receivedon ticketdate"
            " rechnungsdatum auftragsdatum fechafactura datefacture"
        ),
        Field(
            "due_date",
            _one_of(
                "duedate due promised promiseddate promisedate readyby deliverydate pickupdate"
                " fallig falligkeit falligkeitsdatum vencimiento fechavencimiento fechaentrega echeance"
            ),
        ),
        Field(
            "service", _one_of("service servicename servicetype serviceid servicetypeid servicio leistung")
        ),
        Field(
            "description",
            gathered=frozenset(
                "description details detail item items work title beschreibung bezeichnung descripcion"
                " detalle concepto".split()
            ),
            joiner=", ",
        ),
        _NOTES,
        Field("work_status", _one_of("workstatus jobstatus orderstatus status estado auftragsstatus statut")),
    ),
    "payments": (
        # An invoice may be paid in parts: its number says which job is settled, not which payment it is.
        _key(
            "paymentid paymentkey paymentno paymentnumber receiptid receiptno receiptnumber receipt"
            " transactionid transactionno belegnr quittungsnr recibo recu",
            "id key code number no nr",
        ),
        _CUSTOMER,
        _amount("amountpaid paidamount paymentamount paid payment received amountreceived"),
        _date(
            "paymentdate datepaid paiddate paidon receiptdate zahlungsdatum fechapago datepaiement"
            " invoicedate"
        ),
        _METHOD,
        Field("job", _one_of(_JOB_KEY)),
    ),
    "expenses": (
        _key(
            "expenseid expensekey expenseno expensenumber voucherid voucherno vouchernumber voucher receiptno"
            " receiptnumber transactionid belegnr",
            "reference ref id key code number no nr",
        ),
        Field(
            "category",
            _one_of(
                "category categoryname expensecategory expensetype type account kategorie konto categoria"
                " cuenta categorie compte"
            ),
            is_required=True,
        ),
        _amount("amountpaid paidamount expenseamount"),
        _date("expensedate paymentdate datepaid paiddate paidon invoicedate belegdatum"),
        _METHOD,
        Field(
            "description",
            gathered=frozenset(
                (
                    *_NOTES_WORDS.split(),
                    *(
                        "description details detail item items payee vendor supplier paidto purpose"
                        " beschreibung lieferant empfanger descripcion concepto proveedor fournisseur libelle"
                    ).split(),
                )
            ),
            joiner=", ",
        ),
    ),
}
