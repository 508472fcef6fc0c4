from odoo import api, fields, models
from odoo.fields import Domain

CUSTOMER_KINDS = ("consumer", "sole_trader", "company", "public")


class BssDunningStrategy(models.Model):
    _name = "bss.dunning.strategy"
    _description = "Dunning Strategy"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for all companies that have no strategy of their own."
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    for_consumer = fields.Boolean(string="Consumers")
    for_sole_trader = fields.Boolean(string="Sole Traders")
    for_company = fields.Boolean(string="Companies")
    for_public = fields.Boolean(string="Public Bodies")
    min_amount = fields.Monetary(
        string="From Amount", help="Below it an overdue account is only watched: it has a case, but nothing is sent."
    )
    min_days = fields.Integer(string="From Days Overdue", default=1)
    max_contacts = fields.Integer(string="Contacts per Week", default=3, help="0 means no limit.")
    user_id = fields.Many2one("res.users", string="Collector", help="Gets the calls of cases without a collector.")
    stage_ids = fields.One2many("bss.dunning.stage", "strategy_id", string="Stages", copy=True)
    step_ids = fields.One2many("bss.dunning.step", "strategy_id", string="Steps")
    step_count = fields.Integer(compute="_compute_counts")
    case_count = fields.Integer(compute="_compute_counts", string="Open Cases")
    note = fields.Html()

    _min_days_positive = models.Constraint("CHECK(min_days >= 0)", "Days overdue cannot be negative.")

    @api.depends("company_id")
    def _compute_currency_id(self):
        for strategy in self:
            strategy.currency_id = (strategy.company_id or self.env.company).currency_id

    def _compute_counts(self):
        steps = dict(
            self.env["bss.dunning.step"]._read_group([("strategy_id", "in", self.ids)], ["strategy_id"], ["__count"])
        )
        cases = dict(
            self.env["bss.dunning.case"]._read_group(
                [("strategy_id", "in", self.ids), ("state", "!=", "closed")], ["strategy_id"], ["__count"]
            )
        )
        for strategy in self:
            strategy.step_count = steps.get(strategy, 0)
            strategy.case_count = cases.get(strategy, 0)

    @api.model
    def _bss_for_kinds(self, company):
        """{customer kind: strategy}: a company's own strategies first, then the shared ones, by sequence."""
        domain = Domain("company_id", "in", [False, company.id])
        strategies = self.sudo().search(domain).sorted(lambda s: (not s.company_id, s.sequence, s.id))
        return {
            kind: strategies.filtered(f"for_{kind}")[:1]
            for kind in CUSTOMER_KINDS
            if strategies.filtered(f"for_{kind}")
        }

    def _bss_ordered_steps(self):
        """Steps in the order in which they are taken."""
        self.ensure_one()
        return self.step_ids.sorted(lambda s: (s.stage_id.sequence, s.stage_id.id, s.sequence, s.id))

    def action_view_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_case_action")
        action["domain"] = [("strategy_id", "=", self.id)]
        return action

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        if default and "name" in default:
            return vals_list
        for strategy, vals in zip(self, vals_list, strict=True):
            vals["name"] = self.env._("%(name)s (copy)", name=strategy.name)
        return vals_list
