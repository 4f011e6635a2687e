"""The programs whose exports are known by their headings: one line each.

Most headings are understood by the general words of :mod:`cleanflow.exchange.fields`; a format says what
those would get wrong. Headings are written as :func:`~cleanflow.exchange.headings.letters` has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from cleanflow.exchange.headings import Heading


@dataclass(frozen=True)
class Format:
    """A program's export.

    ``telling``: headings that all stand in such a file and hardly in others. ``columns``: kind of record ->
    ``heading=field`` …, where a heading may have ``*`` and an empty field leaves the column out; one heading
    may stand twice, for two fields.
    """

    name: str
    telling: str
    columns: dict[str, str] = field(default_factory=dict)

    def fits(self, headings: frozenset[str]) -> bool:
        """Whether all telling headings are among ``headings``."""
        return headings.issuperset(self.telling.split())

    def fields_of(self, kind: str, heading: Heading) -> list[str]:
        """The fields that the column gives; ``[""]`` leaves it out, ``[]`` leaves it to the general words."""
        pairs = (pair.partition("=") for pair in self.columns.get(kind, "").split())
        forms = heading.forms
        return [name for words, _equals, name in pairs if any(fnmatchcase(form, words) for form in forms)]


_SQUARE_SALE = (
    "transactionid=external_key totalcollected=amount eventtype=record_type details= customerreferenceid="
)
_LOYVERSE_SALE = "receiptnumber=external_key totalcollected=amount grosssales= netsales= taxes="

FORMATS: tuple[Format, ...] = (
    Format("Google Contacts", "firstname lastname organizationname phone1value"),
    Format("Google Contacts", "givenname familyname phone1value"),
    Format("Xero contacts", "contactname accountnumber poaddressline1", {
        "customers": "contactname=name accountnumber=external_key"}),
    Format("Square customers", "squarecustomerid referenceid firstname", {
        "customers": "squarecustomerid=external_key referenceid=notes"}),
    Format("Square transactions", "transactionid paymentid totalcollected cashapp", {
        "jobs": f"{_SQUARE_SALE} transactionstatus=invoice_status",
        "payments": f"{_SQUARE_SALE} transactionid=job transactionstatus=status cash=cash_amount"
        f" card=bank_amount squaregiftcard=bank_amount othertender=bank_amount cashapp=bank_amount"}),
    Format("Square items", "token itemname variationname price", {"services": "token=external_key"}),
    Format("Loyverse items", "handle sku soldbyweight", {"services": "sku=external_key cost="}),
    Format("Loyverse receipts", "receiptnumber receipttype totalcollected", {
        "jobs": f"{_LOYVERSE_SALE} status=work_status",
        "payments": f"{_LOYVERSE_SALE} receiptnumber=job status=status"}),
    Format("Loyverse customers", "customername customercode pointsbalance", {
        "customers": "customercode=external_key pointsbalance="}),
    Format("FreshBooks invoices", "clientname dateissued invoicestatus linetotal", {
        "jobs": "invoice=external_key linetotal=amount", "payments": "invoice=job linetotal=amount"}),
    Format("FreshBooks clients", "organization firstname lastname street province"),
    Format("Invoicely invoices", "date due details client status total", {
        "jobs": "details=external_key details=description", "payments": "details=job due="}),
    Format("QuickBooks customers", "customer companyname billingstreet openbalance", {
        "customers": "openbalance=opening_balance"}),
    Format("QuickBooks Desktop customers", "activestatus customer balancetotal billto1", {
        "customers": "customer=name billto?=address balancetotal= balance=opening_balance"}),
    Format("QuickBooks customers (IIF)", "name refnum baddr1", {
        "customers": "name=name baddr?=address refnum= companyname= note=notes hidden=inactive"}),
    Format("QuickBooks items (IIF)", "name refnum invitemtype", {
        "services": "name=name refnum= price=price cost= hidden=inactive"}),
    Format("QuickBooks products and services", "productservicename salesdescription", {
        "services": "purchasecost="}),
    Format("Shopify customers", "customerid firstname acceptsemailmarketing"),
    Format("Shopify orders", "name financialstatus fulfillmentstatus lineitemname total", {
        "jobs": "name=external_key billingname=customer total=amount createdat=date"
        " fulfillmentstatus=work_status financialstatus=invoice_status shippingname= subtotal= taxes=",
        "payments": "name=external_key name=job billingname=customer total=amount paidat=date createdat="
        " financialstatus=status fulfillmentstatus="}),
    Format("Shopify products", "handle title variantprice", {
        "services": "variantsku=external_key title=name"}),
    Format("Wave customers", "customername contactfirstname contactlastname", {
        "customers": "accountnumber=external_key"}),
    Format("Zoho contacts", "displayname companyname billingcity contactid", {
        "customers": "contactid=external_key billingcode=address"}),
    Format("Zoho invoices", "invoicenumber invoicestatus customername itemtotal", {
        "jobs": "invoicenumber=external_key invoiceid="}),
    Format("Odoo contacts", "name street zip relatedcompany"),
    Format("Vend customers", "customercode firstname physicaladdress1", {
        "customers": "customercode=external_key"}),
    Format("Outlook contacts", "firstname lastname businessphone homephone"),
    Format("CleanCloud orders", "orderid placed customer total"),
)  # fmt: skip


def recognised(columns: Sequence[str]) -> Format | None:
    """The format with the most telling headings that all stand among ``columns``."""
    headings = frozenset(form for name in columns for form in Heading(name).forms[:2])
    found = [one for one in FORMATS if one.fits(headings)]
    return max(found, key=lambda one: len(one.telling.split()), default=None)
