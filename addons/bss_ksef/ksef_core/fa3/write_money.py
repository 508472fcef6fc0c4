"""Rozliczenie, Platnosc and WarunkiTransakcji."""

from __future__ import annotations

from decimal import Decimal

from . import text
from .markup import Out, amount, day, leaf, mark, number, quantity, section, words
from .model import Invoice
from .money import Amount, BankAccount, DueTerm, PartialPayment, Payment
from .terms import Delivery, Transport
from .write_parties import address, identity


def settlement(out: Out, invoice: Invoice) -> None:
    """Rozliczenie: P_15 with charges and deductions outside VAT; a surplus goes back to the buyer."""
    if not invoice.charges and not invoice.deductions:
        return
    with section(out, "Rozliczenie"):
        charged = _amounts(out, "Obciazenia", "SumaObciazen", invoice.charges)
        deducted = _amounts(out, "Odliczenia", "SumaOdliczen", invoice.deductions)
        due = invoice.total + charged - deducted
        amount(out, "DoZaplaty" if due >= 0 else "DoRozliczenia", abs(due))


def _amounts(out: Out, tag: str, sum_tag: str, amounts: tuple[Amount, ...]) -> Decimal:
    total = sum((item.amount for item in amounts), Decimal(0))
    for item in amounts:
        with section(out, tag):
            amount(out, "Kwota", item.amount)
            words(out, "Powod", item.reason, 256)
    if amounts:
        amount(out, sum_tag, total)
    return total


def payment(out: Out, paying: Payment) -> None:
    with section(out, "Platnosc"):
        _paid(out, paying)
        for due in paying.due_dates:
            with section(out, "TerminPlatnosci"):
                day(out, "Termin", due)
        for term in paying.due_terms:
            _due_term(out, term)
        _method(out, paying)
        for account in paying.accounts:
            _bank_account(out, "RachunekBankowy", account)
        for account in paying.factor_accounts:
            _bank_account(out, "RachunekBankowyFaktora", account)
        if paying.discount:
            with section(out, "Skonto"):
                words(out, "WarunkiSkonta", paying.discount.terms, 256)
                words(out, "WysokoscSkonta", paying.discount.size, 256)
        words(out, "LinkDoPlatnosci", paying.link, 0)
        words(out, "IPKSeF", paying.ipksef, 0)


def _paid(out: Out, paying: Payment) -> None:
    if paying.paid_on:
        mark(out, "Zaplacono", True)
        day(out, "DataZaplaty", paying.paid_on)
    elif paying.partial:
        leaf(out, "ZnacznikZaplatyCzesciowej", "2" if paying.partial_is_all else "1")
        for part in paying.partial:
            with section(out, "ZaplataCzesciowa"):
                amount(out, "KwotaZaplatyCzesciowej", part.amount)
                day(out, "DataZaplatyCzesciowej", part.paid_on)
                _method(out, part)


def _due_term(out: Out, term: DueTerm) -> None:
    with section(out, "TerminPlatnosci"):
        day(out, "Termin", term.due)
        with section(out, "TerminOpis"):
            number(out, "Ilosc", term.count)
            words(out, "Jednostka", term.unit, 50)
            words(out, "ZdarzeniePoczatkowe", term.event, 256)


def _method(out: Out, paying: Payment | PartialPayment) -> None:
    if paying.other_method:
        mark(out, "PlatnoscInna", True)
        words(out, "OpisPlatnosci", paying.other_method, 256)
    else:
        number(out, "FormaPlatnosci", paying.method)


def _bank_account(out: Out, tag: str, account: BankAccount) -> None:
    with section(out, tag):
        words(out, "NrRB", account.number, 0)
        leaf(out, "SWIFT", account.swift)
        number(out, "RachunekWlasnyBanku", account.own_account)
        words(out, "NazwaBanku", account.bank, 256)
        words(out, "OpisRachunku", account.note, 256)


def terms(out: Out, invoice: Invoice) -> None:
    if not (invoice.contracts or invoice.order_numbers or invoice.delivery):
        return
    with section(out, "WarunkiTransakcji"):
        for contract in invoice.contracts:
            with section(out, "Umowy"):
                day(out, "DataUmowy", contract.signed_on)
                words(out, "NrUmowy", contract.number, 0)
        for placed in invoice.order_numbers:
            with section(out, "Zamowienia"):
                day(out, "DataZamowienia", placed.placed_on)
                words(out, "NrZamowienia", placed.number, 0)
        if invoice.delivery:
            _delivery(out, invoice.delivery)


def _delivery(out: Out, delivery: Delivery) -> None:
    for batch in delivery.batches:
        words(out, "NrPartiiTowaru", batch, 0)
    words(out, "WarunkiDostawy", delivery.terms, 256)
    quantity(out, "KursUmowny", delivery.agreed_rate)
    leaf(out, "WalutaUmowna", delivery.agreed_currency)
    for transport in delivery.transports:
        with section(out, "Transport"):
            _transport(out, transport)
    mark(out, "PodmiotPosredniczacy", delivery.intermediary)


def _transport(out: Out, transport: Transport) -> None:
    if transport.other_mode:
        mark(out, "TransportInny", True)
        words(out, "OpisInnegoTransportu", transport.other_mode, 50)
    else:
        number(out, "RodzajTransportu", transport.mode)
    if transport.carrier:
        with section(out, "Przewoznik"):
            identity(out, transport.carrier)
            address(out, "AdresPrzewoznika", transport.carrier.address)
    words(out, "NrZleceniaTransportu", transport.order_number, 0)
    if transport.other_cargo:
        mark(out, "LadunekInny", True)
        words(out, "OpisInnegoLadunku", transport.other_cargo, 50)
    else:
        number(out, "OpisLadunku", transport.cargo)
    words(out, "JednostkaOpakowania", transport.packaging, 256)
    leaf(out, "DataGodzRozpTransportu", text.instant(transport.start) if transport.start else "")
    leaf(out, "DataGodzZakTransportu", text.instant(transport.end) if transport.end else "")
    address(out, "WysylkaZ", transport.ship_from)
    for place in transport.via:
        address(out, "WysylkaPrzez", place)
    address(out, "WysylkaDo", transport.ship_to)
