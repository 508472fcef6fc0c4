from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError, ValidationError

CHANNELS = [
    ("letter", "Letter"),
    ("person", "In person"),
    ("phone", "Call"),
    ("email", "E-mail"),
    ("portal", "Customer portal"),
]
DECISIONS = [("accepted", "Accepted"), ("partly", "Partly accepted"), ("rejected", "Rejected")]
# What the customer lodged and what was answered; nothing of it changes once the answer has gone out
FROZEN = frozenset(
    {
        "account_id",
        "kind",
        "subject",
        "description",
        "period_from",
        "period_to",
        "basis_date",
        "line_ids",
        "requested_amount",
        "channel",
        "received_on",
        "decision",
        "decision_text",
        "granted_amount",
        "awarded_amount",
    }
)
# Dates that prove something: written by the buttons that make the document
BY_BUTTON = frozenset({"confirmed_on", "answer_sent_on", "paid_on", "copy_asked_on", "copy_sent_on", "state", "name"})


class BssComplaint(models.Model):
    """A complaint about a telecom service with the clocks of the law (art. 378 and following of the PKE act)."""

    _name = "bss.complaint"
    _inherit = ["mail.thread", "mail.activity.mixin", "bss.numbered.mixin"]
    _description = "Complaint"
    _order = "next_deadline, received_on desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "subject", "account_id", "partner_id"]

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/", index="trigram")
    account_id = fields.Many2one(
        "bss.account", string="Billing Account", required=True, index=True, check_company=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(related="account_id.partner_id", store=True, index=True, string="Customer")
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [
            ("billing", "Amount billed"),
            ("quality", "Quality of the service"),
            ("outage", "Interruption of the service"),
            ("contract", "Contract or its end"),
            ("other", "Other"),
        ],
        string="About",
        required=True,
        default="billing",
        index=True,
        tracking=True,
    )
    subject = fields.Char(required=True, tracking=True)
    description = fields.Text(string="What the Customer Says")
    period_from = fields.Date()
    period_to = fields.Date()
    basis_date = fields.Date(
        string="Counted From",
        compute="_compute_basis_date",
        store=True,
        readonly=False,
        help="Delivery of the invoice, day of the bad performance or end of the billing period of the interruption: a "
        "complaint lodged too long after it is not considered.",
    )
    channel = fields.Selection(CHANNELS, required=True, default="phone", string="Lodged By")
    received_on = fields.Date(required=True, default=polish_day.today, index=True, tracking=True)
    line_ids = fields.One2many("bss.complaint.line", "complaint_id", string="Disputed Documents")
    disputed_amount = fields.Monetary(compute="_compute_disputed_amount", store=True, string="Disputed")
    requested_amount = fields.Monetary(string="Requested", help="Damages or refund that the customer asks for.")
    user_id = fields.Many2one(
        "res.users", string="Handled By", default=lambda self: self.env.user, index=True, tracking=True
    )

    confirmed_on = fields.Date(readonly=True, copy=False, tracking=True)
    confirmation_id = fields.Many2one("bss.document", readonly=True, copy=False, ondelete="restrict")
    decision = fields.Selection(DECISIONS, copy=False, tracking=True)
    decision_text = fields.Text(string="Reasons", copy=False, help="Printed in the answer.")
    granted_amount = fields.Monetary(
        string="Granted", copy=False, help="What a partly accepting answer takes off the disputed amount."
    )
    awarded_amount = fields.Monetary(
        string="Awarded", copy=False, help="What a partly accepting answer promises to pay of the requested sum."
    )
    answer_sent_on = fields.Date(readonly=True, copy=False, tracking=True)
    answer_id = fields.Many2one("bss.document", readonly=True, copy=False, ondelete="restrict")
    paid_on = fields.Date(readonly=True, copy=False, tracking=True)
    copy_asked_on = fields.Date(readonly=True, copy=False, help="The customer asked for the answer once more.")
    copy_sent_on = fields.Date(readonly=True, copy=False)
    corrected = fields.Boolean(readonly=True, copy=False, help="The disputed documents were corrected.")

    state = fields.Selection(
        [
            ("new", "Registered"),
            ("open", "In work"),
            ("accepted", "Accepted"),
            ("partly", "Partly accepted"),
            ("rejected", "Rejected"),
            ("deemed", "Deemed accepted"),
            ("not_considered", "Not considered"),
        ],
        required=True,
        default="new",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    lodge_due = fields.Date(string="Could Be Lodged Until", readonly=True, copy=False)
    confirm_due = fields.Date(string="Confirm Until", readonly=True, copy=False)
    answer_due = fields.Date(string="Answer Until", readonly=True, copy=False, index=True)
    pay_due = fields.Date(string="Pay Until", readonly=True, copy=False)
    to_pay = fields.Monetary(readonly=True, copy=False)
    resend_due = fields.Date(string="Send Again Until", readonly=True, copy=False)
    exhausted_on = fields.Date(readonly=True, copy=False)
    next_deadline = fields.Date(readonly=True, copy=False, index=True)
    protects = fields.Boolean(
        readonly=True, copy=False, index=True, help="Services are not suspended for the disputed amount."
    )
    is_running = fields.Boolean(default=True, readonly=True, copy=False, index=True)
    hold_id = fields.Many2one(
        "bss.dunning.hold",
        readonly=True,
        copy=False,
        ondelete="set null",
        check_company=True,
        groups="bss_catalog.group_bss_collector",
    )
    clock_text = fields.Text(compute="_compute_texts", string="Course")
    task_text = fields.Text(compute="_compute_texts", string="To Do")
    suggestion = fields.Char(compute="_compute_texts")

    # Computes

    @api.depends("period_to", "received_on")
    def _compute_basis_date(self):
        for complaint in self:
            complaint.basis_date = complaint.period_to or complaint.received_on

    @api.depends("line_ids.amount")
    def _compute_disputed_amount(self):
        for complaint in self:
            complaint.disputed_amount = sum(complaint.line_ids.mapped("amount"))

    @api.constrains("received_on", "period_from", "period_to", "granted_amount", "awarded_amount", "requested_amount")
    def _check_facts(self):
        today = polish_day.today()
        for complaint in self:
            if complaint.received_on > today:
                raise ValidationError(self.env._("A complaint cannot be received in the future."))
            if complaint.period_from and complaint.period_to and complaint.period_from > complaint.period_to:
                raise ValidationError(self.env._("The period ends before it begins."))
            if min(complaint.granted_amount, complaint.awarded_amount, complaint.requested_amount) < 0:
                raise ValidationError(self.env._("Amounts of a complaint are not below zero."))

    # Writing

    @api.model
    def _bss_number_company(self, vals):
        return self.env["bss.account"].sudo().browse(vals.get("account_id")).company_id or self.env.company

    @api.model_create_multi
    def create(self, vals_list):
        complaints = super().create(vals_list)
        complaints.sudo()._bss_refresh(polish_day.today())
        complaints.sudo()._bss_schedule()
        return complaints

    def write(self, vals):
        if not self.env.su and BY_BUTTON & vals.keys():
            raise UserError(self.env._("Days of confirmation, answer and payment are recorded by the buttons."))
        answered = self.filtered("answer_sent_on")
        if FROZEN & vals.keys() and answered:
            raise UserError(
                self.env._("Complaint %(name)s was answered, it is not changed any more.", name=answered[0].name)
            )
        result = super().write(vals)
        if FROZEN & vals.keys():
            self.sudo()._bss_refresh(polish_day.today())
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        kept = self.filtered(lambda complaint: complaint.confirmed_on or complaint.answer_sent_on)
        if kept:
            raise UserError(self.env._("Complaint %(name)s was confirmed: it is kept as evidence.", name=kept[0].name))
        self.sudo().hold_id._bss_end("released")


class BssComplaintLine(models.Model):
    _name = "bss.complaint.line"
    _description = "Disputed Document of a Complaint"
    _order = "complaint_id, id"
    _check_company_auto = True

    complaint_id = fields.Many2one("bss.complaint", required=True, index=True, ondelete="cascade", check_company=True)
    account_id = fields.Many2one(related="complaint_id.account_id")
    company_id = fields.Many2one(related="complaint_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Receivable",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('move_id.bss_account_id', '=', account_id), ('account_id.account_type', '=', 'asset_receivable'), "
        "('parent_state', '=', 'posted'), ('amount_residual', '>', 0)]",
    )
    document = fields.Char(related="move_line_id.move_id.name")
    date_due = fields.Date(related="move_line_id.date_maturity", string="Due")
    amount_residual = fields.Monetary(related="move_line_id.amount_residual", string="Left to Pay")
    amount = fields.Monetary(
        string="Disputed Amount", compute="_compute_amount", store=True, readonly=False, required=True, precompute=True
    )

    _document_unique = models.Constraint(
        "UNIQUE(complaint_id, move_line_id)", "A document stands in a complaint only once."
    )

    @api.depends("move_line_id")
    def _compute_amount(self):
        for line in self:
            line.amount = line.amount or line.move_line_id.amount_residual

    @api.constrains("amount", "move_line_id")
    def _check_amount(self):
        for line in self:
            receivable = line.sudo().move_line_id
            if receivable.move_id.bss_account_id != line.complaint_id.account_id:
                raise ValidationError(
                    self.env._(
                        "%(document)s does not belong to %(account)s.",
                        document=line.document,
                        account=line.complaint_id.account_id.name,
                    )
                )
            if line.amount <= 0 or line.currency_id.compare_amounts(line.amount, receivable.balance) > 0:
                raise ValidationError(
                    self.env._(
                        "%(document)s: the disputed amount is above zero and not above the document.",
                        document=line.document,
                    )
                )
