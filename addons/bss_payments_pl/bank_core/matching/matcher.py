"""Whose payment is it? The clauses, in their order; what none of them decides is left to a person.

a. paid to a virtual account of ours: final, whatever the title says
b. a KSeF number or a customer number with a right check digit, all of one customer
c. document numbers, exact, of one customer, and corroborated by payer's account, name or amount
d. a number that is not ours, one slip away from one open document of the customer the payer is known for
e. a payer's account that paid for one customer only
f. a clerk's rule

Two candidates never book.
"""

from __future__ import annotations

from .. import nrb
from ..model import Transaction
from .candidates import candidates, reasons_for
from .corroboration import contradiction, corroborating, nearly_named
from .leftovers import may_name_document, may_name_one_more, may_name_somebody, unexplained
from .lexicon import lexicon
from .long_numbers import luhn_is_valid
from .lookups import paid_to
from .model import BOOK, CONFIDENCE, IGNORE, PROPOSE, UNKNOWN, Candidate, Document, Facts, Match, Settings
from .names import LongNames
from .paid import NOTHING, claim
from .periods import NONE
from .rules import Rulebook
from .shapes import shapes_of
from .situation import Situation, look_up

#: as many numbers with letters must all carry a right check digit before such a number proves itself
_ENOUGH = 20
_PROPOSED = 85


