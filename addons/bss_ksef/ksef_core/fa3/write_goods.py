"""FaWiersz, Zamowienie, sums per rate and Adnotacje."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from .codes import TOTAL_ELEMENTS, Rate
from .goods import Line, NewVehicles, Order, OrderLine, Vehicle
from .markup import Out, amount, day, flag, leaf, mark, number, price, quantity, section, words
from .model import Annotations, Invoice

# one pair of elements per group of rates, in the order of the schema
_GROUPS = tuple(dict.fromkeys(TOTAL_ELEMENTS.values()))
_NOT_ON_LINES = frozenset({Rate.OSS, Rate.MARGIN})
# the buyer accounts for the tax, at home or (art. 100(1)(4)) in another country of the EU
_BUYER_PAYS = frozenset({Rate.REVERSE, Rate.OUTSIDE_EU_SERVICE})


def rates_of(invoice: Invoice) -> set[Rate | None]:
    """Every rate that lines, the order or the sums of `invoice` use."""
    rates = {line.rate for line in invoice.lines}
    rates.update(total.rate for total in invoice.totals)
    if invoice.order:
        rates.update(line.rate for line in invoice.order.lines)
    return rates


def totals(out: Out, invoice: Invoice) -> None:
    net: dict[str, Decimal] = defaultdict(Decimal)
    tax: dict[str, Decimal] = defaultdict(Decimal)
    tax_pln: dict[str, Decimal] = defaultdict(Decimal)
    for total in invoice.totals:
        net_tag, tax_tag = TOTAL_ELEMENTS[total.rate]
        net[net_tag] += total.net
        if tax_tag:
            tax[tax_tag] += total.tax
            if total.tax_pln is not None and total.rate is not Rate.OSS:
                tax_pln[tax_tag] += total.tax_pln
    for net_tag, tax_tag in _GROUPS:
        if net_tag in net:
            amount(out, net_tag, net[net_tag])
            if tax_tag:
                amount(out, tax_tag, tax[tax_tag])
                amount(out, f"{tax_tag}W", tax_pln.get(tax_tag))


def remarks(out: Out, invoice: Invoice) -> None:
    notes, rates = invoice.annotations, rates_of(invoice)
    with section(out, "Adnotacje"):
        flag(out, "P_16", notes.cash_method)
        flag(out, "P_17", notes.self_billing)
        flag(out, "P_18", notes.reverse_charge or not _BUYER_PAYS.isdisjoint(rates))
        flag(out, "P_18A", notes.split_payment)
        with section(out, "Zwolnienie"):
            _exemption(out, notes, Rate.EXEMPT in rates)
        with section(out, "NoweSrodkiTransportu"):
            _new_vehicles(out, notes.new_vehicles)
        flag(out, "P_23", notes.triangular)
        with section(out, "PMarzy"):
            mark(out, "P_PMarzy", notes.margin is not None)
            leaf(out, notes.margin.value if notes.margin else "P_PMarzyN", "1")


def _exemption(out: Out, notes: Annotations, exempt: bool) -> None:
    if not exempt:
        leaf(out, "P_19N", "1")
        return
    leaf(out, "P_19", "1")
    if notes.exemption_act:
        words(out, "P_19A", notes.exemption_act, 256)
    elif notes.exemption_directive:
        words(out, "P_19B", notes.exemption_directive, 256)
    else:
        words(out, "P_19C", notes.exemption_other, 256)


def _new_vehicles(out: Out, supply: NewVehicles | None) -> None:
    if supply is None:
        leaf(out, "P_22N", "1")
        return
    leaf(out, "P_22", "1")
    flag(out, "P_42_5", supply.must_inform)
    for vehicle in supply.vehicles:
        with section(out, "NowySrodekTransportu"):
            _vehicle(out, vehicle)


def _vehicle(out: Out, vehicle: Vehicle) -> None:
    day(out, "P_22A", vehicle.first_use)
    number(out, "P_NrWierszaNST", vehicle.line)
    words(out, "P_22BMK", vehicle.make, 256)
    words(out, "P_22BMD", vehicle.model, 256)
    words(out, "P_22BK", vehicle.colour, 256)
    words(out, "P_22BNR", vehicle.registration, 256)
    words(out, "P_22BRP", vehicle.year, 256)
    words(out, "P_22B", vehicle.mileage, 256)
    words(out, "P_22B1", vehicle.vin, 256)
    words(out, "P_22B2", vehicle.body_number, 256)
    words(out, "P_22B3", vehicle.chassis_number, 256)
    words(out, "P_22B4", vehicle.frame_number, 256)
    words(out, "P_22BT", vehicle.type, 256)
    words(out, "P_22C", vehicle.hours_afloat, 256)
    words(out, "P_22C1", vehicle.hull_number, 256)
    words(out, "P_22D", vehicle.hours_flown, 256)
    words(out, "P_22D1", vehicle.serial_number, 256)


def _rate(rate: Rate | None) -> str:
    return "" if rate is None or rate in _NOT_ON_LINES else rate.value


def line(out: Out, item: Line) -> None:
    with section(out, "FaWiersz"):
        number(out, "NrWierszaFa", item.number)
        words(out, "UU_ID", item.uid, 0)
        day(out, "P_6A", item.supply_date)
        words(out, "P_7", item.name, 512)
        words(out, "Indeks", item.index, 50)
        words(out, "GTIN", item.gtin, 0)
        words(out, "PKWiU", item.pkwiu, 0)
        words(out, "CN", item.cn, 0)
        words(out, "PKOB", item.pkob, 0)
        words(out, "P_8A", item.unit, 256)
        quantity(out, "P_8B", item.quantity)
        price(out, "P_9A", item.price)
        price(out, "P_9B", item.gross_price)
        price(out, "P_10", item.unit_discount)
        amount(out, "P_11", item.net)
        amount(out, "P_11A", item.gross)
        amount(out, "P_11Vat", item.tax)
        leaf(out, "P_12", _rate(item.rate))
        quantity(out, "P_12_XII", item.rate_oss)
        mark(out, "P_12_Zal_15", item.annex15)
        amount(out, "KwotaAkcyzy", item.excise)
        leaf(out, "GTU", item.gtu)
        leaf(out, "Procedura", item.procedure)
        quantity(out, "KursWaluty", item.exchange_rate)
        mark(out, "StanPrzed", item.before)


def order(out: Out, ordered: Order) -> None:
    with section(out, "Zamowienie"):
        amount(out, "WartoscZamowienia", ordered.value)
        for item in ordered.lines:
            with section(out, "ZamowienieWiersz"):
                _order_line(out, item)


def _order_line(out: Out, item: OrderLine) -> None:
    number(out, "NrWierszaZam", item.number)
    words(out, "UU_IDZ", item.uid, 0)
    words(out, "P_7Z", item.name, 512)
    words(out, "IndeksZ", item.index, 50)
    words(out, "GTINZ", item.gtin, 0)
    words(out, "PKWiUZ", item.pkwiu, 0)
    words(out, "CNZ", item.cn, 0)
    words(out, "PKOBZ", item.pkob, 0)
    words(out, "P_8AZ", item.unit, 256)
    quantity(out, "P_8BZ", item.quantity)
    price(out, "P_9AZ", item.price)
    amount(out, "P_11NettoZ", item.net)
    amount(out, "P_11VatZ", item.tax)
    leaf(out, "P_12Z", _rate(item.rate))
    quantity(out, "P_12Z_XII", item.rate_oss)
    mark(out, "P_12Z_Zal_15", item.annex15)
    leaf(out, "GTUZ", item.gtu)
    leaf(out, "ProceduraZ", item.procedure)
    amount(out, "KwotaAkcyzyZ", item.excise)
    mark(out, "StanPrzedZ", item.before)
