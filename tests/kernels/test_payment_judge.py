"""The judge of matching: whoever guesses fails, whoever books nothing fails, and only the careful person's own answers pass."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator

import pytest
from tests.benchmarks import bench_matching
from tests.benchmarks.matching_desk import Desk
from tests.simulators.payments import bank
from tests.simulators.payments.bank import Paid
from tests.simulators.payments.judge import ALL, Answer, Judge, faults
from tests.simulators.payments.reading import read
from tests.simulators.payments.truth import Evidence, Label, label
from tests.simulators.payments.world import World, make

PAYMENTS = 1_500
SEED = 11
Decide = Callable[[World, Paid], Answer]


@functools.cache
def world() -> World:
    return make(3_000, SEED)


@functools.cache
def labelled(virtual: bool) -> list[tuple[Paid, Label]]:
    return [(paid, label(world(), paid.evidence)) for paid in bank.month(world(), PAYMENTS, SEED, virtual)]


def judged(decide: Decide, virtual: bool) -> Judge:
    judge = Judge(world())
    for paid, truth in labelled(virtual):
        judge.add(paid, truth, decide(world(), paid))
    return judge


def told(decide: Decide) -> set[str]:
    """What is at fault, without the figures."""
    return {fault.split(":")[0] for fault in faults(judged(decide, True), judged(decide, False))}


def careful(made: World, paid: Paid) -> Answer:
    found = label(made, paid.evidence)
    return Answer(found.account, found.documents)


def nothing(_made: World, _paid: Paid) -> Answer:
    return Answer()


def first_candidate(made: World, paid: Paid) -> Answer:
    """Virtual account, else any number, account or name of anybody; the oldest debt when no document is named."""
    seen = paid.evidence
    found = read(made, seen.title)
    named = [*found.ksef, *(document for number in (*found.exact, *found.ambiguous) for document in number.documents)]
    owners = [made.owner[document] for document in named]
    candidates = [*found.customers, *owners, *found.contracts, *sorted(made.known(seen.payer_nrb))]
    candidates += sorted(made.fitting(seen.payer_name))
    account = made.virtual_of(seen.virtual) or next(iter(candidates), 0)
    return Answer(account, frozenset(named or made.open_documents.get(account, ())[:1])) if account else Answer()


def clairvoyant(_made: World, paid: Paid) -> Answer:
    """What the payer meant, which the evidence does not always say."""
    return Answer(paid.meant, frozenset(paid.meant_documents))


def customers_only(made: World, paid: Paid) -> Answer:
    return Answer(label(made, paid.evidence).account)


def test_the_careful_person_passes() -> None:
    assert told(careful) == set()
    for virtual in (True, False):
        judge = judged(careful, virtual)
        assert judge.customers[ALL].recall == judge.documents[ALL].recall == 1.0


@pytest.mark.parametrize("decide", [first_candidate, clairvoyant])
def test_a_guess_beyond_the_evidence_is_wrong_even_when_lucky(decide: Decide) -> None:
    assert told(decide) >= {"plain customers wrong", "plain documents wrong", "virtual documents wrong"}


def test_who_books_nothing_misses_everything() -> None:
    floors = {f"{world} {what} recall" for world in ("virtual", "plain") for what in ("customers", "documents")}
    assert told(nothing) == floors
    assert judged(nothing, False).customers[ALL].matched == 0


@pytest.mark.parametrize("decide", [first_candidate, nothing])
def test_the_benchmark_fails_whoever_guesses_and_whoever_books_nothing(
    monkeypatch: pytest.MonkeyPatch, decide: Decide
) -> None:
    def answers(desk: Desk, month: Iterable[Paid]) -> Iterator[tuple[Paid, Answer]]:
        return ((paid, decide(desk.world, paid)) for paid in month)

    monkeypatch.setattr(Desk, "answers", answers)
    monkeypatch.setattr(bench_matching.gc, "freeze", lambda: None)
    monkeypatch.setenv("BSS_CUSTOMERS", "1500")
    monkeypatch.setenv("BSS_PAYMENTS", "300")
    with pytest.raises(bench_matching.Failed, match="plain"):
        list(bench_matching.run())
    monkeypatch.setattr(Desk, "answers", lambda desk, month: ((paid, careful(desk.world, paid)) for paid in month))
    figures = {figure.name: figure for figure in bench_matching.run()}
    for world in ("virtual", "plain"):
        assert figures[f"{world}.wrong"].value == 0
        assert figures[f"{world}.recall_customers"].value == figures[f"{world}.recall_documents"].value == 1.0
        assert figures[f"{world}.all.customers"].unit == "0 wrong of 300 payments"


def test_what_is_wrong_is_told_by_kind() -> None:
    judge = judged(careful, False)
    paid, _truth = labelled(False)[0]
    judge.add(paid, Label(), Answer(paid.meant))
    told = [fault for fault in faults(judged(careful, True), judge) if "customers wrong" in fault]
    assert len(told) == 1 and all(f"{kind} 1" in told[0] for kind in paid.kinds)


def test_who_claims_no_documents_misses_them() -> None:
    assert told(customers_only) == {"virtual documents recall", "plain documents recall"}


def test_every_payment_to_a_virtual_account_is_decidable() -> None:
    count = judged(careful, True).customers[ALL]
    assert count.decidable == count.payments == PAYMENTS
    assert any("open" in fault for fault in faults(_with_an_undecidable(), judged(careful, False)))


def _with_an_undecidable() -> Judge:
    judge = judged(careful, True)
    paid, _truth = labelled(True)[0]
    judge.add(paid, Label(), Answer())
    return judge


@pytest.mark.parametrize(
    ("truth", "answer", "customer", "documents"),
    [
        # (matched, wrong) each
        ((1, {5}), (1, {5}), (1, 0), (1, 0)),
        ((1, {5}), (2, {5}), (0, 1), (1, 0)),
        ((1, {5}), (1, {6}), (1, 0), (0, 1)),
        ((1, {5}), (1, {5, 6}), (1, 0), (0, 1)),
        ((1, {5, 6}), (1, {5}), (1, 0), (0, 0)),
        ((1, {5}), (1, ()), (1, 0), (0, 0)),
        ((1, ()), (1, {5}), (1, 0), (0, 1)),
        ((0, ()), (1, ()), (0, 1), (0, 0)),
        ((0, ()), (1, {5}), (0, 1), (0, 1)),
        ((0, ()), (0, ()), (0, 0), (0, 0)),
    ],
)
def test_what_counts(
    truth: tuple[int, set[int]], answer: tuple[int, set[int]], customer: tuple[int, int], documents: tuple[int, int]
) -> None:
    judge = Judge(world())
    paid = Paid(0, labelled(True)[0][0].day, Evidence("", 1), ("number",), 1, (5,))
    judge.add(paid, Label(truth[0], "c", frozenset(truth[1])), Answer(answer[0], frozenset(answer[1])))
    for kind in (ALL, "number"):
        assert (judge.customers[kind].matched, judge.customers[kind].wrong) == customer
        assert (judge.documents[kind].matched, judge.documents[kind].wrong) == documents
        assert judge.customers[kind].decidable == bool(truth[0])
