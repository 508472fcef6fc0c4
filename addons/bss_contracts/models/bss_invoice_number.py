"""Numbers that were reserved and have no invoice: the next invoice of the journal and month gets them."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

MANAGER = "bss_catalog.group_bss_billing_manager"


class BssInvoiceNumber(models.Model):
    """A number in the middle of a series whose invoice cannot be issued, with later ones taken already.

    The law asks for consecutive numbers that tell invoices apart (art. 106e sec. 1 point 2 of the VAT act), not for
    an order of issue within a day or a month. So such a number is given to the next invoice of its journal, prefix and
    month, whoever posts it. Where the month has none any more, a manager says why it stays unused; that is kept.
    """

    _name = "bss.invoice.number"
    _description = "Free Invoice Number"
    _order = "journal_id, prefix, number"
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, readonly=True)
    journal_id = fields.Many2one("account.journal", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="journal_id.company_id", store=True, index=True, precompute=True)
    prefix = fields.Char(required=True, readonly=True)
    number = fields.Integer(string="Number (bare)", required=True, readonly=True, aggregator=None)
    date = fields.Date(
        string="Invoice Date", required=True, readonly=True, help="Day of the invoices that it was reserved with."
    )
    chunk_id = fields.Many2one("bss.bill.run.chunk", readonly=True, index="btree_not_null", ondelete="set null")
    run_id = fields.Many2one(related="chunk_id.run_id", string="Bill Run")
    reason = fields.Text(string="Why It Became Free", readonly=True)
    state = fields.Selection(
        [("free", "Free"), ("used", "On an invoice"), ("void", "Stays unused")],
        required=True,
        default="free",
        readonly=True,
        index=True,
    )
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True, index="btree_not_null")
    void_reason = fields.Char(
        string="Why It Stays Unused", help="For the books: no invoice of the journal is issued in its month any more."
    )

    _name_unique = models.Constraint("UNIQUE(journal_id, name)", "This number is free already.")

    def write(self, vals):
        if not self.env.su and set(vals) - {"void_reason"}:
            raise AccessError(self.env._("Free numbers are given away by issuing invoices only."))
        decided = self.filtered(lambda one: one.state != "free")
        if not self.env.su and decided:
            raise UserError(self.env._("Number %(name)s is not free.", name=decided[0].name))
        return super().write(vals)

    def action_void(self):
        """Close the gap in the records: the number stays unused for the reason given."""
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only a billing manager says that a number stays unused."))
        self.check_access("write")
        self.env["bss.invoice.counter"].sudo()._bss_take(self.journal_id)
        for number in self:
            if number.state != "free":
                raise UserError(self.env._("Number %(name)s is not free.", name=number.name))
            if not (number.void_reason or "").strip():
                raise UserError(self.env._("Say why number %(name)s stays unused.", name=number.name))
        self.sudo().state = "void"

    @api.model
    def _bss_take_back(self):
        """Numbers whose invoice was deleted or has another number by now are free again."""
        self.flush_model(["state", "move_id", "name", "journal_id"])
        self.env["account.move"].flush_model(["name", "journal_id"])
        self.env.cr.execute(
            """
            UPDATE bss_invoice_number given SET state = 'free', move_id = NULL
             WHERE state = 'used' AND NOT EXISTS (
                   SELECT FROM account_move move
                    WHERE move.id = given.move_id AND move.name = given.name AND move.journal_id = given.journal_id)
            """
        )
        if self.env.cr.rowcount:
            self.invalidate_model()

    @api.model
    def _bss_last(self, journal):
        """{prefix: highest number that only this list gives away, or nobody}; each series goes on after it."""
        found = self.sudo()._read_group(
            [("journal_id", "in", journal._origin.ids), ("state", "!=", "used")], ["prefix"], ["number:max"]
        )
        return dict(found)

    @api.model
    def _bss_free(self, move, day):
        """Numbers that this invoice, of this day, may take, lowest first; with the counter taken."""
        found = self.sudo().search(
            [
                ("journal_id", "=", move.journal_id.id),
                ("state", "=", "free"),
                ("date", ">=", fields.Date.start_of(day, "month")),
                ("date", "<=", fields.Date.end_of(day, "month")),
            ]
        )
        if found:
            # asked of the invoice itself: rising corrections are numbered as credit notes are
            counters = self.env["bss.invoice.counter"]
            prefix, _suffix = counters._bss_affixes(*move._get_next_sequence_format())
            found = found.filtered(lambda one: one.prefix == prefix)
        return found

    @api.model
    def _bss_note_used(self, moves):
        """The numbers that these posted invoices carry are free no more, those that they gave up are."""
        self._bss_take_back()
        if not self.sudo().search_count([("state", "!=", "used"), ("journal_id", "in", moves.journal_id.ids)], limit=1):
            return
        moves.flush_recordset(["name", "journal_id"])
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_invoice_number free
                   SET state = 'used', move_id = move.id, write_uid = %s, write_date = now() AT TIME ZONE 'UTC'
                  FROM account_move move
                 WHERE move.id = ANY(%s) AND free.journal_id = move.journal_id AND free.name = move.name
                   AND free.state != 'used'
             RETURNING move.id
                """,
                self.env.uid,
                moves.ids,
            )
        )
        filled = moves.browse([row[0] for row in self.env.cr.fetchall()])
        self.invalidate_model()
        # the one before may be free as well
        self.env["bss.bill.run"]._bss_no_gap(filled)


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def _post(self, soft=True):
        today = fields.Date.context_today(self)
        # invoices of bill runs have taken theirs already; those of a later day are not posted yet
        self.filtered(
            lambda move: not (move.bss_bill_run_id or (soft and move.date and move.date > today))
        )._bss_take_free_numbers()
        posted = super()._post(soft=soft)
        self.env["bss.invoice.number"]._bss_note_used(posted)
        return posted

    def unlink(self):
        journals = self.journal_id
        result = super().unlink()
        numbers = self.env["bss.invoice.number"].sudo()
        if numbers.search_count([("journal_id", "in", journals.ids), ("state", "=", "used")], limit=1):
            numbers._bss_take_back()
        return result

    def _get_next_sequence_format(self):
        """A number that is free, or stays unused, at the end of its series is not the next one of whoever comes."""
        template, values = super()._get_next_sequence_format()
        last = self.env["bss.invoice.number"]._bss_last(self.journal_id)
        if last:
            prefix, _suffix = self.env["bss.invoice.counter"]._bss_affixes(template, values)
            values["seq"] = max(values["seq"], last.get(prefix, 0))
        return template, values

    def _bss_take_free_numbers(self):
        """Names for the invoices without one, as far as numbers are free."""
        nameless = self.filtered(
            lambda move: move.is_sale_document() and move.name in (False, "/") and not move.posted_before
        )
        numbers = self.env["bss.invoice.number"]
        if nameless:
            numbers._bss_take_back()
        for journal, moves in nameless.grouped("journal_id").items():
            if not numbers.sudo().search_count([("journal_id", "=", journal.id), ("state", "=", "free")], limit=1):
                continue
            # as whoever takes a number there: to the end of the transaction nobody else does
            self.env["bss.invoice.counter"].sudo()._bss_refuse_while_issuing(journal)
            taken = numbers
            for move in moves.sorted(lambda move: (move.date, move.id)):
                day = move.invoice_date or fields.Date.context_today(move)
                number = (numbers._bss_free(move, day) - taken)[:1]
                if number:
                    move.name = number.name
                    taken |= number
