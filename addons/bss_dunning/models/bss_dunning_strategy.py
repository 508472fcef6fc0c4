from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

CUSTOMER_KINDS = ("consumer", "sole_trader", "company", "public")


def fresh_code(base, taken):
    """A code that is not taken: the base itself, else with a number."""
    number, code = 1, base
    while code in taken:
        number += 1
        code = f"{base}-{number}"
    return code


class BssDunningStrategy(models.Model):
    _name = "bss.dunning.strategy"
    _description = "Dunning Strategy"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        copy=False,
        index=True,
        help="The same in all versions of a strategy; made from the name if empty.",
    )
    version = fields.Integer(required=True, default=1, copy=False, readonly=True)
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("retired", "Retired")],
        required=True,
        default="draft",
        copy=False,
        readonly=True,
        index=True,
        help="Only an active version takes new cases. Cases of a retired one go on by it until they are moved.",
    )
    previous_id = fields.Many2one(
        "bss.dunning.strategy",
        string="Previous Version",
        copy=False,
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="set null",
    )
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
    min_documents = fields.Integer(
        string="From Documents", help="Overdue documents from which on something is sent; 0 means any number."
    )
    domain = fields.Char(
        string="Only Accounts",
        help="Condition on the billing account: territory, product, tag, any of its fields. Empty: all of these kinds.",
    )
    absorb = fields.Selection(
        [
            ("join", "Join the case with its next step"),
            ("own", "Are taken up by a case of their own after this one"),
        ],
        string="Newly Due Documents",
        required=True,
        default="join",
    )
    max_contacts = fields.Integer(string="Contacts per Week", default=3, help="0 means no limit.")
    user_id = fields.Many2one("res.users", string="Collector", help="Gets the calls of cases without a collector.")
    stage_ids = fields.One2many("bss.dunning.stage", "strategy_id", string="Stages", copy=True)
    step_ids = fields.One2many("bss.dunning.step", "strategy_id", string="Steps")
    step_count = fields.Integer(compute="_compute_counts")
    case_count = fields.Integer(compute="_compute_counts", string="Open Cases")
    note = fields.Html()

    _min_days_positive = models.Constraint("CHECK(min_days >= 0)", "Days overdue cannot be negative.")
    _limits_positive = models.Constraint(
        "CHECK(min_amount >= 0 AND max_contacts >= 0)", "Amounts and limits of contacts cannot be negative."
    )
    _min_documents_positive = models.Constraint(
        "CHECK(min_documents >= 0)", "The number of documents cannot be negative."
    )
    _version_unique = models.UniqueIndex(
        "(code, version, COALESCE(company_id, 0))", "This version of the strategy exists already."
    )
    _one_active = models.UniqueIndex(
        "(code, COALESCE(company_id, 0)) WHERE state = 'active'",
        "Another version of this strategy is active already.",
    )

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
        """{customer kind: strategy without a condition}: a company's own first, then the shared ones, by sequence."""
        strategies = self._bss_taking_cases(company).filtered(lambda strategy: not strategy._bss_domain())
        return {
            kind: strategies.filtered(f"for_{kind}")[:1]
            for kind in CUSTOMER_KINDS
            if strategies.filtered(f"for_{kind}")
        }

    @api.model
    def _bss_taking_cases(self, company):
        """Active strategies in the order in which they are asked for a new case."""
        domain = Domain("company_id", "in", [False, company.id]) & Domain("state", "=", "active")
        return self.sudo().search(domain).sorted(lambda s: (not s.company_id, s.sequence, s.id))

    def _bss_ordered_steps(self):
        """Steps in the order in which they are taken."""
        self.ensure_one()
        return self.step_ids.sorted(
            lambda s: (s.stage_id.sequence, s.stage_id._origin.id or 0, s.sequence, s._origin.id or 0)
        )

    def action_view_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_case_action")
        action["domain"] = [("strategy_id", "=", self.id)]
        return action

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        given = set()
        for vals in vals_list:
            if not vals.get("code"):
                base = self.env["ir.http"]._slugify(vals.get("name") or "") or "strategy"
                alike = self.sudo().with_context(active_test=False).search([("code", "=like", f"{base}%")])
                vals["code"] = fresh_code(base, given | set(alike.mapped("code")))
            given.add(vals["code"])
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.env["bss.dunning.case"].sudo().search([("strategy_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "Strategy %(name)s has cases and cannot be deleted: archive it.", name=used.strategy_id.display_name
                )
            )

    def _init_column(self, column_name):
        """Strategies of a database from before versions: each is the active first version of its own."""
        if column_name == "state":
            self.env.cr.execute("UPDATE bss_dunning_strategy SET state = 'active' WHERE state IS NULL")
        elif column_name == "code":
            self.env.cr.execute(
                SQL("UPDATE bss_dunning_strategy SET code = %s || id::text WHERE code IS NULL", "strategy-")
            )
        else:
            return super()._init_column(column_name)
        return None

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        if default and "name" in default:
            return vals_list
        for strategy, vals in zip(self, vals_list, strict=True):
            vals["name"] = self.env._("%(name)s (copy)", name=strategy.name)
        return vals_list
