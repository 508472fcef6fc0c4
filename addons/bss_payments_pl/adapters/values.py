"""Values of records made from what the kernel read and decided."""

from decimal import Decimal

from ..bank_core import matching
from ..bank_core.model import Transaction


def storable(text):
    """PostgreSQL keeps no NUL characters; a damaged or foreign file may hold them."""
    return str(text).replace("\0", "\ufffd")


def statement_line_vals(tx, match, key, statement, partner, counterpart, account):
    """Values of one ``account.bank.statement.line``; ``counterpart`` empty = suspense account."""
    vals = {
        "statement_id": statement.id,
        "journal_id": statement.bss_import_id._bss_line_journal().id,
        "sequence": tx.position,
        "date": tx.entry_date,
        "payment_ref": tx.title or tx.supplement or tx.type_code,
        "partner_name": tx.party_name or False,
        "account_number": tx.party_account or False,
        "transaction_type": tx.type_code,
        "amount": float(tx.amount),
        "bss_dedupe_key": key,
        "transaction_details": {
            "bank_reference": tx.bank_ref,
            "bank_id": tx.bank_id,
            "payer_key": tx.payer_key,
            "virtual_account": match.nrb,
            "mark": tx.mark,
        },
    }
    if counterpart:
        vals.update(counterpart_account_id=counterpart.id, partner_id=partner.id, bss_account_id=account.id)
    return vals


def channel_of(tx, match, kind):
    """How the money came: by a report of mass payments, to a virtual account, or by a plain transfer."""
    if kind == "report":
        return "report"
    return "virtual" if tx.payer_key or match.nrb else "transfer"


def state_of(tx, match):
    """The list that a payment belongs to, before anybody decided."""
    if match.decision == matching.IGNORE and match.rule_id:
        return "rejected"
    return {matching.BOOK: "booked", matching.PROPOSE: "proposed"}.get(match.decision, "unallocated")


def match_vals(tx, match, key, line, kind="statement"):
    """Values of one ``bss.payment.match``.

    :param kind: of the file: "statement", "interim", "notice" or "report"
    """
    return {
        "statement_line_id": line.id,
        "date": tx.entry_date,
        "amount": float(tx.amount),
        "account_id": match.account_id or False,
        "state": state_of(tx, match),
        "raw": storable(tx.raw),
        "payer_key": tx.payer_key,
        "title": tx.title,
        "payer_name": tx.party_name,
        "payer_address": tx.party_address,
        "payer_nrb": tx.party_account,
        "channel": channel_of(tx, match, kind),
        "bank_reference": tx.bank_id or tx.bank_ref,
        "entry_reference": tx.bank_ref if tx.bank_id else False,
        "end_to_end": tx.end_to_end or False,
        "original_reference": tx.original_ref or False,
        "return_reason": tx.return_reason or False,
        "line_no": tx.line,
        "position": tx.position,
        "dedupe_key": key,
        **answer_vals(tx, match),
    }


def answer_vals(tx, match):
    """What of a ``bss.payment.match`` is the matcher's answer."""
    return {
        "reason": match.reason,
        "confidence": match.confidence,
        "nrb": match.nrb or (tx.payer_key if len(tx.payer_key) == 26 else False),
        "document_reason": match.document_reason or False,
        "rule_id": match.rule_id or False,
        "invoice_ids": [(6, 0, list(match.document_ids))],
        "candidate_ids": [(0, 0, candidate_vals(candidate)) for candidate in match.candidates],
    }


def candidate_vals(candidate):
    """Values of one ``bss.payment.match.candidate``; ``evidence`` is what the matcher saw, as codes with parameters."""
    return {
        "account_id": candidate.account_id,
        "reason": candidate.reason,
        "confidence": candidate.confidence,
        "document_ids": list(candidate.document_ids),
        "evidence": [[code, dict(params)] for code, params in candidate.evidence],
    }


def transaction_of(match):
    """A payment kept as a record, as the kernel knows it; its bank's format does not matter any more."""
    reversal = {"REVERSAL_OF_CREDIT": "RC", "REVERSAL_OF_DEBIT": "RD"}.get(match.reason)
    return Transaction(
        line=match.line_no,
        position=match.position,
        value_date=match.date,
        entry_date=match.date,
        amount=Decimal(f"{match.amount:.2f}"),
        mark=reversal or ("C" if match.amount > 0 else "D"),
        funds_code="",
        type_code="",
        owner_ref="",
        bank_ref=match.entry_reference or match.bank_reference or "",
        supplement="",
        title=match.title or "",
        party_name=match.payer_name or "",
        party_address=match.payer_address or "",
        party_account=match.payer_nrb or "",
        payer_key=match.payer_key or "",
        bank_id=match.bank_reference or "",
        raw=match.raw or "",
        end_to_end=match.end_to_end or "",
        original_ref=match.original_reference or "",
        return_reason=match.return_reason or "",
    )
