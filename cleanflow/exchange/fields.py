"""What can be imported: the fields of each kind of record, and the words by which columns are known.

A word is a heading without case, accents, spaces and punctuation: ``customerid``.
"""

from __future__ import annotations

from dataclasses import dataclass

from cleanflow.exchange.headings import letters
from cleanflow.records.people import CUSTOMERS
from cleanflow.records.types import Record

Words = tuple[str, ...]


@dataclass(frozen=True)
class Way:
    """One way to fill a field: a sequence of places, each with the words of columns that fit there.

    One column is taken a place, the best word first, and all places must be filled. ``joiner`` stands between
    their texts; `` + `` and `` × `` are computed. ``is_total``: of a whole invoice, and repeated on each of
    its lines. A word with ``?`` only counts where the column's cells look like the field.
    """

    places: tuple[Words, ...]
    joiner: str = " "
    is_total: bool = False


@dataclass(frozen=True)
class Field:
    """A field of a record.

    ``ways``: how to fill it, the best first. ``has_fallbacks``: a line where the first way is empty is filled
    by the next. ``keeps_rest``: what other ways say goes to the notes.
    ``gathered``: words of columns that all go into the field, in the file's order, and ``gathers``: "phone",
    "address" or "notes" by the rules of :mod:`cleanflow.exchange.headings`.
    ``joiner``: between the texts of gathered columns; empty where one column must do.
    ``is_labelled``: each text has its column's name before it, where there are several.
    """

    name: str
    ways: tuple[Way, ...] = ()
    gathered: frozenset[str] = frozenset()
    gathers: str = ""
    joiner: str = ""
    has_fallbacks: bool = False
    keeps_rest: bool = False
    is_required: bool = False
    is_labelled: bool = False


def _words(text: str) -> Words:
    return tuple(letters(word) + "?" * word.endswith("?") for word in text.split())


def _one_of(*choices: str) -> tuple[Way, ...]:
    return tuple(Way((_words(choice),)) for choice in choices)


_FULL_NAME = _words(
    "customername clientname fullname displayname customerfullname billingname patientname nombrecompleto"
    " nomcomplet kundenname nomecompleto adsoyad isimsoyisim adisoyadi фио полноеимя الاسمالكامل"
)
_FIRST = _words(
    "firstname contactfirstname forename givenname vorname prenom primernombre nombres primeironome isim ad"
    " adi имя الاسمالاول"
)
_MIDDLE = _words("middlename secondname additionalname segundonombre отчество")
_LAST = _words(
    "lastname contactlastname surname familyname nachname familienname apellido apellidos nomdefamille"
    " sobrenome cognome soyad soyadi soyisim фамилия اسمالعائلة"
)
_NAME = _words(
    "name customer client contact contactname customers clients person kunde nombre cliente nom nome isim"
    " ad adi musteri имя клиент название الاسم اسم العميل اسمالعميل الزبون نام नाम 姓名 名称"
)
_COMPANY = _words(
    "company companyname business businessname firma empresa societe entreprise organisation organization"
    " organizationname organisationname org azienda sirket компания организация الشركة"
)
_PERSON = tuple(
    Way(places) for places in ((_FIRST, _MIDDLE, _LAST), (_FIRST, _LAST), (_FIRST, _NAME), (_NAME, _LAST))
)

_NOTES_WORDS = (
    "notes note comment comments remark remarks memo customernote privatenote internalnotes bemerkung"
    " bemerkungen notiz notizen notas observaciones observacoes commentaire commentaires remarque notlar"
    " aciklama примечание комментарий ملاحظات ملاحظة"
)

