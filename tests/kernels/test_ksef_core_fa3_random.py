"""Random invoices of all kinds: frozen, judged by a reader of the XML and by the simulator, and spoiled by a grosz."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from random import SystemRandom

import pytest
from lxml import etree
from tests.kernels.fa3_compare import elements, name
from tests.kernels.fa3_random import DAY, invoice
from tests.kernels.fa3_random_checks import judge
from tests.kernels.fa3_reader import faults
from tests.kernels.test_ksef_core_fa3_samples import PUBLISHED

from ksef_core import fa3

GROSZ = Decimal("0.01")
# the Ministry's samples that do not balance: 1 says 2051 for 2050.99
UNBALANCED = {1: ["P_15 2051 of 2050.99"]}


def test_five_hundred_are_valid_and_balanced() -> None:
    start = SystemRandom().randrange(10**12)
    for seed in range(start, start + 500):
        judge(seed)


def test_every_kind_and_every_element_of_the_schema_is_used() -> None:
    """The first 1,500 seeds: the same invoices on every run, so that nothing is left to luck."""
    kinds: Counter[str] = Counter()
    seen: set[str] = set()
    for seed in range(1500):
        made = invoice(seed)
        kinds[made.kind] += 1
        seen.update(name(node) for node in etree.fromstring(fa3.write(made)).iter())
    assert set(kinds) == set(fa3.Kind)
    assert elements() - seen == set()


@pytest.mark.parametrize("number", sorted(PUBLISHED))
def test_the_reader_knows_the_samples(number: int) -> None:
    assert faults(PUBLISHED[number].read_bytes()) == UNBALANCED.get(number, [])


@pytest.mark.parametrize(
    ("sample", "old", "new"),
    [
        (9, "<P_15>2760</P_15>", "<P_15>2760.01</P_15>"),
        (9, "<P_11>300</P_11>", "<P_11>300.01</P_11>"),
        (9, "<P_13_7>300</P_13_7>", "<P_13_7>300.01</P_13_7>"),
        (9, "<P_19>1</P_19><P_19A>art. 43 ust. 1 pkt 37 ustawy VAT</P_19A>", "<P_19N>1</P_19N>"),
        (2, "<StanPrzed>1</StanPrzed>", ""),
        (4, "<DoZaplaty>63279.92</DoZaplaty>", "<DoZaplaty>63279.91</DoZaplaty>"),
        (4, "<SumaOdliczen>1000</SumaOdliczen>", "<SumaOdliczen>999</SumaOdliczen>"),
        (10, "<WartoscZamowienia>375150</WartoscZamowienia>", "<WartoscZamowienia>375150.01</WartoscZamowienia>"),
        (19, "<P_11A>1000</P_11A>", "<P_11A>1000.01</P_11A>"),
        (20, "<P_14_1W>14036.16</P_14_1W>", ""),
    ],
)
def test_the_reader_sees_a_fault(sample: int, old: str, new: str) -> None:
    published = re.sub(r">\s+<", "><", PUBLISHED[sample].read_text("utf-8-sig"))
    spoiled = published.replace(old, new, 1).encode()
    assert spoiled != published.encode()
    assert faults(spoiled) != []


def test_a_grosz_too_much_is_refused() -> None:
    spoiled = 0
    for seed in range(200):
        for changed in _spoiled(invoice(seed)):
            assert isinstance(fa3.freeze(changed, DAY), tuple), f"seed {seed}: {changed}"
            spoiled += 1
    assert spoiled > 300


def _spoiled(made: fa3.Invoice) -> list[fa3.Invoice]:
    """The invoice with one of its amounts changed, as far as the law makes the document say so."""
    found = []
    if made.totals:
        found.append(replace(made, total=made.total + GROSZ))
        first = made.totals[0]
        found.append(replace(made, totals=(replace(first, net=first.net + GROSZ), *made.totals[1:])))
        moved = replace(first, net=first.net + GROSZ, tax=first.tax - GROSZ)
        if all(line.net is not None for line in made.lines) and made.kind is fa3.Kind.INVOICE:
            found.append(replace(made, totals=(moved, *made.totals[1:])))
    if made.kind in (fa3.Kind.INVOICE, fa3.Kind.CORRECTION) and made.lines and made.lines[0].net is not None:
        pure = all(line.gross is None for line in made.lines)
        if pure:
            first_line = replace(made.lines[0], net=made.lines[0].net + GROSZ)
            found.append(replace(made, lines=(first_line, *made.lines[1:])))
    if made.kind is fa3.Kind.ADVANCE and made.order:
        found.append(replace(made, order=replace(made.order, value=made.order.value + GROSZ)))
    return found
