from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import formatLang

from ..dunning_core.letters.placeholders import without_dot

EDITABLE = frozenset({"account_id", "case_id", "date", "reason_id", "note", "line_ids", "waive_interest"})
PARTS = [("principal", "Principal"), ("interest", "Interest"), ("costs", "Costs")]


class BssDunningWriteoffReason(models.Model):
    _name = "bss.dunning.writeoff.reason"
    _description = "Reason of a Write-Off"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)


class BssDunningWriteoff(models.Model):
    _name = "bss.dunning.writeoff"
    _inherit = ["bss.numbered.mixin", "mail.thread", "mail.activity.mixin"]
    _description = "Write-Off"
    _order = "date desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "account_id.name", "partner_id.name"]

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
        index="btree_not_null",
        check_company=True,
        ondelete="set null",
        domain="[('account_id', '=', account_id)]",
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
            above = not writeoff._bss_within_limit(self.env.user, alone=True)
            writeoff.needs_approval = writeoff.state == "draft" and above
            writeoff.may_approve = writeoff.state == "to_approve" and writeoff._bss_may_approve(self.env.user)

    @api.depends("line_ids.move_line_id", "line_ids.amount", "date", "account_id")
    def _compute_warning(self):
        for writeoff in self:
            writeoff.warning = "\n".join(writeoff._bss_tax_warnings()) or False

    @api.onchange("account_id")
    def _onchange_account_id(self):
        """All that is open, to take out what is not written off."""
        if self.account_id:
            self.case_id = self.account_id.dunning_case_id
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

    # Limits

    def _bss_limit(self, user):
        """Up to what amount a person decides; None: without limit."""
        if user.has_group("bss_catalog.group_bss_admin") or user.has_group("account.group_account_manager"):
            return None
        company = self.company_id or self.env.company
        if user.has_group("bss_catalog.group_bss_billing_manager"):
            return company.bss_writeoff_limit_manager
        if user.has_group("bss_catalog.group_bss_collector"):
            return company.bss_writeoff_limit_collector
        return 0.0

    def _bss_within_limit(self, user, alone=False):
        """Whether a person may decide the amount, or decide it ``alone``, without a second pair of eyes."""
        limit = self._bss_limit(user)
        company = self.company_id or self.env.company
        if limit is None and alone and company.bss_writeoff_two_people:
            limit = company.bss_writeoff_limit_manager
        return limit is None or self.currency_id.compare_amounts(self.amount_total, limit) <= 0

    def _bss_may_approve(self, user):
        """Somebody else than who asked, whose own limit covers the amount."""
        return user != self.requester_id and self._bss_within_limit(user)

    # Life

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._bss_refuse_fields(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._bss_refuse_fields(vals)
        if not self.env.su and EDITABLE & set(vals) and any(writeoff.state != "draft" for writeoff in self):
            raise UserError(self.env._("Only a draft is changed. Take the write-off back to draft or cancel it."))
        return super().write(vals)

    def _bss_refuse_fields(self, vals):
        if not self.env.su and set(vals) - EDITABLE - {"activity_ids", "message_follower_ids", "message_ids"}:
            raise AccessError(self.env._("Write-offs are decided by their buttons: ask, approve, refuse, cancel."))

    @api.constrains("account_id", "line_ids")
    def _check_documents(self):
        for writeoff in self:
            strange = writeoff.line_ids.sudo().filtered(
                lambda line, own=writeoff: line.move_line_id.bss_account_id != own.account_id
            )
            if strange:
                raise ValidationError(
                    self.env._(
                        "%(document)s is not a document of account %(account)s.",
                        document=strange[0].move_line_id.sudo().move_id.name,
                        account=without_dot(writeoff.account_id.display_name),
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(writeoff.state not in ("draft", "refused") for writeoff in self):
            raise UserError(self.env._("A write-off that was asked for is kept as evidence. Cancel it instead."))


class BssDunningWriteoffLine(models.Model):
    _name = "bss.dunning.writeoff.line"
    _description = "Document Written Off"
    _order = "writeoff_id, date_due, id"
    _rec_name = "document"

    writeoff_id = fields.Many2one("bss.dunning.writeoff", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="writeoff_id.company_id", store=True, precompute=True)
    account_id = fields.Many2one(related="writeoff_id.account_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Receivable",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('bss_account_id', '=', account_id), ('account_type', '=', 'asset_receivable'), "
        "('parent_state', '=', 'posted'), ('amount_residual', '>', 0)]",
    )
    document = fields.Char(related="move_line_id.move_id.name", related_sudo=True)
    date_due = fields.Date(related="move_line_id.date_maturity", string="Due", store=True)
    residual = fields.Monetary(related="move_line_id.amount_residual", string="Open")
    part = fields.Selection(PARTS, compute="_compute_part", store=True, precompute=True, compute_sudo=True)
    amount = fields.Monetary(required=True)

    _amount_positive = models.Constraint("CHECK(amount > 0)", "Say how much is written off.")
    _document_once = models.UniqueIndex("(writeoff_id, move_line_id)", "This document is in the write-off already.")

    @api.depends("move_line_id")
    def _compute_part(self):
        """Notes are interest or costs, all else is principal."""
        kinds = {"interest_note": "interest", "debit_note": "costs"}
        for line in self:
            line.part = kinds.get(line.move_line_id.move_id.bss_settlement_kind, "principal")

    @api.constrains("amount", "move_line_id")
    def _check_amount(self):
        """No more than is open; what is paid until the decision is looked at again then."""
        self.filtered(lambda line: line.writeoff_id.state == "draft").sudo()._bss_check_open()

    def _bss_check_open(self):
        for line in self:
            residual = 0.0 if line.move_line_id.reconciled else line.residual
            if line.currency_id.compare_amounts(line.amount, residual) > 0:
                raise ValidationError(
                    self.env._(
                        "%(document)s: %(amount)s cannot be written off, %(open)s is open.",
                        document=line.document,
                        amount=line.currency_id.format(line.amount),
                        open=line.currency_id.format(residual),
                    )
                )

    @api.onchange("move_line_id")
    def _onchange_move_line_id(self):
        self.amount = self.move_line_id.amount_residual

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._bss_refuse_amount(vals.get("amount"), self.env["account.move.line"].browse(vals.get("move_line_id")))
        lines = super().create(vals_list)
        lines._bss_refuse_decided()
        return lines

    def write(self, vals):
        self._bss_refuse_decided()
        if "amount" in vals:
            self._bss_refuse_amount(vals["amount"], self.move_line_id)
        return super().write(vals)

    def _bss_refuse_amount(self, amount, receivables):
        """Said with the document, before the database refuses it without a name."""
        if not amount or amount <= 0:
            raise ValidationError(
                self.env._(
                    "%(documents)s: say how much is written off, an amount above zero; %(amount)s was given.",
                    documents=", ".join(receivables.sudo().move_id.mapped("name")),
                    amount=formatLang(self.env, amount or 0.0, digits=2),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        self._bss_refuse_decided()

    def _bss_refuse_decided(self):
        if not self.env.su and any(line.writeoff_id.state != "draft" for line in self):
            raise UserError(self.env._("Only a draft is changed. Take the write-off back to draft or cancel it."))
