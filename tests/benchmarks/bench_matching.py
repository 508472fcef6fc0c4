"""Matching: a month of 100,000 payments against 500,000 open documents, with virtual accounts and without, beside what a careful
person can decide from the same evidence.

First what is demanded: ``virtual.wrong``, ``virtual.recall_customers``, ``virtual.recall_documents`` and the same of ``plain``. Then
rows by noise kind: value = matched, baseline = decidable (the ceiling), ratio = recall; a payment counts under each of its kinds.
Anything wrong, or a recall below what is needed, fails the run; its figures stay in .bss/logs/bench-matching.jsonl.
The seed is new in every run; ``BSS_SEED`` repeats one. ``--full`` (or ``BSS_EXAMPLES=n``) writes examples of misses and wrongs.
"""

from __future__ import annotations

import gc
import os
import random
from collections.abc import Iterator
from pathlib import Path

from tests.simulators.payments.judge import ALL, DOCUMENTS, PLAIN, VIRTUAL, Count, Judge, faults
from tests.simulators.payments.world import make

from .figures import Figure
from .matching_desk import Desk, judged

PAYMENTS = 100_000
CUSTOMERS = 220_000
LOG = Path(__file__).parents[2] / ".bss" / "logs" / "matching-examples.txt"


class Failed(Exception):
    """The matcher does not do what is demanded of it."""


def run() -> Iterator[Figure]:
    seed = int(os.environ.get("BSS_SEED") or random.SystemRandom().randrange(10**9))
    keep = int(os.environ.get("BSS_EXAMPLES") or (5 if os.environ.get("BSS_BENCH_FULL") else 0))
    desk = Desk(make(int(os.environ.get("BSS_CUSTOMERS") or CUSTOMERS), seed))
    gc.collect()
    gc.freeze()  # the world stays: no need to look at its millions of objects again and again
    payments = int(os.environ.get("BSS_PAYMENTS") or PAYMENTS)
    yield Figure("seed", seed, "")
    yield Figure("open_documents", sum(map(len, desk.world.open_documents.values())), "documents")
    with_virtual = judged(desk, payments, seed, virtual=True, keep=keep)
    without = judged(desk, payments, seed, virtual=False, keep=keep)
    for name, judge, floor in (("virtual", with_virtual, VIRTUAL), ("plain", without, PLAIN)):
        yield from _demanded(name, judge, floor)
    for name, judge in (("virtual", with_virtual), ("plain", without)):
        yield from _by_kind(name, judge)
    if keep:
        yield _examples(with_virtual, without)
    if found := faults(with_virtual, without):
        raise Failed(f"BSS_SEED={seed}: {'; '.join(found)}")


def _demanded(name: str, judge: Judge, floor: float) -> Iterator[Figure]:
    customers, documents = judge.customers[ALL], judge.documents[ALL]
    yield Figure(f"{name}.wrong", customers.wrong + documents.wrong, "customers and documents, 0 needed")
    yield Figure(f"{name}.recall_customers", customers.recall, f"of the ceiling, {floor} needed")
    yield Figure(f"{name}.recall_documents", documents.recall, f"of the ceiling, {DOCUMENTS} needed")
    for clause, errs in sorted(judge.law_errs.items()):
        if errs:
            yield Figure(
                f"{name}.law_against_intent.{clause}", errs, f"labels by clause {clause}, not meant by the payer"
            )


def _by_kind(name: str, judge: Judge) -> Iterator[Figure]:
    for kind in sorted(judge.customers, key=lambda kind: (kind != ALL, kind)):
        yield _row(f"{name}.{kind}.customers", judge.customers[kind])
        yield _row(f"{name}.{kind}.documents", judge.documents[kind])


def _row(name: str, count: Count) -> Figure:
    told = f"{count.wrong} wrong of {count.payments} payments"
    return Figure(name, count.matched, told, count.decidable, count.recall)


def _examples(*judges: Judge) -> Figure:
    lines = [
        line for judge in judges for line in (*(f"{n} × {what}" for what, n in judge.groups()), *judge.examples, "")
    ]
    LOG.write_text("\n".join(lines))
    return Figure("examples", sum(len(judge.examples) for judge in judges), ".bss/logs/matching-examples.txt")
