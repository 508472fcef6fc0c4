"""Small FA(3) invoices for tests of the simulator and of its clients (not the product's generator)."""

from __future__ import annotations

from decimal import Decimal
from xml.sax.saxutils import escape

from .schemas import FA3_NAMESPACE

SELLER = "5265877635"
BUYER = "7352765225"

TEMPLATE = """<?xml version="1.0" encoding="UTF-8"?>
<Faktura xmlns="{ns}"><Naglowek><KodFormularza kodSystemowy="FA (3)" wersjaSchemy="1-0E">FA</KodFormularza>\
<WariantFormularza>3</WariantFormularza><DataWytworzeniaFa>{day}T08:00:00Z</DataWytworzeniaFa>\
<SystemInfo>Test</SystemInfo></Naglowek>\
<Podmiot1><DaneIdentyfikacyjne><NIP>{seller}</NIP><Nazwa>Demo Telekom</Nazwa></DaneIdentyfikacyjne>\
<Adres><KodKraju>PL</KodKraju><AdresL1>ul. Prosta 1</AdresL1></Adres></Podmiot1>\
<Podmiot2><DaneIdentyfikacyjne><NIP>{buyer}</NIP><Nazwa>{name}</Nazwa></DaneIdentyfikacyjne>\
<JST>2</JST><GV>2</GV></Podmiot2>\
<Fa><KodWaluty>PLN</KodWaluty><P_1>{day}</P_1><P_2>{number}</P_2><P_6>{day}</P_6>\
<P_13_1>{net}</P_13_1><P_14_1>{vat}</P_14_1><P_15>{gross}</P_15>\
<Adnotacje><P_16>2</P_16><P_17>2</P_17><P_18>2</P_18><P_18A>2</P_18A><Zwolnienie><P_19N>1</P_19N></Zwolnienie>\
<NoweSrodkiTransportu><P_22N>1</P_22N></NoweSrodkiTransportu><P_23>2</P_23><PMarzy><P_PMarzyN>1</P_PMarzyN></PMarzy>\
</Adnotacje><RodzajFaktury>{kind}</RodzajFaktury>\
<FaWiersz><NrWierszaFa>1</NrWierszaFa><P_7>Abonament</P_7><P_8A>szt.</P_8A><P_8B>1</P_8B><P_9A>{net}</P_9A>\
<P_11>{net}</P_11><P_12>23</P_12></FaWiersz></Fa></Faktura>
"""


def invoice(
    number: str,
    day: str,
    *,
    seller: str = SELLER,
    buyer: str = BUYER,
    name: str = "Nabywca Sp. z o.o.",
    net: str = "100.00",
    kind: str = "VAT",
) -> bytes:
    """One valid FA(3) invoice with one line at 23 %."""
    tax = (Decimal(net) * Decimal("0.23")).quantize(Decimal("0.01"))
    text = TEMPLATE.format(
        ns=FA3_NAMESPACE,
        day=day,
        number=escape(number),
        seller=seller,
        buyer=buyer,
        name=escape(name),
        net=net,
        vat=tax,
        gross=Decimal(net) + tax,
        kind=kind,
    )
    return text.encode("utf-8")
