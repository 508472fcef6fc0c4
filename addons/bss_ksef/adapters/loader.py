"""Posted invoices as kernel documents: whole batches from plain rows."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from ..ksef_core import fa3
from . import corrections, queries, recipient, sold, terms
from .book import Book
from .party import buyer


class Loader:
    """Keeps what all batches share, so that a night of them reads it once."""

    def __init__(self, env):
        self._env = env(su=True)
        self._book = Book(self._env)

    def load(self, moves, created_at):
        """Yields (row of ``queries.heads``, kernel invoice) for `moves`, in their order; all of them are in memory."""
        ids = list(moves.ids)
        if not ids:
            return
        self._env.flush_all()
        moves = moves.with_env(self._env)
        # what hooks sort invoices by; a single field would be read together with all the others of an invoice
        moves.fetch(["company_id", "move_type"])
        extra = moves._bss_ksef_extra()
        heads = {row.id: row for row in queries.heads(self._env, ids)}
        rows = defaultdict(list)
        for row in queries.lines(self._env, ids):
            rows[row.move_id].append(row)
        corrected = self._corrected(extra)
        sent = self._sent(heads.values(), corrected)
        for move_id in ids:
            head = heads[move_id]
            yield (
                head,
                self._invoice(head, rows.pop(move_id, ()), extra.get(move_id) or {}, corrected, sent, created_at),
            )

    def _corrected(self, extra):
        """(originals, lines) that the corrections of this batch show, by id."""
        facts = [values["correction"] for values in extra.values() if values.get("correction")]
        if not facts:
            return {}, {}
        originals = {move_id for one in facts for move_id in one["original_ids"]}
        lines = {line_id for one in facts for line_id in corrections.line_ids(one)}
        return queries.originals(self._env, originals), queries.corrected_lines(self._env, lines)

    def _sent(self, heads, corrected):
        """{original id: buyer that it went to} of what this batch corrects."""
        ids = {head.original_id for head in heads if head.original_id} | corrected[0].keys()
        return recipient.of_originals(self._env, ids) if ids else {}

    def _invoice(self, head, rows, extra, corrected, sent, created_at) -> fa3.Invoice:
        book = self._book
        facts = extra.get("correction")
        sign = -1 if head.move_type == "out_refund" else 1
        products = [row for row in rows if row.is_product or row.is_rounding]
        products, charges, deductions, outside = terms.settlement(products, sign, extra, book)
        if facts:
            products = corrections.rows_in_order(products, facts)
            items = list(corrections.items(head, facts, corrected[1], book))
        else:
            items = list(sold.items(head, products, sign, extra, book))
        totals = sold.totals(items, [row for row in rows if row.tax_line_id], book, is_foreign=head.is_foreign)
        lines = sold.lines(items, gross=sold.are_gross(items, totals))
        inside_eu = bool(extra.get("triangular")) or any(item.rate in terms.IN_EU for item in items)
        seller, footer = book.seller(head.company_id, inside_eu=inside_eu)
        customer = self._buyer(head, extra, sent)
        kind = _kind(head, extra)
        named = [corrected[0][move_id] for move_id in facts["original_ids"]] if facts else []
        total = Decimal(head.total) * sign - outside
        return fa3.Invoice(
            number=head.name or "",
            issue_date=head.invoice_date,
            created_at=created_at,
            currency=head.currency,
            seller=seller,
            buyer=customer,
            lines=() if kind.of_advance else lines,
            totals=totals,
            total=total,
            kind=kind,
            supply_date=_supply_date(head, facts),
            period=_period(head, facts),
            correction=self._correction(head, extra, corrected[0]) if kind.corrects else None,
            third_parties=tuple(extra.get("third_parties") or ()),
            annotations=terms.annotations(products, terms.must_split(head, items, customer, total, named), extra, book),
            related_parties=bool(head.is_related),
            notes=terms.notes(products, extra),
            charges=charges,
            deductions=deductions,
            payment=terms.payment(head, {row.date_maturity for row in rows if _is_due(row)}, extra),
            contracts=terms.contracts(extra),
            footer=footer,
            receipt=bool(extra.get("receipt")),
            advances=terms.advances(extra),
            order_numbers=terms.order_numbers(extra),
            order=_order(items, totals, total, extra) if kind.of_advance else None,
            attachment=extra.get("attachment"),
            smallest=max(head.smallest, sold.CENT),
        )

    def _buyer(self, head, extra, sent) -> fa3.Buyer:
        facts = extra.get("correction")
        card = buyer(head, extra)
        if facts and facts.get("buyer_after"):
            return corrections.buyer_after(card, facts)
        original_id = next(iter(facts["original_ids"]), None) if facts else head.original_id
        return recipient.corrected(card, sent.get(original_id))

    def _correction(self, head, extra, originals) -> fa3.Correction:
        facts = extra.get("correction")
        return corrections.of_facts(facts, originals) if facts else corrections.of_credit_note(head, extra)


def _kind(head, extra) -> fa3.Kind:
    if extra.get("kind"):
        return fa3.Kind(extra["kind"])
    corrects = head.move_type == "out_refund" or extra.get("correction")
    return fa3.Kind.CORRECTION if corrects else fa3.Kind.INVOICE


def _is_due(row):
    return not (row.is_product or row.is_rounding or row.tax_line_id) and row.date_maturity


def _supply_date(head, facts):
    """P_6, where it is not P_1; of a correction the date of the original, as the other fields of the sale are its."""
    date = facts.get("supplied") if facts else head.supplied
    return date if date and date != head.invoice_date else None


def _period(head, facts):
    """OkresFa; of a correction that of the original."""
    if facts:
        return facts.get("days")
    return (head.date_start, head.date_end) if head.date_start and head.date_end else None


def _order(items, totals, total, extra) -> fa3.Order:
    """Zamowienie of an advance invoice: the order that is given, else what the advance itself is for."""
    if extra.get("order"):
        return extra["order"]
    return fa3.Order(
        total,
        tuple(
            fa3.OrderLine(
                number=item.number,
                name=item.name,
                net=item.net,
                tax=tax,
                rate=item.rate,
                quantity=item.quantity,
                unit=item.unit,
                gtu=item.gtu,
                annex15=item.annex15,
            )
            for item, tax in zip(items, sold.taxes_of(items, totals), strict=True)
        ),
    )
