"""The conservation laws of one billing cycle: nothing appears, nothing vanishes.

Each law compares two figures that were written by different addons and must be equal to the last unit. The laws read
the stored rows by SQL, on purpose past the code that wrote them, so that a fault in a model cannot hide itself. They
are printed at the end of ``./bss demo`` and asserted by ``tests/e2e``.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol

FA3 = "{http://crd.gov.pl/wzor/2025/06/25/13775/}"


class Cursor(Protocol):
    """The part of a database cursor that the laws use."""

    def execute(self, query: str, params: Any = None) -> Any: ...
    def fetchall(self) -> list[tuple[Any, ...]]: ...
    def fetchone(self) -> tuple[Any, ...] | None: ...


@dataclass(frozen=True)
class Law:
    """One equation; ``left`` and ``right`` are counts or amounts in the company currency."""

    name: str
    left: Decimal
    right: Decimal
    hint: str = ""

    @property
    def holds(self) -> bool:
        return self.left == self.right

    def __str__(self) -> str:
        sign = "=" if self.holds else "≠"
        return f"{self.name}: {self.left} {sign} {self.right}" + ("" if self.holds else f"  ({self.hint})")


def laws(cr: Cursor, as_of: str) -> list[Law]:
    """All laws of the database behind ``cr``.

    :param as_of: ISO date of the dunning run whose cases are compared.
    """
    return [
        *_usage_laws(cr),
        *_rating_laws(cr),
        *_billing_laws(cr),
        *_deposit_laws(cr),
        *_ksef_laws(cr),
        *_payment_laws(cr),
        *_dunning_laws(cr, as_of),
    ]


def _value(cr: Cursor, query: str, params: tuple[Any, ...] = ()) -> Decimal:
    cr.execute(query, params)
    row = cr.fetchone()
    return Decimal(str(row[0])) if row and row[0] is not None else Decimal(0)


def _usage_laws(cr: Cursor) -> Iterator[Law]:
    rows = _value(cr, "SELECT sum(count_rows) FROM bss_usage_file WHERE state = 'loaded'")
    yield Law(
        "rows received = loaded + merged + waiting + suspended + duplicate + ignored + rejected",
        rows,
        _value(
            cr,
            """SELECT sum(count_loaded + count_merged + count_waiting + count_suspended + count_duplicate + count_ignored
                           + count_rejected)
                 FROM bss_usage_file WHERE state = 'loaded'""",
        ),
        "a usage file lost rows",
    )
    yield Law(
        "events stored = rows loaded",
        _value(cr, "SELECT count(*) FROM bss_usage_event"),
        _value(cr, "SELECT sum(count_loaded) FROM bss_usage_file"),
        "events exist that no file accounts for",
    )
    yield Law(
        "open suspense = rows suspended",
        _value(cr, "SELECT count(*) FROM bss_usage_suspense WHERE state <> 'replayed'"),
        _value(cr, "SELECT sum(count_suspended) FROM bss_usage_file"),
        "a suspended row is not in the list where it can be fixed",
    )


def _rating_laws(cr: Cursor) -> Iterator[Law]:
    yield Law(
        "every event is billed, free or suspended",
        _value(cr, "SELECT count(*) FROM bss_usage_event"),
        _value(
            cr,
            """SELECT count(*) FROM bss_usage_event e
                WHERE e.state IN ('free', 'suspended') OR EXISTS (
                      SELECT FROM bss_charge c
                       WHERE c.rating_run_id = e.rating_run_id AND c.service_id = e.service_id AND c.zone_id = e.zone_id
                         AND c.usage_kind = e.usage_kind AND c.account_id = e.account_id AND c.state = 'billed'
                         AND c.move_line_id IS NOT NULL)""",
        ),
        "an event was rated but never reached an invoice",
    )
    yield Law(
        "sum of rated events = sum of usage charges (1e-4 PLN)",
        _value(cr, "SELECT sum(amount_e4) FROM bss_usage_event WHERE state <> 'suspended'"),
        _value(
            cr,
            """SELECT sum(amount_e4) FROM bss_charge
                WHERE (kind = 'usage' OR identity_key LIKE 'rerated:%%') AND state <> 'cancelled'""",
        ),
        "rating and charges differ",
    )
    yield Law(
        "groups of usage (run, account, service, zone, kind) whose charges are not their events",
        Decimal(0),
        _value(
            cr,
            """SELECT count(*)
                 FROM (SELECT rating_run_id, account_id, service_id, zone_id, usage_kind, sum(amount_e4) AS e4
                         FROM bss_usage_event WHERE state IN ('rated', 'free') GROUP BY 1, 2, 3, 4, 5) e
                 FULL JOIN (SELECT rating_run_id, account_id, service_id, zone_id, usage_kind, sum(amount_e4) AS e4
                              FROM bss_charge WHERE rating_run_id IS NOT NULL AND state <> 'cancelled'
                             GROUP BY 1, 2, 3, 4, 5) c
                USING (rating_run_id, account_id, service_id, zone_id, usage_kind)
                WHERE coalesce(e.e4, 0) <> coalesce(c.e4, 0)""",
        ),
        "usage was charged twice or not at all",
    )
    yield Law(
        "sum of usage charges = sum of usage lines (net)",
        _value(cr, "SELECT sum(amount) FROM bss_charge WHERE kind = 'usage' AND state = 'billed'"),
        _value(
            cr,
            """SELECT sum(l.price_subtotal) FROM account_move_line l
                 JOIN bss_charge c ON c.move_line_id = l.id WHERE c.kind = 'usage' AND l.parent_state = 'posted'""",
        ),
        "a usage line differs from its charge",
    )


def _billing_laws(cr: Cursor) -> Iterator[Law]:
    # corrective invoices count against the invoices: their signed amounts are negative
    yield Law(
        "sum of billed charges = net of invoices",
        _value(cr, "SELECT sum(amount) FROM bss_charge WHERE state = 'billed'"),
        _value(
            cr,
            """SELECT sum(amount_untaxed_signed) FROM account_move
                WHERE bss_bill_run_id IS NOT NULL AND state = 'posted'""",
        ),
        "an invoice is not the sum of its charges",
    )
    yield Law(
        "no charge of a billed account left behind",
        Decimal(0),
        _value(
            cr,
            """SELECT count(*) FROM bss_charge c JOIN bss_bill_run_item i ON i.account_id = c.account_id
                 JOIN bss_bill_run r ON r.id = i.run_id
                WHERE i.state = 'issued' AND c.state = 'pending' AND c.date_end < r.date_invoice""",
        ),
        "a due charge was not billed",
    )
    yield Law(
        "sum of receivable lines = gross of invoices",
        _value(
            cr,
            """SELECT sum(l.balance) FROM account_move_line l JOIN account_move m ON m.id = l.move_id
                WHERE m.bss_bill_run_id IS NOT NULL AND m.state = 'posted' AND l.display_type = 'payment_term'""",
        ),
        _value(
            cr,
            """SELECT sum(amount_total_signed) FROM account_move
                WHERE bss_bill_run_id IS NOT NULL AND state = 'posted'""",
        ),
        "an invoice does not balance",
    )


def _deposit_laws(cr: Cursor) -> Iterator[Law]:
    yield Law(
        "deposits not settled = debt to their customers in the ledger",
        _value(
            cr,
            """SELECT sum(amount - amount_set_off - amount_returned) FROM bss_deposit WHERE state IN ('due', 'held')""",
        ),
        _value(
            cr,
            """SELECT -sum(balance) FROM account_move_line
                WHERE bss_deposit_part = 'liability' AND parent_state = 'posted'""",
        ),
        "a deposit and its entries differ",
    )


def _ksef_laws(cr: Cursor) -> Iterator[Law]:
    # lxml belongs to the environment that exists by now; parsing without entities or network, as everywhere.
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    cr.execute(
        """SELECT x.content, d.sha256, m.amount_total_in_currency_signed FROM bss_ksef_document d
             JOIN account_move m ON m.id = d.move_id
             LEFT JOIN bss_ksef_xml x ON x.document_id = d.id
            WHERE d.state = 'accepted'"""
    )
    in_xml = in_books = Decimal(0)
    broken_hashes = 0
    for content, sha256, total in cr.fetchall():
        xml = bytes(content or b"")
        broken_hashes += base64.b64encode(hashlib.sha256(xml).digest()).decode() != sha256
        if xml:
            in_xml += Decimal(etree.fromstring(xml, parser).findtext(f"{FA3}Fa/{FA3}P_15") or "0")
        in_books += Decimal(str(total))
    yield Law(
        "sum of FA(3) P_15 = gross of invoices in KSeF", in_xml, in_books, "an e-invoice differs from its invoice"
    )
    yield Law(
        "frozen XML unchanged (hash differences)", Decimal(broken_hashes), Decimal(0), "a frozen file was touched"
    )
    yield Law(
        "business invoices accepted or waiting with a reason",
        _value(
            cr,
            """SELECT count(*) FROM account_move m JOIN res_partner p ON p.id = m.commercial_partner_id
                WHERE m.bss_bill_run_id IS NOT NULL AND m.state = 'posted' AND coalesce(p.vat, '') NOT IN ('', '/')
                  -- bills of the months before the company began to use KSeF are none of its business
                  AND m.invoice_date >= (SELECT min(k.invoice_date) FROM account_move k
                                          WHERE k.bss_ksef_state <> 'not_applicable')""",
        ),
        _value(
            cr,
            """SELECT count(*) FROM account_move m WHERE m.bss_bill_run_id IS NOT NULL AND m.state = 'posted'
                 AND ((m.bss_ksef_state = 'accepted' AND m.bss_ksef_number <> '')
                      OR (m.bss_ksef_state = 'rejected' AND EXISTS (
                            SELECT 1 FROM bss_ksef_document d WHERE d.move_id = m.id AND d.error_text <> '')))""",
        ),
        "a business invoice was neither sent nor explained",
    )


def _payment_laws(cr: Cursor) -> Iterator[Law]:
    yield Law(
        "credits in bank files = booked + to decide + rejected",
        _value(
            cr,
            """SELECT sum(l.amount) FROM account_bank_statement_line l
                 JOIN bss_payment_match m ON m.statement_line_id = l.id WHERE l.amount > 0""",
        ),
        _value(
            cr,
            """SELECT sum(amount) FROM bss_payment_match
                WHERE state IN ('booked', 'proposed', 'unallocated', 'rejected') AND amount > 0""",
        ),
        "money came in that is in neither list",
    )
    yield Law(
        "payments booked = reconciled + open credit",
        _value(cr, "SELECT sum(amount) FROM bss_payment_match WHERE state = 'booked' AND amount > 0"),
        _value(
            cr,
            """SELECT coalesce(sum(-l.balance), 0)
                 FROM account_move_line l JOIN account_account a ON a.id = l.account_id
                 JOIN account_bank_statement_line s ON s.move_id = l.move_id
                 JOIN bss_payment_match m ON m.statement_line_id = s.id AND m.state = 'booked' AND m.amount > 0
                WHERE a.account_type = 'asset_receivable' AND l.parent_state = 'posted'
                  AND l.balance = l.amount_residual - (
                        SELECT coalesce(sum(p.amount), 0) FROM account_partial_reconcile p
                         WHERE p.credit_move_id = l.id)""",
        ),
        "a booked payment did not reach the receivable",
    )


def _last_working_day_before(cr: Cursor, as_of: str) -> date:
    """Free days by the records, counted here: a term that ends on one is not over yet on the next working day."""
    cr.execute(
        """SELECT h.date FROM bss_holiday h JOIN ir_model_data d ON d.res_id = h.calendar_id
            WHERE d.model = 'bss.holiday.calendar' AND d.name = 'holiday_calendar_pl' AND h.is_statutory"""
    )
    holidays = {row[0] for row in cr.fetchall()}
    day = date.fromisoformat(as_of) - timedelta(days=1)
    while day.weekday() >= 5 or day in holidays:
        day -= timedelta(days=1)
    return day


def _dunning_laws(cr: Cursor, as_of: str) -> Iterator[Law]:
    # Open credits of an account are set against its overdue items, as the run does: a debtor with an overpayment
    # on another document does not owe.
    yield Law(
        f"overdue receivables on {as_of} = sum of open cases",
        _value(
            cr,
            """SELECT sum(greatest(due, 0)) FROM (
                   SELECT m.bss_account_id,
                          sum(CASE WHEN l.amount_residual < 0 OR l.date_maturity <= %s THEN l.amount_residual END) AS due
                     FROM account_move_line l
                     JOIN account_move m ON m.id = l.move_id
                     JOIN account_account a ON a.id = l.account_id
                    WHERE a.account_type = 'asset_receivable' AND l.parent_state = 'posted'
                      AND m.bss_account_id IS NOT NULL AND NOT l.reconciled
                    GROUP BY m.bss_account_id) AS balances""",
            (_last_working_day_before(cr, as_of),),
        ),
        _value(cr, "SELECT sum(amount_overdue) FROM bss_dunning_case WHERE state <> 'closed'"),
        "a debt has no case or a case has no debt",
    )
