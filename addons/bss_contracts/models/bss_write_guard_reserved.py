"""What has a number reserved stays as it is until its invoice is written."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .bss_bill_run_requests import CLAIM

CHARGE_FIELDS = {
    "account_id",
    "amount",
    "amount_gross",
    "bill_run_id",
    "bill_run_item_id",
    "currency_id",
    "date_end",
    "date_start",
    "kind",
    "name",
    "price_kind",
    "price_unit",
    "product_id",
    "quantity",
    "service_id",
    "state",
    "tax_ids",
}
ACCOUNT_FIELDS = {"active", "bill_cycle_id", "company_id", "currency_id", "partner_id", "state"}
RUN_FIELDS = {"cycle_id", "date_end", "date_invoice", "date_start"}
ITEM_FIELDS = {"account_id", "chunk_id", "group_key", "held", "move_id", "run_id", "state"}


class BssBillRunItem(models.Model):
    _inherit = "bss.bill.run.item"  # pylint: disable=consider-merging-classes-inherited

    chunk_id = fields.Many2one("bss.bill.run.chunk", readonly=True, index="btree_not_null", ondelete="set null")

    def _bss_refuse_reserved(self):
        """For whoever wants to change what these items invoice.

        The rows are locked: who read them before their numbers were reserved is made to start again.
        :raises UserError: the numbers of some are reserved
        """
        self.env.cr.execute(SQL("SELECT chunk_id FROM bss_bill_run_item WHERE id = ANY(%s) FOR SHARE", self.ids))
        chunk_ids = {row[0] for row in self.env.cr.fetchall() if row[0]}
        rows = chunk_ids and self.env.execute_query(
            SQL(
                """
                SELECT run.name, item.account_id
                  FROM bss_bill_run_item item
                  JOIN bss_bill_run_chunk chunk ON chunk.id = item.chunk_id AND chunk.state = 'reserved'
                  JOIN bss_bill_run run ON run.id = item.run_id
                 WHERE item.id = ANY(%s) AND item.state = 'pending' AND chunk.reserved_item_ids @> to_jsonb(item.id)
                 LIMIT 1
                """,
                self.ids,
            )
        )
        if rows:
            name, account_id = rows[0]
            raise UserError(
                self.env._(
                    "Bill run %(run)s is issuing the invoice of account %(account)s right now; try again in a minute.",
                    run=name,
                    account=self.env["bss.account"].sudo().browse(account_id).name,
                )
            )

    def write(self, vals):
        if ITEM_FIELDS & set(vals):
            self._bss_refuse_reserved()
        return super().write(vals)


class BssCharge(models.Model):
    _inherit = "bss.charge"  # pylint: disable=consider-merging-classes-inherited

    def _bss_refuse_reserved(self):
        claimed = self.filtered(lambda charge: charge.state == "pending" and charge.bill_run_id)
        if not claimed:
            return
        claimed.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                "SELECT item.id FROM bss_charge charge JOIN bss_bill_run_item item ON %s WHERE charge.id = ANY(%s)",
                CLAIM,
                claimed.ids,
            )
        )
        self.env["bss.bill.run.item"].sudo().browse([row[0] for row in rows])._bss_refuse_reserved()

    def write(self, vals):
        if CHARGE_FIELDS & set(vals):
            self._bss_refuse_reserved()
        return super().write(vals)

    def unlink(self):
        self._bss_refuse_reserved()
        return super().unlink()


class BssAccount(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    def write(self, vals):
        if ACCOUNT_FIELDS & set(vals):
            items = self.env["bss.bill.run.item"].sudo()
            items.search(
                [("account_id", "in", self.ids), ("state", "=", "pending"), ("chunk_id", "!=", False)]
            )._bss_refuse_reserved()
        return super().write(vals)


class BssBillRunChunk(models.Model):
    _inherit = "bss.bill.run.chunk"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_refuse_reserved(self, runs):
        """For whoever changes what the numbers of these runs follow from; a chunk about to reserve some is waited for.

        :raises UserError: numbers of one of the runs are reserved
        """
        self.env.cr.execute(SQL("SELECT FROM bss_bill_run_chunk WHERE run_id = ANY(%s) FOR SHARE", runs.ids))
        chunk = self.sudo().search([("run_id", "in", runs.ids), ("state", "=", "reserved")], limit=1)
        if chunk:
            raise UserError(
                self.env._(
                    "Chunk %(chunk)s of bill run %(run)s has numbers reserved: go on issuing until it is done.",
                    chunk=chunk.sequence,
                    run=chunk.run_id.name,
                )
            )


class BssBillCycle(models.Model):
    _inherit = "bss.bill.cycle"  # pylint: disable=consider-merging-classes-inherited

    def write(self, vals):
        if "journal_id" in vals:
            moved = self.filtered(lambda cycle: cycle.journal_id.id != vals["journal_id"])
            runs = self.env["bss.bill.run"].sudo().search([("cycle_id", "in", moved.ids), ("state", "=", "running")])
            self.env["bss.bill.run.chunk"]._bss_refuse_reserved(runs)
        return super().write(vals)


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_cancellable_items(self):
        """Without those whose numbers are reserved: they are still issued."""
        items = super()._bss_cancellable_items()
        reserved = self.env["bss.bill.run.chunk"].sudo().search([("run_id", "=", self.id), ("state", "=", "reserved")])
        return items - items.browse([item_id for chunk in reserved for item_id in chunk.reserved_item_ids or ()])

    def _bss_collect(self, progress=None):
        self._bss_refuse_reserved_numbers()
        return super()._bss_collect(progress=progress)

    def _bss_go_on_collecting(self):
        self._bss_refuse_reserved_numbers()
        return super()._bss_go_on_collecting()

    def _bss_refuse_reserved_numbers(self):
        self.env["bss.bill.run.chunk"]._bss_refuse_reserved(self)

    def write(self, vals):
        # what the reserved numbers and their invoices follow from
        if RUN_FIELDS & set(vals):
            self._bss_refuse_reserved_numbers()
        return super().write(vals)

    def _bss_collect_accounts(self, account_ids):
        items = self.env["bss.bill.run.item"].sudo()
        items.search(
            [("run_id", "=", self.id), ("account_id", "in", list(account_ids)), ("chunk_id.state", "=", "reserved")]
        )._bss_refuse_reserved()
        return super()._bss_collect_accounts(account_ids)
