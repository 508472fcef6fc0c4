from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError

from .bss_account import COLLECTOR
from .bss_dunning_guard_mixin import SOCIAL
from .bss_dunning_writeoff_line import PARTS

EDITABLE = frozenset({"account_id", "date", "reason_id", "note", "line_ids", "waive_interest"})


class BssDunningWriteoffReason(models.Model):
    _name = "bss.dunning.writeoff.reason"
    _description = "Reason of a Write-Off"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)


class BssDunningWriteoff(models.Model):
    _name = "bss.dunning.writeoff"
    _inherit = ["bss.dunning.guard.mixin", "bss.numbered.mixin", "mail.thread", "mail.activity.mixin"]
    _description = "Write-Off"
    _order = "date desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "account_id.name", "partner_id.name"]
    _bss_creatable = EDITABLE | SOCIAL
    _bss_editable = EDITABLE | SOCIAL

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/", index="trigram")
    account_id = fields.Many2one(
        "bss.account", string="Billing Account", required=True, index=True, check_company=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(related="account_id.partner_id", store=True, index=True, string="Customer")
    customer_kind = fields.Selection(related="account_id.customer_kind", store=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    case_id = fields.Many2one(
        "bss.dunning.case",
        compute="_compute_case_id",
        compute_sudo=True,
        store=True,
        index="btree_not_null",
        check_company=True,
        ondelete="set null",
        groups=COLLECTOR,
    )
    date = fields.Date(required=True, default=polish_day.today, tracking=True)
    reason_id = fields.Many2one(
        "bss.dunning.writeoff.reason", required=True, index=True, ondelete="restrict", tracking=True
    )
    note = fields.Text(string="Justification")
    waive_interest = fields.Boolean(
        string="Give Up Interest",
        default=True,
        help="Interest of these documents up to the day of the write-off that no note has charged is not charged later.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("to_approve", "To approve"),
            ("done", "Written off"),
            ("refused", "Refused"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    line_ids = fields.One2many("bss.dunning.writeoff.line", "writeoff_id", string="Documents Written Off")
    amount_principal = fields.Monetary(string="Principal", compute="_compute_amounts", store=True)
    amount_interest = fields.Monetary(string="Interest", compute="_compute_amounts", store=True)
    amount_costs = fields.Monetary(string="Costs", compute="_compute_amounts", store=True)
    amount_total = fields.Monetary(string="Total", compute="_compute_amounts", store=True)
    requester_id = fields.Many2one("res.users", string="Asked For By", readonly=True, copy=False)
    approver_id = fields.Many2one("res.users", string="Decided By", readonly=True, copy=False)
    approved_at = fields.Datetime(string="Decided On", readonly=True, copy=False)
    needs_approval = fields.Boolean(compute="_compute_needs_approval")
    may_approve = fields.Boolean(compute="_compute_needs_approval")
    warning = fields.Text(compute="_compute_warning", compute_sudo=True, string="Tax Warning")
    move_id = fields.Many2one(
        "account.move", string="Entry", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    reversal_id = fields.Many2one("account.move", readonly=True, copy=False, ondelete="restrict")
    waiver_id = fields.Many2one("bss.dunning.note", readonly=True, copy=False, ondelete="restrict")

    _done_has_entry = models.Constraint(
        "CHECK(state != 'done' OR move_id IS NOT NULL)", "A write-off that is done needs its entry."
    )

    # Computes

    @api.depends("account_id")
    def _compute_case_id(self):
        """The open case, also for those who approve and do not see it."""
        for writeoff in self:
            if writeoff.case_id.account_id != writeoff.account_id:
                writeoff.case_id = writeoff.account_id.dunning_case_id

    @api.depends("line_ids.amount", "line_ids.part")
    def _compute_amounts(self):
        for writeoff in self:
            for part, _label in PARTS:
                lines = writeoff.line_ids.filtered(lambda line, part=part: line.part == part)
                writeoff[f"amount_{part}"] = sum(lines.mapped("amount"))
            writeoff.amount_total = sum(writeoff.line_ids.mapped("amount"))

    @api.depends("amount_total", "state", "requester_id")
    @api.depends_context("uid")
    def _compute_needs_approval(self):
        for writeoff in self:
            draft = writeoff.state == "draft"
            writeoff.needs_approval = draft and not writeoff._bss_within_limit(self.env.user, alone=True)
            writeoff.may_approve = writeoff.state == "to_approve" and writeoff._bss_may_approve(self.env.user)

    @api.depends("line_ids.move_line_id", "line_ids.amount", "date", "account_id")
    def _compute_warning(self):
        for writeoff in self:
            writeoff.warning = "\n".join(writeoff._bss_tax_warnings()) or False

    @api.onchange("account_id")
    def _onchange_account_id(self):
        """All that is open, to take out what is not written off."""
        if self.account_id:
            self.line_ids = [fields.Command.clear()] + [
                fields.Command.create(vals) for vals in self._bss_default_lines(self.account_id)
            ]

    @api.model
    def _bss_default_lines(self, account):
        """Values of lines for everything that is open and overdue on an account."""
        lines = (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    ("bss_account_id", "=", account.id),
                    ("account_id.account_type", "=", "asset_receivable"),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                    ("amount_residual", ">", 0),
                    ("date_maturity", "<", polish_day.today()),
                ],
                order="date_maturity, id",
            )
        )
        return [{"move_line_id": line.id, "amount": line.amount_residual} for line in lines]

    # Life

    def write(self, vals):
        if EDITABLE & set(vals):
            self._bss_refuse_decided()
        return super().write(vals)

    def _bss_guard_words(self):
        return self.env._("Write-offs are decided by their buttons: ask, approve, refuse, cancel.")

    @api.constrains("account_id")
    def _check_documents(self):
        self.line_ids._check_document()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(writeoff.state not in ("draft", "refused") for writeoff in self):
            raise UserError(self.env._("A write-off that was asked for is kept as evidence. Cancel it instead."))

    def _bss_refuse_decided(self):
        if not self.env.su and any(writeoff.state != "draft" for writeoff in self):
            raise UserError(self.env._("Only a draft is changed. Take the write-off back to draft or cancel it."))
