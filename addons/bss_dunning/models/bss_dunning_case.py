from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.fields import Domain

from .. import adapters

# What decides about the next step
PLANNED_BY = frozenset({"strategy_id", "complaint_open", "complaint_exhausted_on"})


class BssDunningCase(models.Model):
    _name = "bss.dunning.case"
    _inherit = ["bss.dunning.guard.mixin", "mail.thread", "mail.activity.mixin"]
    _description = "Dunning Case"
    _order = "amount_overdue desc, id desc"
    _check_company_auto = True
    # Complaints and moves to another strategy have their own ways, with the checks of the law
    _bss_editable = frozenset({"user_id", "activity_ids"})
    _rec_names_search = ["name", "account_id", "partner_id"]

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/", index="trigram")
    account_id = fields.Many2one(
        "bss.account", string="Billing Account", required=True, index=True, check_company=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(related="account_id.partner_id", store=True, index=True, string="Customer")
    customer_kind = fields.Selection(related="account_id.customer_kind", store=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    strategy_id = fields.Many2one("bss.dunning.strategy", index=True, check_company=True, tracking=True)
    stage_id = fields.Many2one(
        "bss.dunning.stage",
        index=True,
        check_company=True,
        group_expand="_read_group_stage_ids",
        domain="[('strategy_id', '=', strategy_id)]",
    )
    step_id = fields.Many2one("bss.dunning.step", string="Last Step", check_company=True)
    next_step_id = fields.Many2one("bss.dunning.step", check_company=True)
    state = fields.Selection(
        [("open", "Open"), ("hold", "On hold"), ("closed", "Closed")],
        required=True,
        default="open",
        index=True,
        tracking=True,
    )
    user_id = fields.Many2one("res.users", string="Collector", index=True, tracking=True)
    amount_overdue = fields.Monetary(
        string="Overdue", readonly=True, help="Overdue receivables of the account less its open credits."
    )
    amount_demanded = fields.Monetary(
        string="To Demand", readonly=True, help="Overdue less what must not be demanded: lapsed or disputed."
    )
    amount_credit = fields.Monetary(
        string="Open Credits", readonly=True, help="Payments and credit notes not assigned to a document yet."
    )
    oldest_due = fields.Date(readonly=True)
    days_overdue = fields.Integer(readonly=True, aggregator="avg")
    age_bucket = fields.Selection(
        [
            ("1_30", "1–30 days"),
            ("31_60", "31–60 days"),
            ("61_90", "61–90 days"),
            ("91_180", "91–180 days"),
            ("181_365", "181–365 days"),
            ("365", "over 365 days"),
        ],
        string="Overdue Since",
        readonly=True,
        index=True,
    )
    as_of = fields.Date(readonly=True, help="Day on which the amounts were last looked at.")
    is_stale = fields.Boolean(compute="_compute_is_stale", string="Older Than Today")
    date_opened = fields.Date(readonly=True)
    date_closed = fields.Date(readonly=True, copy=False)
    close_reason = fields.Selection(
        [("paid", "Paid"), ("noticed_paid", "Noticed debt paid, newer debt in a new case")], readonly=True, copy=False
    )
    date_next = fields.Date(string="Next Action", readonly=True, index=True)
    next_code = fields.Char(readonly=True)
    next_params = fields.Json(readonly=True)
    next_reason = fields.Char(compute="_compute_next_reason", string="What Next and Why")
    watched = fields.Boolean(
        readonly=True, index=True, help="Below the intake threshold of its strategy: nothing is sent yet."
    )
    hold_until = fields.Date(copy=False, tracking=True, help="Last day of the hold; empty with a hold: until released.")
    hold_reason = fields.Char(copy=False, tracking=True)
    complaint_open = fields.Boolean(
        tracking=True, help="A complaint about the amount is open: services are not suspended."
    )
    complaint_exhausted_on = fields.Date(
        string="Complaint Exhausted", tracking=True, help="Services are not suspended for a statutory time after it."
    )
    action_ids = fields.One2many("bss.dunning.action", "case_id", string="Actions", readonly=True)
    action_count = fields.Integer(compute="_compute_action_count")
    document_count = fields.Integer(compute="_compute_action_count")
    line_ids = fields.Many2many(
        "account.move.line", compute="_compute_line_ids", compute_sudo=True, string="Open Documents"
    )
    interest_amount = fields.Monetary(
        compute="_compute_interest",
        compute_sudo=True,
        string="Statutory Interest",
        help="Of the open documents, to the as-of day of the case.",
    )
    interest_per_day = fields.Monetary(compute="_compute_interest", compute_sudo=True)
    interest_html = fields.Html(compute="_compute_interest", compute_sudo=True, string="Interest Calculation")
    payment_nrb = fields.Char(related="account_id.payment_nrb")

    _account_open_unique = models.UniqueIndex(
        "(account_id) WHERE state != 'closed'", "This billing account has an open case already."
    )

    # the list of open cases in its usual order, among all that were ever closed
    _open_order_idx = models.Index("(amount_overdue DESC, id DESC) WHERE state != 'closed'")

    # Computes

    @api.depends("as_of", "state")
    def _compute_is_stale(self):
        today = polish_day.today()
        for case in self:
            case.is_stale = bool(case.as_of and case.as_of < today and case.state != "closed")

    def _read_group_stage_ids(self, stages, domain):
        return stages.search([("id", "in", stages.ids)]) or stages

    @api.depends("action_ids.document_id")
    def _compute_action_count(self):
        for case in self:
            case.action_count = len(case.action_ids)
            case.document_count = len(case.action_ids.document_id)

    @api.depends("amount_overdue", "as_of", "state")
    def _compute_line_ids(self):
        found = self.env["account.move.line"].search(self._bss_line_domain(), order="date_maturity, id")
        by_account = found.grouped(lambda line: line.move_id.bss_account_id)
        empty = self.env["account.move.line"]
        calendar = adapters.free_days(self.env)
        for case in self:
            lines = by_account.get(case.account_id, empty) if case.state != "closed" else empty
            day = case.as_of or polish_day.today()
            last = calendar.last_working_day_before(day)
            case.line_ids = lines.filtered(lambda line, last=last: line.date_maturity <= last)

    def _bss_line_domain(self):
        return Domain(
            [
                ("move_id.bss_account_id", "in", self.account_id.ids),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("amount_residual", ">", 0),
                ("date_maturity", "!=", False),
            ]
        )

    # Creation

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        for case in cases.filtered(lambda case: case.name == "/"):
            day = case.date_opened or polish_day.today()
            case.name = f"W/{day.year}/{case.id:06d}"
        return cases

    # Buttons

    def action_refresh(self):
        """Look at the amounts again, as of today."""
        self.check_access("write")
        today = polish_day.today()
        for company, cases in self.sudo().grouped("company_id").items():
            self.sudo()._bss_refresh(company, today, cases.account_id.ids)
            cases.filtered(lambda case: case.state != "closed")._bss_plan(today)

    def action_assign_me(self):
        self.check_access("write")
        self.write({"user_id": self.env.uid})

    def action_ask_next_step(self):
        """Name what would go out and ask before it does."""
        self.check_access("write")
        open_cases = self.filtered(lambda case: case.state != "closed")
        if not open_cases:
            raise UserError(self.env._("The case is closed."))
        open_cases.action_refresh()
        plans = open_cases.filtered(lambda case: case.state != "closed").sudo()._bss_plan(polish_day.today())
        if not plans:
            raise UserError(self.env._("Nothing to do today: %(reason)s", reason=self[:1].next_reason or ""))
        wizard = self.env["bss.dunning.next"].create({"case_ids": [case_id for case_id, _plan in plans]})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take Next Step"),
            "res_model": "bss.dunning.next",
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def _bss_next_step_words(self, channels):
        return self.env._(
            "%(customer)s: %(step)s (%(how)s), %(amount)s",
            customer=self.partner_id.display_name,
            step=self.next_step_id.name or "",
            how=self.next_step_id._bss_how(channels) if self.next_step_id else "",
            amount=self._bss_text_amount(self.amount_demanded),
        )

    def action_take_next_step(self):
        """Take the next step by hand when its day has come."""
        today = polish_day.today()
        if all(case.state == "closed" for case in self):
            raise UserError(self.env._("The case is closed."))
        self.action_refresh()
        actions = self.env["bss.dunning.action"]._bss_insert(
            self.filtered(lambda case: case.state != "closed")._bss_plan(today), today
        )
        if not actions:
            raise UserError(self.env._("Nothing to do today: %(reason)s", reason=self[:1].next_reason or ""))
        actions._bss_execute(today, by_hand=True)
        self._bss_replan()

    def _bss_guard_words(self):
        return self.env._("Cases are changed by payments, runs and their buttons: hold, release.")

    def write(self, vals):
        strategy_changed = "strategy_id" in vals
        result = super().write(vals)
        if strategy_changed:
            for case in self.sudo().filtered(lambda case: case.state != "closed"):
                if case.stage_id.strategy_id != case.strategy_id:
                    case.stage_id = case.strategy_id.stage_ids[:1]
        if PLANNED_BY & set(vals) and not (self.env.su and self.env.context.get("bss_planned_later")):
            self._bss_replan()
        return result

    def action_view_actions(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_action_action")
        action["domain"] = [("case_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_view_documents(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Letters of %(name)s", name=self.name),
            "res_model": "bss.document",
            "view_mode": "list,form",
            "domain": [("id", "in", self.action_ids.document_id.ids)],
        }

    def action_view_account(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.account",
            "res_id": self.account_id.id,
            "view_mode": "form",
        }
