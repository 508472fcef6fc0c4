"""To whom KSeF gave an invoice: Podmiot2 of its frozen XML.

A correction goes to the same tax number. When that was a wrong one, the correction to zero has to reach whoever got
the invoice, although the customer's card says better by now; the right buyer gets a new invoice.
"""

from __future__ import annotations

from lxml import etree

from ..ksef_core import fa3
from . import queries

_NUMBERS = {
    "NIP": "nip",
    "KodUE": "eu_country",
    "NrVatUE": "eu_number",
    "KodKraju": "other_country",
    "NrID": "other_number",
}
_PLACES = {"KodKraju": "country", "AdresL1": "line1", "AdresL2": "line2", "GLN": "gln"}


def of_originals(env, ids):
    """{move id: buyer} of the invoices among `ids` that KSeF has accepted from us."""
    return {row.move_id: read(row.buyer) for row in queries.recipients(env, ids) if row.buyer}


def read(text) -> fa3.Buyer:
    """:param text: the element Podmiot2 as it stands in the XML"""
    root = etree.fromstring(text)
    place = root.find("Adres")
    return fa3.Buyer(
        name=root.findtext("DaneIdentyfikacyjne/Nazwa") or "",
        address=fa3.Address(**_named(place, _PLACES)) if place is not None else None,
        customer_number=root.findtext("NrKlienta") or "",
        internal_id=root.findtext("IDNabywcy") or "",
        is_public_subunit=root.findtext("JST") == "1",
        is_vat_group_member=root.findtext("GV") == "1",
        **_named(root.find("DaneIdentyfikacyjne"), _NUMBERS),
    )


def _named(element, names):
    return {names[child.tag]: child.text or "" for child in element if child.tag in names}


def corrected(buyer: fa3.Buyer, sent: fa3.Buyer | None) -> fa3.Buyer:
    """The buyer of a correction: the one on the card unless the invoice went to another number."""
    return sent if sent and fa3.tax_number(sent) != fa3.tax_number(buyer) else buyer
