from odoo import fields, models

from . import bss_settlement_query as query
from .bss_settlement import DEPENDS, KINDS


class BssSettlementLink(models.Model):
    """What settled what and for how much: each matching, seen from each document of the scope.

    A query over the context's scope like ``bss.settlement``; ``settlement_line_ids`` keeps the documents named.
    """

    _name = "bss.settlement.link"
    _description = "Link of Settlements"
    _auto = False
    _log_access = False
    _order = "date, id"
    _rec_name = "number"
    _depends = DEPENDS

    line_id = fields.Many2one("account.move.line", string="Journal Item", readonly=True)
    partial_id = fields.Many2one("account.partial.reconcile", string="Matching", readonly=True)
    move_id = fields.Many2one("account.move", string="Entry", readonly=True)
    number = fields.Char(string="Document", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    date_issue = fields.Date(string="Issued", readonly=True)
    account_id = fields.Many2one("bss.account", string="Billing Account", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    date = fields.Date(string="Settled On", readonly=True)
    amount = fields.Monetary(string="Settled Amount", readonly=True)
    other_line_id = fields.Many2one("account.move.line", string="Journal Item Settled With", readonly=True)
    other_move_id = fields.Many2one("account.move", string="Entry Settled With", readonly=True)
    other_number = fields.Char(string="Settled With", readonly=True)
    other_kind = fields.Selection(KINDS, string="Kind Settled With", readonly=True)
    other_date_issue = fields.Date(string="Date Settled With", readonly=True)
    other_account_id = fields.Many2one("bss.account", string="Account Settled With", readonly=True)
    is_outside = fields.Boolean(string="Another Account", readonly=True)

    @property
    def _table_query(self):
        ledger = self.env["bss.settlement"]
        return query.links(
            query.scope_of(self.env),
            ledger._bss_kind_case("line", "move", "journal"),
            ledger._bss_kind_case("other", "other_move", "other_journal"),
        )

    def _bss_rows(self):
        return self.env["bss.settlement"]._bss_rows(self._name)

    def action_open_document(self):
        """The document on the other side."""
        self.ensure_one()
        return self.env["bss.settlement"]._bss_open_move(self.sudo().other_move_id.id)