_CUSTOMER_KEY = (
    "customerid customerkey customerno customernumber customercode clientid clientno clientnumber"
    " clientcode kundennr kundennummer kundenid clienteid idcliente codigocliente clientnr numeroclient"
    " musterino"
)
_JOB_KEY = (
    "jobid jobkey jobno jobnumber jobreference job invoiceid invoiceno invoicenumber invoice orderid"
    " orderno ordernumber order ticketid ticketno ticketnumber ticket workorder workorderno rechnungsnr"
    " rechnungsnummer auftragsnr auftragsnummer factura numerofactura nofactura facture numerofacture"
    " nofacture faturano fatura"
)
_TOTAL = (
    "totalcollected grandtotal invoicetotal ordertotal jobtotal documenttotal totalinclvat totalincvat"
    " totalinctax totalincltax total totalamount totalprice gesamt gesamtbetrag endbetrag brutto"
    " bruttobetrag gross grossamount totalttc montantttc totale toplam итого الاجمالي المجموع"
)
_LINE_TOTAL = "linetotal itemtotal lineamount itemamount"
_AMOUNT = (
    "amount sum charge value betrag summe importe monto montant valor importo tutar сумма المبلغ مبلغ 金额"
)
_NET = "net netamount netsales nettotal netto nettobetrag subtotal linesubtotal montantht"
_TAX = "tax taxes taxamount totaltax vat vatamount salestax gst mwst ust umsatzsteuer iva tva kdv"
_PRICE = (
    "price unitprice rate itemprice lineitemprice preis einzelpreis precio prix prezzo preco fiyat цена السعر"
)
_QUANTITY = (
    "quantity qty count pieces menge anzahl cantidad quantite quantita quantidade adet miktar количество"
    " الكمية"
)
_DATE = (
    "date day businessdate datum fecha data tarih дата التاريخ تاريخ 日期 createdat created createdon"
    " entrydate placed"
)

_EXTERNAL = "externalkey externalid oldkey oldid legacyid"
_CUSTOMER = Field(
    "customer",
    (*_one_of(_CUSTOMER_KEY), Way((_FULL_NAME,)), *_PERSON, Way((_NAME,)), Way((_COMPANY,))),
    has_fallbacks=True,
    is_required=True,
)
_NOTES = Field("notes", gathered=frozenset(_words(_NOTES_WORDS)), joiner="\n", is_labelled=True)
_METHOD = Field(
    "method",
    _one_of(
        "method paymentmethod paymenttype paymentmode payby paidby mode modeofpayment tender tendertype"
        " zahlungsart zahlungsweise metodo metododepago formadepago modepaiement modedepaiement odemesekli"
        " формаоплаты طريقةالدفع"
    ),
)
_STATUS = "status estado statut stato durum статус الحالة"
_INVOICE_STATUS = "paymentstatus invoicestatus financialstatus transactionstatus"
_TYPE = Field(
    "record_type", _one_of("receipttype transactiontype eventtype documenttype recordtype invoicetype")
)
_ACTIVE = (
    Field(
        "active",
        _one_of("active isactive activestatus enabled isenabled status? aktiv activo actif availableforsale"),
    ),
    Field(
        "inactive",
        _one_of("inactive isinactive archived isarchived disabled hidden deleted inaktiv inactivo"),
    ),
)


def _amount(first: str = "") -> Field:
    return Field(
        "amount",
        (
            *(_one_of(first) if first else ()),
            Way((_words(_TOTAL),), is_total=True),
            *_one_of(_LINE_TOTAL, _AMOUNT),
            Way((_words(_NET), _words(_TAX)), joiner=" + "),
            *_one_of(_NET),
            Way((_words(_PRICE), _words(_QUANTITY)), joiner=" × "),
            *_one_of(_PRICE, "grosssales"),
        ),
        is_required=True,
    )


def _date(first: str) -> Field:
    return Field("date", _one_of(first, _DATE))


def _key(*choices: str) -> Field:
    return Field("external_key", _one_of(_EXTERNAL, *choices))


def _declared(record: Record) -> tuple[Field, ...]:
    """The fields whose headings stand in the record's declaration."""
    return tuple(Field(field.name, _one_of(field.headings)) for field in record.described if field.headings)


