"""What a person should look at: possible customers with the evidence for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from .corroboration import named_sum
from .model import BOOKING_CONFIDENCE, CONFIDENCE, Candidate, Document, Evidence
from .parsing import Mention
from .situation import Situation

_MOST = 5
_NAMESAKES = 20
#: evidence -> (what it adds to the confidence of a proposal, reason it stands for)
_WEIGHTS = {
    "VIRTUAL_ACCOUNT_IN_TITLE": (60, "ACCOUNT_NUMBER"),
    "KSEF_NUMBER": (60, "KSEF_NUMBER"),
    "ACCOUNT_NUMBER": (60, "ACCOUNT_NUMBER"),
    "NUMBER": (50, "INVOICE_NUMBER"),
    "CONTRACT_NUMBER": (45, "ACCOUNT_NUMBER"),
    "RULE": (40, "RULE"),
    "NUMBER_NEAR": (40, "INVOICE_NUMBER_NEAR"),
    "PAYER_ACCOUNT": (40, "PAYER_ACCOUNT"),
    "NUMBER_DOUBTFUL": (30, "INVOICE_NUMBER"),
    "NAME": (25, "NAME_AND_AMOUNT"),
    "PAYER_SHARED": (20, "PAYER_ACCOUNT"),
    "NAME_SHARED": (12, "NAME_AND_AMOUNT"),
    "NAME_PART": (8, "NAME_AND_AMOUNT"),
}
_AMOUNT = 15


def grosze(amount: int) -> str:
    """Amount as text, "49.99"."""
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}"


@lru_cache(maxsize=4096)
def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


def reasons_for(
    case: Situation, account: int, reason: str, number: str, near: Sequence[Document], rule_id: int | None
) -> tuple[Evidence, ...]:
    """Evidence of a decision, in the order of its weight."""
    if reason == "VIRTUAL_ACCOUNT":
        return (("VIRTUAL_ACCOUNT", {"nrb": number}),)
    found: list[Evidence] = [("NUMBER_NEAR", {"number": document.number}) for document in near] if near else []
    if rule_id:
        found.append(("RULE", {"rule": rule_id}))
    found += _numbers(case, account)
    found += _payer(case, account)
    if case.seen.name and case.name_fits(account):
        found.append(_name(case, account))
    if reason == "INVOICE_NUMBER" and named_sum(case.documents_of(account)) == case.amount:
        found.append(("AMOUNT_NAMED", {"amount": grosze(case.amount)}))
    return tuple(found)


def candidates(case: Situation) -> tuple[Candidate, ...]:
    """The best five, strongest first."""
    accounts = {use.account_id for use in case.seen.known}
    accounts.update([document.account_id for _mention, document in case.seen.exact])
    if not case.is_plain:
        accounts.update([account for _number, account in (*case.strong, *case.weak)])
        accounts.update([document.account_id for document in case.ksef])
        accounts.update([document.account_id for _mention, found in case.seen.doubtful for document in found])
        accounts.update([case.facts.virtual[number] for number in case.reading.nrbs if number in case.facts.virtual])
    if case.rules:
        accounts.update([rule.account_id for rule in case.rules if rule.account_id and rule.kind == "assign"])
    found = [_candidate(case, account) for account in accounts]
    namesakes = [account for account in dict.fromkeys(case.seen.namesakes[:_NAMESAKES]) if account not in accounts]
    if namesakes:
        found += _namesakes(case, namesakes)
    return tuple(sorted(found, key=lambda c: (-c.confidence, c.account_id))[:_MOST])


def _written(case: Situation) -> tuple[Mention, ...]:
    """Numbers that may be nearly right: those of nobody, and those of one document."""
    return (*case.seen.unknown, *[mention for mention, _document in case.seen.exact])


def _namesakes(case: Situation, accounts: Sequence[int]) -> list[Candidate]:
    """Customers for whom nothing speaks but their name, an amount, or a number nearly right."""
    near: set[int] = set()
    for mention in _written(case):
        near.update(case.near_by(mention, accounts))
    found = [_candidate(case, account) for account in accounts if account in near]
    name = _name(case, accounts[0])
    weight, reason = _WEIGHTS[name[0]]
    with_amount = CONFIDENCE["NAME_AND_AMOUNT"] if name[0] == "NAME" else weight + _AMOUNT
    for account in accounts:
        if account not in near:
            amounts = _amounts(case, account, ())
            evidence = (name, *amounts)
            found.append(Candidate(account, reason, with_amount if amounts else weight, (), evidence))
    return found


def _candidate(case: Situation, account: int) -> Candidate:
    evidence: list[Evidence] = []
    for number in case.reading.nrbs:
        if case.facts.virtual.get(number) == account:
            evidence.append(("VIRTUAL_ACCOUNT_IN_TITLE", {"nrb": number}))
    for rule in case.rules:
        if rule.kind == "assign" and rule.account_id == account:
            evidence.append(("RULE", {"rule": rule.id}))
    evidence += _numbers(case, account)
    documents = case.documents_of(account)
    is_namesake = account in case.seen.namesakes
    if case.reading.mentions and (is_namesake or case.pays_for(account)):
        near = _near(case, account, documents)
        evidence += [("NUMBER_NEAR", {"written": written, "number": one.number}) for written, one in near]
        documents = documents or list({one.id: one for _written, one in near}.values())
    evidence += _payer(case, account)
    if is_namesake or case.name_fits(account):
        evidence.append(_name(case, account))
    weights = {code: _WEIGHTS[code][0] for code, _params in evidence if code in _WEIGHTS}
    best = max(weights, key=weights.__getitem__)
    confidence = sum(weights.values())
    amounts = _amounts(case, account, documents)
    if amounts:
        evidence += amounts
        confidence = CONFIDENCE["NAME_AND_AMOUNT"] if best == "NAME" else confidence + _AMOUNT
    ids = tuple([document.id for document in documents])
    return Candidate(account, _WEIGHTS[best][1], min(confidence, BOOKING_CONFIDENCE - 1), ids, tuple(evidence))


def _near(case: Situation, account: int, named: Sequence[Document]) -> list[tuple[str, Document]]:
    """What is written for each document of the customer that may be meant by it, beside those named exactly."""
    exact = [document.id for document in named]
    found = []
    for mention in _written(case):
        for document in case.near_of(mention, account):
            if document.id not in exact:
                found.append((mention.written, document))
    return found


def _numbers(case: Situation, account: int) -> list[Evidence]:
    found: list[Evidence] = []
    if case.ksef:
        for document in case.ksef:
            if document.account_id == account:
                found.append(("KSEF_NUMBER", {"number": document.ksef_number}))
    if case.strong:
        for number, owner in dict.fromkeys(case.strong):
            if owner == account:
                found.append(("ACCOUNT_NUMBER", {"number": number}))
    for _mention, document in case.seen.exact:
        if document.account_id == account:
            found.append(("NUMBER", {"number": document.number}))
            if not document.is_open:
                found.append(("NUMBER_PAID", {"number": document.number}))
    for mention, documents in case.seen.doubtful:
        if any(document.account_id == account for document in documents):
            found.append(("NUMBER_DOUBTFUL", {"written": mention.written}))
    if case.weak:
        for number, owner in dict.fromkeys(case.weak):
            if owner == account:
                found.append(("CONTRACT_NUMBER", {"number": number}))
    return found


def _payer(case: Situation, account: int) -> list[Evidence]:
    known = case.seen.known
    for use in known:
        if use.account_id == account:
            params: dict[str, str | int] = {"count": use.count, "last": _day(use.last)}
            if len(known) == 1:
                return [("PAYER_ACCOUNT", params)]
            return [("PAYER_SHARED", {**params, "others": len(known) - 1})]
    return []


def _name(case: Situation, account: int) -> Evidence:
    if account not in case.seen.namesakes:
        return "NAME_PART", {"name": case.tx.party_name}
    if len(case.seen.namesakes) == 1:
        return "NAME", {"name": case.tx.party_name}
    return "NAME_SHARED", {"name": case.tx.party_name, "others": len(case.seen.namesakes) - 1}


def _amounts(case: Situation, account: int, documents: Sequence[Document]) -> list[Evidence]:
    amount = case.amount
    if documents:
        return [("AMOUNT_NAMED", {"amount": grosze(amount)})] if named_sum(documents) == amount else []
    opened = case.facts.open_documents.get(account, ())
    for document in opened:
        if document.residual == amount:
            return [("AMOUNT_DOCUMENT", {"amount": grosze(amount), "number": document.number})]
    if opened and sum([document.residual for document in opened]) == amount:
        return [("AMOUNT_TOTAL", {"amount": grosze(amount)})]
    return []
