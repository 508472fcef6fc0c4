from odoo import api, fields, models
from odoo.fields import Domain

from .bss_interest_rate import REGIMES

COLLECTOR = "bss_catalog.group_bss_collector"


class BssAccount(models.Model):
    _inherit = "bss.account"

    dunning_strategy_id = fields.Many2one(
        "bss.dunning.strategy",
        check_company=True,
        domain="[('state', '=', 'active')]",
        index="btree_not_null",
        groups=COLLECTOR,
        copy=False,  # else who may not read it could not copy an account
        help="Empty: the strategy of the kind of customer. New cases follow its active version.",
    )
    interest_regime = fields.Selection(
        REGIMES, help="Empty: civil for consumers, commercial for everybody else. Set it for public medical entities."
    )
    dunning_case_ids = fields.One2many("bss.dunning.case", "account_id", string="Dunning Cases", groups=COLLECTOR)
    dunning_case_id = fields.Many2one(
        "bss.dunning.case",
        compute="_compute_dunning_case",
        compute_sudo=True,
        string="Open Dunning Case",
        groups=COLLECTOR,
    )
    dunning_case_count = fields.Integer(compute="_compute_dunning_case", compute_sudo=True, groups=COLLECTOR)
    # Who takes a call may know that collectors are at work, and nothing more of the case
    dunning_state = fields.Selection(
        [("open", "Open"), ("hold", "On hold")],
        compute="_compute_dunning_case",
        compute_sudo=True,
        search="_search_dunning_state",
        string="Dunning",
    )
    dunning_amount = fields.Monetary(
        compute="_compute_dunning_case",
        compute_sudo=True,
        currency_field="company_currency_id",
        string="Overdue",
        groups=COLLECTOR,
    )

    @api.depends("dunning_case_ids.state", "dunning_case_ids.amount_overdue")
    def _compute_dunning_case(self):
        for account in self:
            cases = account.dunning_case_ids
            current = cases.filtered(lambda case: case.state != "closed")[:1]
            account.dunning_case_id = current
            account.dunning_case_count = len(cases)
            account.dunning_state = current.state
            account.dunning_amount = current.amount_overdue

    def _search_dunning_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        states = [state for state in value if state]
        domain = Domain("id", "any!", self._bss_collected(Domain("state", "in", states)))
        if False in value:
            domain |= Domain("id", "not any!", self._bss_collected(Domain("state", "!=", "closed")))
        return domain

    @api.model
    def _bss_collected(self, domain):
        """SQL of the accounts that have such a case, whoever asks."""
        return self.env["bss.dunning.case"].sudo()._search(domain).subselect("account_id")

    def _bss_interest_regime(self):
        self.ensure_one()
        if self.interest_regime:
            return self.interest_regime
        return "civil" if self.customer_kind == "consumer" else "commercial"

    def action_view_dunning(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_case_action")
        action["domain"] = [("account_id", "=", self.id)]
        action["context"] = {}
        if self.dunning_case_id and self.dunning_case_count == 1:
            action.update(views=[(False, "form")], res_id=self.dunning_case_id.id)
        return action
