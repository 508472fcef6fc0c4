from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_contracts.document_core import amount_in_words, format_nrb
from odoo.exceptions import AccessError, UserError, ValidationError

from .. import adapters
from .bss_account import COLLECTOR
from .bss_dunning_guard_mixin import SOCIAL

KINDS = [("interest", "Interest note"), ("compensation", "Compensation note")]
WAYS = [("note", "Note of its own"), ("charge", "On the next invoice"), ("waived", "Waived")]
# what people write on a draft; lines and all else follow from the receivables
EDITABLE = frozenset({"account_id", "date", "date_to", "date_due", "kind", "note", "scope", "way"})
# a change of these makes the lines anew
DECISIVE = frozenset({"account_id", "date_to", "kind", "scope"})


class BssDunningNote(models.Model):
    """Interest or compensation charged to a billing account: a note of its own, or a charge for the next invoice.

    Notes of the way *waived* charge nothing: they record days whose interest is given up, by a write-off.
    """

    _name = "bss.dunning.note"
    _inherit = ["bss.dunning.guard.mixin", "mail.thread"]
    _description = "Interest or Compensation Note"
    _order = "date desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "account_id.name", "partner_id.name"]
    _bss_creatable = EDITABLE
    _bss_editable = EDITABLE | SOCIAL

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/", index="trigram")
    kind = fields.Selection(KINDS, required=True, default="interest", index=True)
    way = fields.Selection(WAYS, string="Charged By", required=True, default="note")
    account_id = fields.Many2one(
        "bss.account", string="Billing Account", required=True, index=True, check_company=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(related="account_id.partner_id", store=True, index=True, string="Customer")
    customer_kind = fields.Selection(related="account_id.customer_kind")
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    case_id = fields.Many2one(
        "bss.dunning.case",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="set null",
        groups=COLLECTOR,
    )
    action_id = fields.Many2one(
        "bss.dunning.action", readonly=True, index="btree_not_null", ondelete="set null", groups=COLLECTOR
    )
    batch_id = fields.Many2one("bss.dunning.note.batch", readonly=True, index="btree_not_null", ondelete="set null")
    date = fields.Date(string="Issue Date", required=True, default=polish_day.today, index=True)
    date_to = fields.Date(
        string="Up To", required=True, default=polish_day.today, help="Last day for which interest is charged."
    )
    date_due = fields.Date(
        string="Pay By", compute="_compute_date_due", store=True, readonly=False, precompute=True, required=True
    )
    scope = fields.Selection(
        [("late", "Open documents and those paid late"), ("open", "Open documents only")],
        string="Documents",
        compute="_compute_scope",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    state = fields.Selection(
        [("draft", "Draft"), ("issued", "Issued"), ("cancelled", "Cancelled")],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    line_ids = fields.One2many("bss.dunning.note.line", "note_id", string="Documents Charged", readonly=True)
    refusal = fields.Text(string="Left Out", readonly=True, copy=False, help="Documents without a charge, and why.")
    amount_total = fields.Monetary(string="Total", compute="_compute_amount_total", store=True)
    amount_words = fields.Char(string="In Words", compute="_compute_amount_words")
    payment_nrb = fields.Char(string="Pay To Account", compute="_compute_payment_nrb")
    note = fields.Text(string="Remarks", help="Printed on the note.")
    move_id = fields.Many2one(
        "account.move", string="Entry", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    reversal_id = fields.Many2one("account.move", readonly=True, copy=False, ondelete="restrict")
    charge_id = fields.Many2one(
        "bss.charge", readonly=True, copy=False, index="btree_not_null", ondelete="restrict", check_company=True
    )
    document_id = fields.Many2one("bss.document", string="Printed Note", readonly=True, copy=False, ondelete="restrict")
    amount_residual = fields.Monetary(string="Left to Pay", compute="_compute_amount_residual", compute_sudo=True)
    cancel_reason = fields.Char(readonly=True, copy=False)

    _days_in_order = models.Constraint("CHECK(date_due >= date)", "A note cannot be due before it is issued.")
    _draft_once = models.UniqueIndex(
        "(account_id, kind) WHERE state = 'draft'", "This account has a draft note of this kind already."
    )
    _entry_of_way = models.Constraint(
        "CHECK(state != 'issued' OR (way = 'note') = (move_id IS NOT NULL))", "An issued note needs its entry."
    )

    # Computes

    @api.depends("date", "company_id")
    def _compute_date_due(self):
        for note in self:
            note.date_due = fields.Date.add(note.date or polish_day.today(), days=note.company_id.bss_note_days)

    @api.depends("company_id", "kind")
    def _compute_scope(self):
        for note in self:
            note.scope = note.company_id.bss_interest_scope or "late"

    @api.depends("line_ids.amount")
    def _compute_amount_total(self):
        for note in self:
            note.amount_total = sum(note.line_ids.mapped("amount"))

    @api.depends("amount_total")
    def _compute_amount_words(self):
        for note in self:
            note.amount_words = amount_in_words(adapters.to_money(note.amount_total))

    @api.depends("account_id")
    def _compute_payment_nrb(self):
        numbers = self.account_id._bss_payment_bank_account() if self.account_id else {}
        for note in self:
            note.payment_nrb = format_nrb(numbers.get(note.account_id.id, ""))

    @api.depends("move_id.line_ids.amount_residual", "state")
    def _compute_amount_residual(self):
        for note in self:
            lines = note.move_id.line_ids if note.state == "issued" else note.move_id.line_ids[:0]
            receivable = lines.filtered(lambda line: line.account_id.account_type == "asset_receivable")
            note.amount_residual = sum(receivable.mapped("amount_residual"))

    @api.constrains("date", "date_to")
    def _check_dates(self):
        for note in self:
            if note.date_to > note.date:
                raise ValidationError(
                    self.env._("Interest is charged up to the issue date at most, not for days to come.")
                )

    @api.constrains("kind", "way")
    def _check_way(self):
        for note in self:
            if note.kind == "compensation" and note.way == "charge":
                raise ValidationError(self.env._("Compensation is charged by a note, not on an invoice."))

    @api.depends("state")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """A note gets its number when it is issued."""
        result = super()._compute_display_name()
        for note in self.filtered(lambda one: one.name == "/"):
            note.display_name = self.env._("Draft") if note.ids else False
        return result

    # Life

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._bss_refuse_waiver({"way": self.env.context.get("default_way"), **vals})
        notes = super().create(vals_list)
        if not (self.env.su and self.env.context.get("bss_note_lines_given")):
            notes._bss_recompute()
        return notes

    def write(self, vals):
        if not self.env.su:
            self._bss_refuse_waiver(vals)
            if EDITABLE & set(vals) and any(note.state != "draft" for note in self):
                raise UserError(self.env._("An issued note is not changed. Cancel it and issue a new one."))
        result = super().write(vals)
        if DECISIVE & set(vals):
            self.filtered(lambda note: note.state == "draft")._bss_recompute()
        return result

    def _bss_refuse_waiver(self, vals):
        """Interest is given up by write-offs, within the limits of who decides them."""
        if not self.env.su and vals.get("way") == "waived":
            raise AccessError(self._bss_guard_words())

    def _bss_guard_words(self):
        return self.env._("Notes are changed by their buttons: recompute, issue, cancel.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(note.state != "draft" for note in self):
            raise UserError(self.env._("An issued note is kept. Cancel it instead."))

    # Buttons

    def action_recompute(self):
        self.check_access("write")
        self.filtered(lambda note: note.state == "draft")._bss_recompute()

    def action_issue(self):
        """Issue drafts: number, entry, printed note."""
        self.check_access("write")
        drafts = self.filtered(lambda note: note.state == "draft")
        if not drafts:
            raise UserError(self.env._("Only draft notes are issued."))
        issued = drafts.sudo()._bss_issue()
        empty = drafts.sudo() - issued
        if empty:
            raise UserError(
                self.env._(
                    "%(account)s: nothing to charge. %(why)s",
                    account=empty[0].account_id.display_name,
                    why=empty[0].refusal or "",
                ).strip()
            )

    def action_cancel(self):
        """Ask for the reason."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_note_cancel_action")
        return {**action, "context": {"default_note_ids": self.ids}}

    def action_open_pdf(self):
        self.ensure_one()
        if not self.document_id:
            raise UserError(self.env._("Note %(name)s has no printed document.", name=self.name))
        return self.document_id.action_open()

    def action_view_entry(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
        }

    def action_view_charge(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.charge",
            "res_id": self.charge_id.id,
            "view_mode": "form",
        }
