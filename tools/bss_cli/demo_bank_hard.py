"""Payments that no rule decides but a clerk can: what waits in the inbox of the demo operator.

Each is of a kind that operators meet every month: a relative pays, an accountant pays, a number has a slip, one
transfer pays for two households. All people and firms are invented.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

CENT = Decimal("0.01")
BANK = "10205558"  # clearing number of the payers' bank
LAST_DAY = 20  # days after the invoices; the first reminders go out one day later


class _Strays:
    """Hands out unpaid invoices one by one and numbers payers and days."""

    def __init__(self, unpaid: Any, payment: Callable[..., Any], nrb_make: Callable[[str], str]) -> None:
        self._unpaid = iter(unpaid)
        self._payment = payment
        self._nrb_make = nrb_make
        self._made = 0
        self.day: date = unpaid[0].invoice_date

    def take(self) -> Any:
        return next(self._unpaid)

    def pay(self, amount: Decimal, title: str, payer: str, **options: Any) -> Any:
        self._made += 1
        booked = self.day + timedelta(days=2 + (self._made * 5) % (LAST_DAY - 1))
        number = self._nrb_make(f"{BANK}{7100000000000000 + 37 * self._made:016d}")
        return self._payment(booked, amount.quantize(CENT), title, payer, number, **options)


def payments(unpaid: Any, payment: Callable[..., Any], nrb_make: Callable[[str], str]) -> list[Any]:
    """About a dozen payments for these invoices; fewer when there are not enough of them.

    :param unpaid: invoices that nothing else of the statement pays.
    :param payment: makes one entry of the statement.
    """
    made: list[Any] = []
    if unpaid:
        for entry in _kinds(_Strays(unpaid, payment, nrb_make)):
            made.append(entry)
    return made


def _kinds(strays: _Strays) -> Iterator[Any]:
    yield strays.pay(Decimal("312.40"), "Zwrot składki polisa 8812/A", "Towarzystwo Ubezpieczeń Pewność")
    yield strays.pay(Decimal("35.00"), "darowizna dla schroniska", "Halina Ptak")
    for kind in (
        _two_households,
        _relative,
        _name_only,
        _slip,
        _telephone,
        _accountant,
        _address,
        _round,
        _initials,
        _part,
    ):
        try:
            yield kind(strays)
        except StopIteration:  # a base with few debtors
            return


def _total(move: Any) -> Decimal:
    return Decimal(str(move.amount_total))


def _surname(move: Any) -> str:
    return str(move.partner_id.name.split()[-1])


def _two_households(strays: _Strays) -> Any:
    """One transfer for two customers: it has to be split."""
    mine, neighbours = strays.take(), strays.take()
    title = f"{mine.name} oraz {neighbours.name} za sąsiadkę"
    return strays.pay(_total(mine) + _total(neighbours), title, mine.partner_id.name)


def _relative(strays: _Strays) -> Any:
    """The mother pays; she names the right customer and no number."""
    move = strays.take()
    return strays.pay(_total(move), f"internet za {move.partner_id.name}", f"Bronisława {_surname(move)}")


def _name_only(strays: _Strays) -> Any:
    move = strays.take()
    return strays.pay(_total(move), "przelew", move.partner_id.name.upper())


def _slip(strays: _Strays) -> Any:
    """The account number of the customer with two neighbouring digits swapped, paid by somebody else."""
    move = strays.take()
    number = move.bss_account_id.name
    swapped = f"{number[:-2]}{number[-1]}{number[-2]}"
    return strays.pay(_total(move), f"klient {swapped} opłata", "Marianna Gil")


def _telephone(strays: _Strays) -> Any:
    """The payer knows the number of the telephone only; who has none is named by his flat."""
    move = strays.take()
    numbers = move.env["bss.service.identifier"].search(
        [("kind", "=", "msisdn"), ("account_id", "=", move.bss_account_id.id)], limit=1
    )
    if not numbers:
        return strays.pay(_total(move), f"abonament {move.partner_id.street}", "Lech Bury")
    return strays.pay(_total(move), f"abonament tel. {numbers.value[-9:]}", "Lech Bury")


def _accountant(strays: _Strays) -> Any:
    move = strays.take()
    return strays.pay(_total(move), f"{move.partner_id.name} faktura za listopad", "Biuro Rachunkowe Saldo Sp. z o.o.")


def _address(strays: _Strays) -> Any:
    move = strays.take()
    return strays.pay(_total(move), f"oplata {move.partner_id.street} {move.partner_id.city}", "Wspólnota Lokatorów")


def _round(strays: _Strays) -> Any:
    """More than is owed, with the name alone."""
    move = strays.take()
    return strays.pay(_total(move) + Decimal(50), "za internet i telewizję z góry", move.partner_id.name)


def _initials(strays: _Strays) -> Any:
    move = strays.take()
    first = move.partner_id.name[0]
    return strays.pay(_total(move), "rachunek", f"{first}. {_surname(move)}")


def _part(strays: _Strays) -> Any:
    move = strays.take()
    return strays.pay(_total(move) / 2, f"rata {_surname(move)}", f"Teodor {_surname(move)}")