#: Kind of record -> its fields. A column goes to the first field that wants it.
FIELDS: dict[str, tuple[Field, ...]] = {
    "customers": (
        _key(_CUSTOMER_KEY, "id key code number no nr kod"),
        Field(
            "name",
            (
                Way((_FULL_NAME,)),
                *_PERSON,
                Way((_NAME,)),
                Way((_COMPANY,)),
                *(Way((words,)) for words in (_LAST, _FIRST, ("nickname",), ("fileas",))),
            ),
            has_fallbacks=True,
            keeps_rest=True,
            is_required=True,
        ),
        Field("phone", gathers="phone", joiner=", "),
        Field("address", gathers="address", joiner=", ", has_fallbacks=True, keeps_rest=True),
        Field(
            "opening_balance",
            _one_of(
                "openingbalance balance balancedue outstanding outstandingbalance amountdue due? owed owes"
                " saldo solde kontostand anfangssaldo saldoinicial bakiye остаток долг الرصيد"
            ),
        ),
        *_ACTIVE,
        *_declared(CUSTOMERS),
        Field("notes", gathered=_NOTES.gathered, gathers="email", joiner="\n", is_labelled=True),
    ),
    "services": (
        _key("serviceid servicekey servicetypeid servicecode itemid itemcode productid", "sku id key code"),
        Field(
            "name",
            _one_of(
                "name servicename service servicetype item itemname product productname productservicename"
                " title article bezeichnung dienstleistung leistung artikel servicio nombre producto"
                " prestation nom nome servico hizmet услуга название الخدمة اسم الاسم",
                "description salesdescription desc beschreibung descripcion",
            ),
            is_required=True,
        ),
        Field(
            "price",
            _one_of(
                "price unitprice salesprice saleprice sellingprice retailprice defaultprice listprice"
                " variantprice salespricerate rate fee charge preis verkaufspreis precio precioventa prix"
                " prezzo preco tarif fiyat цена السعر سعر قیمت amount",
                "cost",
            ),
        ),
        *_ACTIVE,
    ),
    "jobs": (
        _key(_JOB_KEY, "reference ref id key code number no nr receiptnumber transactionid"),
        _CUSTOMER,
        _amount(),
        _date(
            "invoicedate jobdate orderdate receiveddate datereceived receivedon ticketdate dateissued"
            " issuedate rechnungsdatum auftragsdatum fechafactura datefacture"
        ),
        Field(
            "due_date",
            _one_of(
                "duedate due? promised promiseddate promisedate readyby deliverydate pickupdate fallig"
                " falligkeit falligkeitsdatum vencimiento fechavencimiento fechaentrega echeance"
                " teslimtarihi datavencimento"
            ),
        ),
        Field(
            "service", _one_of("service servicename servicetype serviceid servicetypeid servicio leistung")
        ),
        Field(
            "description",
            gathered=frozenset(
                _words(
                    "description details detail item itemname itemdescription lineitemname items work title"
                    " beschreibung bezeichnung descripcion detalle concepto descricao aciklama описание"
                    " الوصف"
                )
            ),
            joiner=", ",
        ),
        _NOTES,
        Field(
            "work_status",
            _one_of(f"workstatus jobstatus orderstatus fulfillmentstatus {_STATUS} auftragsstatus"),
        ),
        Field("invoice_status", _one_of(_INVOICE_STATUS)),
        _TYPE,
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
        Field("cash_amount", gathered=frozenset({"cashamount"}), joiner=" + "),
        Field("bank_amount", gathered=frozenset({"bankamount"}), joiner=" + "),
        _date(
            "paymentdate datepaid paiddate paidon receiptdate zahlungsdatum fechapago datepaiement"
            " invoicedate"
        ),
        _METHOD,
        Field("job", _one_of(_JOB_KEY)),
        Field("status", _one_of(f"{_INVOICE_STATUS} {_STATUS}")),
        _TYPE,
    ),
    "expenses": (
        _key(
            "expenseid expensekey expenseno expensenumber voucherid voucherno vouchernumber voucher"
            " receiptno receiptnumber transactionid belegnr",
            "reference ref id key code number no nr",
        ),
        Field(
            "category",
            _one_of(
                "category categoryname expensecategory expensetype type account kategorie konto categoria"
                " cuenta categorie compte kategori категория الفئة"
            ),
            is_required=True,
        ),
        _amount("amountpaid paidamount expenseamount"),
        _date("expensedate paymentdate datepaid paiddate paidon invoicedate belegdatum"),
        _METHOD,
        Field(
            "description",
            gathered=frozenset(
                _words(
                    f"{_NOTES_WORDS} description details detail item items payee vendor supplier paidto"
                    f" purpose merchant beschreibung lieferant empfanger descripcion concepto proveedor"
                    " fournisseur libelle"
                )
            ),
            joiner=", ",
        ),
    ),
}
