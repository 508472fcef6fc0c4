from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class BssUsageGap(models.Model):
    """Sequence numbers of files that have not come; a late file closes its number."""

    _name = "bss.usage.gap"
    _description = "Missing Usage Files"
    _order = "opened_at desc, id desc"
    _check_company_auto = True

    source_id = fields.Many2one(
        "bss.usage.source", required=True, readonly=True, index=True, check_company=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="source_id.company_id", store=True, index=True, precompute=True)
    number_from = fields.Integer(string="From Number", required=True, readonly=True, aggregator=None)
    number_to = fields.Integer(string="To Number", required=True, readonly=True, aggregator=None)
    count = fields.Integer(string="Files Missing", readonly=True)
    before_file_id = fields.Many2one(
        "bss.usage.file", string="Noticed by", readonly=True, ondelete="set null", help="The file that came too early."
    )
    opened_at = fields.Datetime(string="Since", required=True, readonly=True, default=fields.Datetime.now)
    age_days = fields.Integer(string="Age (days)", compute="_compute_age_days", aggregator="max")
    state = fields.Selection(
        [("open", "Open"), ("closed", "Arrived"), ("written_off", "Given up")],
        required=True,
        default="open",
        readonly=True,
        index=True,
    )
    closed_at = fields.Datetime(readonly=True)
    closed_by_id = fields.Many2one("res.users", string="Given up by", readonly=True)
    reason = fields.Char(help="Why these files will never come.")

    @api.depends("opened_at", "closed_at", "state")
    def _compute_age_days(self):
        now = fields.Datetime.now()
        for gap in self:
            gap.age_days = ((gap.closed_at or now) - gap.opened_at).days if gap.opened_at else 0

    @api.depends("source_id", "number_from", "number_to")
    def _compute_display_name(self):
        for gap in self:
            numbers = str(gap.number_from) if gap.count == 1 else f"{gap.number_from}–{gap.number_to}"
            gap.display_name = f"{gap.source_id.code}: {numbers}"

    def write(self, vals):
        if not self.env.su and set(vals) - {"reason"}:
            raise AccessError(self.env._("Only the reason of a gap is written by hand."))
        return super().write(vals)

    def action_give_up(self):
        """The files will never come; who says so and why is kept."""
        if not self.env.user.has_group("bss_catalog.group_bss_billing_manager"):
            raise AccessError(self.env._("Giving missing files up is the billing manager's."))
        waiting = self.filtered(lambda gap: gap.state == "open")
        if any(not gap.reason for gap in waiting):
            raise UserError(self.env._("Write first why these files will never come."))
        waiting.sudo().write({"state": "written_off", "closed_at": fields.Datetime.now(), "closed_by_id": self.env.uid})
        for source in waiting.source_id:
            source._bss_calm_gaps()
        return True
