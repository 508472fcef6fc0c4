"""Invoices as the reliefs for bad debts see them: read by one query for any number of them, into kernel data."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from odoo.tools import SQL

from . import adapters
from .dunning_core.law.income_relief import BusinessClaim
from .dunning_core.law.vat_relief import DebtorKind, Receivable

READ = ("account.move", "res.partner", "bss.account", "bss.dunning.relief")


@dataclass(frozen=True)
class Candidate:
    """An invoice with the facts that people recorded about it; ``id`` of its row on the list, 0 while it has none."""

    id: int
    move_id: int
    account_id: int | None
    issued: date | None
    due: date | None
    gross: Decimal
    vat: Decimal
    residual: Decimal
    is_payer: bool
    taken_on: date | None
    enforced_on: date | None
    listed_on: date | None
    bankrupt_on: date | None
    related: bool

    def receivable(self):
        """A business with a tax number counts as an active payer of VAT; check it before the return."""
        return Receivable(
            issued=self.issued,
            due=self.due,
            gross=self.gross,
            vat=self.vat,
            residual=self.residual,
            debtor=DebtorKind.PAYER if self.is_payer else DebtorKind.OTHER,
            relief_taken=bool(self.taken_on),
            enforced_on=self.enforced_on,
            listed_on=self.listed_on,
            bankrupt_on=self.bankrupt_on,
        )

    def claim(self, residual_net, account):
        """The claim net of tax.

        :param account: record of the billing account, empty for an invoice without one
        """
        return BusinessClaim(
            issued=self.issued,
            due=self.due,
            residual=residual_net,
            concluded=account.interest_contract_date or None,
            between_businesses=bool(account) and account._bss_between_businesses(),
            insolvent=bool(self.bankrupt_on),
            related=self.related,
        )


def load_candidates(env, move_ids):
    """[candidate] of invoices, in the order of the invoices."""
    for model in READ:
        env[model].flush_model()
    rows = env.execute_query(
        SQL(
            """
            SELECT COALESCE(listed.id, 0), move.id, move.bss_account_id, move.invoice_date, move.invoice_date_due,
                   move.amount_total_signed, move.amount_tax_signed,
                   -- what is not posted is owed by nobody, though it keeps its residual
                   CASE WHEN move.state = 'posted' THEN move.amount_residual_signed ELSE 0 END,
                   partner.bss_customer_kind IS DISTINCT FROM 'consumer' AND COALESCE(partner.vat, '') NOT IN ('', '/'),
                   listed.taken_on, listed.enforced_on, listed.listed_on, listed.bankrupt_on,
                   COALESCE(listed.related, false)
              FROM account_move move
              LEFT JOIN res_partner partner ON partner.id = move.commercial_partner_id
              LEFT JOIN bss_dunning_relief listed ON listed.move_id = move.id
             WHERE move.id = ANY(%s)
             ORDER BY move.id
            """,
            list(move_ids),
        )
    )
    return [Candidate(*row[:5], *(adapters.to_money(amount) for amount in row[5:8]), *row[8:]) for row in rows]
