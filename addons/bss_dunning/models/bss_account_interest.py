"""Which interest an account bears: agreed rate, day of the contract, what a sole trader's contract is for."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Notes are booked: accountants read them, those who serve customers do not
NOTE_READERS = "bss_catalog.group_bss_collector,account.group_account_invoice"


class BssAccountInterest(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    interest_rate_mode = fields.Selection(
        [("statutory", "Statutory"), ("agreed", "Agreed in the contract")],
        string="Interest Rate",
        required=True,
        default="statutory",
        tracking=True,
    )
    interest_rate_agreed = fields.Float(
        string="Agreed Rate (% per year)",
        digits=(9, 4),
        aggregator=None,
        tracking=True,
        help="Cut to the maximum of the law day by day; between businesses never below the statutory rate.",
    )
    interest_contract_date = fields.Date(
        string="Contract Concluded On",
        tracking=True,
        help="Decides which commercial rate and which compensation an older contract bears. Empty: today's rules.",
    )
    interest_professional = fields.Boolean(
        string="Contract of the Business",
        default=True,
        tracking=True,
        help="Of sole traders: without it the contract is private, with civil interest and without compensation.",
    )
    dunning_note_ids = fields.One2many("bss.dunning.note", "account_id", string="Notes", groups=NOTE_READERS)
    dunning_note_count = fields.Integer(
        compute="_compute_dunning_note_count", string="Number of Notes", groups=NOTE_READERS
    )

    _interest_rate_positive = models.Constraint(
        "CHECK(interest_rate_agreed >= 0)", "An agreed interest rate cannot be negative."
    )

    @api.depends("dunning_note_ids")
    def _compute_dunning_note_count(self):
        counts = dict(
            self.env["bss.dunning.note"]._read_group(
                [("account_id", "in", self.ids), ("way", "!=", "waived")], ["account_id"], ["__count"]
            )
        )
        for account in self:
            account.dunning_note_count = counts.get(account, 0)

    @api.constrains("interest_rate_mode", "interest_rate_agreed")
    def _check_interest_rate(self):
        for account in self:
            if account.interest_rate_mode == "agreed" and not account.interest_rate_agreed:
                raise ValidationError(
                    self.env._("Account %(name)s: say the agreed interest rate.", name=account.display_name)
                )

    def _bss_interest_regime(self):
        private = self.customer_kind == "sole_trader" and not self.interest_professional
        return "civil" if private else super()._bss_interest_regime()

    def _bss_between_businesses(self):
        """Whether claims against the account are commercial: only these bear compensation."""
        self.ensure_one()
        return self.customer_kind != "consumer" and self._bss_interest_regime() != "civil"

    def action_view_dunning_notes(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_note_action")
        return {
            **action,
            "domain": [("account_id", "=", self.id), ("way", "!=", "waived")],
            "context": {"default_account_id": self.id},
        }