class Matcher:
    """Matches payments against facts; facts and settings do not change while it lives."""

    def __init__(self, facts: Facts, settings: Settings | None = None):
        self.facts = facts
        self.settings = settings or Settings()
        shapes = facts.shapes or shapes_of(d.number for found in facts.documents.values() for d in found)
        self._words = lexicon(tuple(shapes))
        self._rules = Rulebook(facts.rules)
        self._long_names: LongNames | None = None
        self._checked = self.settings.checked_prefixes | _checked_prefixes(facts)

    def _names_by_pair(self) -> LongNames:
        if self._long_names is None:
            self._long_names = LongNames(self.facts.names)
        return self._long_names

    def match(self, tx: Transaction) -> Match:
        """Whose payment it is and what it pays; never raises for odd texts."""
        if tx.is_customer_credit:
            return self._credit(tx)
        if tx.mark == "RC":
            return self._reversal(tx)
        return Match(IGNORE, _not_a_payment(tx))

    def _reversal(self, tx: Transaction) -> Match:
        """The bank took a payment back: whoever would have paid it is only proposed."""
        found = self._credit(tx)
        if found.account_id is None:
            return found._replace(decision=UNKNOWN, reason="REVERSAL_OF_CREDIT", confidence=0)
        return found._replace(
            decision=PROPOSE, reason="REVERSAL_OF_CREDIT", document_ids=(), document_reason="", rule_id=None
        )

    def _credit(self, tx: Transaction) -> Match:
        number, virtual = paid_to(tx, self.facts) if tx.payer_key else ("", [])
        if len(virtual) > 1:
            found = [Candidate(account, "VIRTUAL_ACCOUNT", _PROPOSED) for account in virtual]
            return Match(UNKNOWN, "AMBIGUOUS", candidates=tuple(found[:5]))
        case = look_up(tx, self.facts, self.settings, self._words, self._rules, self._checked, bool(virtual))
        if virtual:
            return self._book(case, virtual[0], "VIRTUAL_ACCOUNT", nrb_used=number)
        decided = None
        if case.strong or case.ksef:
            decided = self._by_strong_keys(case)
        elif case.seen.exact or case.weak:
            decided = self._by_documents(case)
        if decided is None and self._is_no_damage(tx):
            decided = self._by_payer(case)
        if decided is not None:
            return decided._replace(nrb=number) if number and decided.decision == PROPOSE else decided
        return self._proposal(case, self._why(tx, case), number)

    def _is_no_damage(self, tx: Transaction) -> bool:
        """A number of ours that nobody has is no damage; one with wrong check digits may be anybody's."""
        return len(tx.payer_key) != 26 or nrb.is_valid(tx.payer_key)

    # --- b

    def _by_strong_keys(self, case: Situation) -> Match:
        accounts = case.strong_accounts
        if len(accounts) > 1 or case.names_others(min(accounts)) or may_name_document(case):
            return self._several(case)
        (account,) = accounts
        return self._book(case, account, "KSEF_NUMBER" if case.ksef else "ACCOUNT_NUMBER")

    # --- c

    def _by_documents(self, case: Situation) -> Match:
        """Contract numbers without a check digit count like document numbers, but no amount speaks for them."""
        owners = case.owners
        if case.weak:
            owners.update([account for _number, account in case.weak])
        if len(owners) > 1 or not (case.is_plain or self._names_only(case, min(owners))):
            return self._several(case)
        (account,) = owners
        # the account that pays for this customer alone needs no number: a namesake's does not contradict it
        is_exclusive = case.seen.exclusive == account
        if not (is_exclusive or corroborating(case, account, self._names_by_pair)):
            return self._by_rule_alone(case, account, contradiction(case, account, self._names_by_pair) is not None)
        if case.rules and any(rule.kind != "assign" or rule.account_id != account for rule in case.rules):
            return self._several(case)
        if not is_exclusive and contradiction(case, account, self._names_by_pair):
            return self._by_rule_alone(case, account, True)
        return self._book(case, account, "INVOICE_NUMBER" if case.seen.exact else "ACCOUNT_NUMBER")

    def _names_only(self, case: Situation, account: int) -> bool:
        """No number in the title is, or may be, another customer's."""
        return not (case.names_others(account) or may_name_document(case) or case.shares_a_digit)

    def _by_rule_alone(self, case: Situation, account: int, is_contradicted: bool) -> Match:
        """A number nothing else speaks for, or something speaks against; a clerk's rule for this customer decides."""
        if case.rules and all(rule.kind == "assign" and rule.account_id == account for rule in case.rules):
            return self._book(case, account, "RULE", rule_id=case.rules[0].id)
        if is_contradicted:
            return self._several(case)
        reason = self._why(case.tx, case)
        return self._proposal(case, "INVOICE_NUMBER" if reason == "NO_KEY" else reason)

    # --- d, e, f

    def _by_payer(self, case: Situation) -> Match | None:
        rules = case.rules
        near = nearly_named(case, self._names_by_pair) if case.has_unknown else None
        expected = [word for rule in rules for word in rule.words] if rules else ()
        # a number that is nearly right may go on in what looks like the payer's own
        stands_alone = None if near else self._words
        if not case.is_plain and ((case.has_unknown and not near) or may_name_somebody(case, expected, stands_alone)):
            # a number that is not this customer's, or may be anybody's
            is_payment = not rules or any(rule.kind == "assign" for rule in rules)
            return None if is_payment else self._set_aside(case)
        exclusive = self._exclusive(case)
        if not rules and not near:
            if exclusive is None or (not case.is_plain and case.names_others(exclusive)):
                return None
            return self._book(case, exclusive, "PAYER_ACCOUNT")
        wanted = {(rule.kind, rule.account_id if rule.kind == "assign" else None) for rule in rules}
        if len(wanted) > 1:
            return self._several(case)
        accounts = {account for kind, account in wanted if kind == "assign" and account}
        if near:
            accounts.add(near[0])
        if exclusive is not None:
            accounts.add(exclusive)
        if not accounts:
            return self._set_aside(case) if rules else None
        if len(accounts) > 1 or ("not_payment", None) in wanted:
            return self._several(case)
        (account,) = accounts
        if case.names_others(account):
            return None
        if near:
            return self._book(case, account, "INVOICE_NUMBER_NEAR", near[1])
        if rules:
            return self._book(case, account, "RULE", rule_id=rules[0].id)
        return self._book(case, account, "PAYER_ACCOUNT")

    def _set_aside(self, case: Situation) -> Match | None:
        """A rule says that this is no payment; a number that may be ours speaks against it."""
        if case.seen.doubtful:
            return None
        return Match(IGNORE, "RULE", CONFIDENCE["RULE"], rule_id=case.rules[0].id)

    def _exclusive(self, case: Situation) -> int | None:
        """The one customer the payer's account pays for, unless the title speaks of somebody else."""
        account = case.seen.exclusive
        if account is None or case.names_other_customer(account):
            return None
        return account

    # --- answers

    def _book(
        self,
        case: Situation,
        account: int,
        reason: str,
        near: list[Document] | None = None,
        rule_id: int | None = None,
        nrb_used: str = "",
    ) -> Match:
        ids, why = self._documents(case, account)
        confidence = CONFIDENCE[reason]
        evidence = reasons_for(case, account, reason, nrb_used, near or (), rule_id)
        candidate = Candidate(account, reason, confidence, ids, evidence)
        return Match(BOOK, reason, confidence, account, nrb_used, ids, (candidate,), why, rule_id)

    def _documents(self, case: Situation, account: int) -> tuple[tuple[int, ...], str]:
        named = case.documents_of(account)
        names_other = case.names_documents_of_others(account)
        if not case.is_plain:
            if case.has_fragment or (may_name_one_more(case) if named else unexplained(case)):
                return NOTHING
            slips = case.slips_of(account) if case.has_unknown else []
            names_other = names_other or slips is None or bool(case.seen.doubtful)
            if slips:
                named = [*named, *slips]
        months = NONE if named or names_other else case.months_of(account)
        owed = () if named or names_other else self.facts.open_documents.get(account, ())
        return claim(owed, named, not case.reading.has_list, names_other, months, case.amount)

    def _several(self, case: Situation) -> Match:
        return Match(UNKNOWN, "AMBIGUOUS", candidates=candidates(case))

    def _proposal(self, case: Situation, reason: str, number: str = "") -> Match:
        shown = candidates(case)
        top = [c for c in shown if c.confidence == shown[0].confidence]
        several = {document.account_id for _mention, found in case.seen.doubtful for document in found}
        if len(top) == 1 and len(several) < 2:
            best = top[0]
            why = best.reason if reason == "NO_KEY" else reason
            return Match(PROPOSE, why, best.confidence, best.account_id, number, best.document_ids, shown)
        return Match(UNKNOWN, "AMBIGUOUS" if top and reason == "NO_KEY" else reason, 0, None, number, (), shown)

    def _why(self, tx: Transaction, case: Situation) -> str:
        if tx.payer_key:
            damaged = len(tx.payer_key) == 26 and not nrb.is_valid(tx.payer_key)
            return "DAMAGED_ACCOUNT_NUMBER" if damaged else "UNKNOWN_VIRTUAL_ACCOUNT"
        for number in case.reading.nrbs:
            if not nrb.is_valid(number) and any(number[2:].startswith(prefix) for prefix in self.facts.prefixes):
                return "DAMAGED_ACCOUNT_IN_TITLE"
        return "NO_KEY"


def _not_a_payment(tx: Transaction) -> str:
    if tx.mark == "RD":
        return "REVERSAL_OF_DEBIT"
    return "DEBIT" if tx.amount < 0 else "ZERO_AMOUNT"


def _checked_prefixes(facts: Facts) -> frozenset[str]:
    """Letters of contract numbers that all end with a right check digit."""
    right: dict[str, int] = {}
    wrong: set[str] = set()
    for key in facts.account_numbers:
        if key.isdigit():
            continue
        letters = key.rstrip("0123456789")
        if luhn_is_valid(key[len(letters) :]):
            right[letters] = right.get(letters, 0) + 1
        else:
            wrong.add(letters)
    return frozenset(letters for letters, count in right.items() if count >= _ENOUGH and letters not in wrong)
