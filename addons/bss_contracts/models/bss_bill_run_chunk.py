"""Chunks of the issue stage: what is issued together, how, and with which numbers."""

from odoo import api, fields, models
from odoo.tools import SQL

TIERS = [("copy", "Rows"), ("tuned", "ORM, prepared"), ("stock", "ORM"), ("mixed", "Mixed")]


class BssBillRunChunk(models.Model):
    """Up to some thousand items of a bill run that one job issues.

    A chunk of rows first reserves its numbers, in a transaction of its own: from then on exactly the items that it
    lists get exactly these numbers, whatever breaks meanwhile.
    """

    _name = "bss.bill.run.chunk"
    _description = "Chunk of a Bill Run"
    _order = "run_id desc, sequence, id"
    _check_company_auto = True

    run_id = fields.Many2one("bss.bill.run", string="Bill Run", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="run_id.currency_id")
    sequence = fields.Integer(required=True, default=1, readonly=True)
    origin_id = fields.Many2one(
        "bss.bill.run.chunk",
        string="Split From",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="The chunk that these items were in before it turned out that they need another way.",
    )
    way = fields.Selection(
        [("rows", "Rows"), ("orm", "One by one")],
        required=True,
        default="rows",
        readonly=True,
        help="Thousands of invoices are written as rows; corrective invoices and whatever is special go through "
        "the ordinary way of Odoo.",
    )
    state = fields.Selection(
        [("waiting", "Waiting"), ("reserved", "Numbers reserved"), ("done", "Done"), ("error", "Error")],
        required=True,
        default="waiting",
        readonly=True,
        index=True,
    )
    tier = fields.Selection(TIERS, readonly=True, help="How the invoices were written.")
    reason = fields.Text(readonly=True, help="Why they were not written as rows.")
    error = fields.Text(readonly=True, help="Why the chunk did not come to its end.")
    item_ids = fields.One2many("bss.bill.run.item", "chunk_id", string="Items", readonly=True)
    item_count = fields.Integer(string="Accounts", readonly=True)
    invoice_count = fields.Integer(string="Invoices", readonly=True)
    error_count = fields.Integer(string="Errors", readonly=True)
    amount_total = fields.Monetary(string="Gross", readonly=True)
    reserved_item_ids = fields.Json(
        readonly=True, help="Ids of the items in the order of their numbers, from the reservation on."
    )
    number_journal_id = fields.Many2one("account.journal", string="Journal", readonly=True, ondelete="restrict")
    number_prefix = fields.Char(readonly=True)
    number_suffix = fields.Char(readonly=True)
    number_width = fields.Integer(readonly=True)
    number_first = fields.Integer(string="First Number (bare)", readonly=True, aggregator=None)
    number_count = fields.Integer(string="Reserved Numbers", readonly=True)
    first_number = fields.Char(string="From Number", readonly=True)
    last_number = fields.Char(string="To Number", readonly=True)
    started_at = fields.Datetime(readonly=True)
    finished_at = fields.Datetime(readonly=True)
    seconds = fields.Float(readonly=True, digits=(16, 2))
    seconds_cpu = fields.Float(
        readonly=True, digits=(16, 2), string="Processor Seconds", help="Of the worker; the database works beside it."
    )
    invoices_per_second = fields.Float(readonly=True, digits=(16, 1), aggregator="avg", string="Invoices per Second")

    # small: only chunks between reservation and end
    _reserved = models.Index("(number_journal_id, number_prefix) WHERE state = 'reserved'")

    @api.depends("run_id", "sequence")
    def _compute_display_name(self):
        for chunk in self:
            chunk.display_name = f"{chunk.run_id.name} / {chunk.sequence}"

    def action_view_items(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_bill_run_item_action")
        action["domain"] = [("chunk_id", "=", self.id)]
        return action

    def _bss_size(self):
        """How many accounts are ahead of it, without reading them."""
        return len(self.reserved_item_ids or ()) or self.item_count

    def _bss_set(self, **vals):
        """Write on one chunk past the ORM: nobody follows these fields, and it works in the middle of everything."""
        assignments = SQL(", ").join(SQL("%s = %s", SQL.identifier(name), value) for name, value in vals.items())
        self.env.cr.execute(
            SQL(
                "UPDATE bss_bill_run_chunk SET %s, write_date = now() AT TIME ZONE 'UTC' WHERE id = %s",
                assignments,
                self.id,
            )
        )
        self.invalidate_recordset()
