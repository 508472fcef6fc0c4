from odoo import api, fields, models
from odoo.exceptions import UserError

from .bss_contract_change import CHANGEABLE


class BssContract(models.Model):
    """A contract and the changes in its life."""

    _inherit = "bss.contract"  # pylint: disable=consider-merging-classes-inherited

    notice_rule = fields.Selection(
        [
            ("days", "To the day"),
            ("month_end", "To the end of the month"),
            ("cycle_end", "To the end of the bill period"),
        ],
        required=True,
        default="days",
        help="Where the notice ends: on the day that corresponds to the day of the notice, or at the end of the "
        "calendar month or of the bill period in which that day falls.",
    )
    notice_days = fields.Integer(string="Notice (days)", default=0, help="In addition to the months.")
    date_term_start = fields.Date(
        string="Term Starts On",
        compute="_compute_date_term_start",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="First day of the present term: the start of the contract, or of its last renewal.",
    )
    predecessor_id = fields.Many2one(
        "bss.contract",
        string="Assigned From",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="Contract of the other customer that this one continues.",
    )
    successor_ids = fields.One2many("bss.contract", "predecessor_id", string="Continued By", readonly=True)
    successor_id = fields.Many2one(
        "bss.contract",
        string="Assigned To",
        compute="_compute_successor_id",
        help="Contract of the other customer that continues this one.",
    )
    revision = fields.Integer(readonly=True, copy=False, default=0, help="Counts the changes agreed or taken back.")
    revised_by_id = fields.Many2one("res.users", string="Last Changed By", readonly=True, copy=False)
    revised_at = fields.Datetime(string="Last Changed At", readonly=True, copy=False)
    change_ids = fields.One2many("bss.contract.change", "contract_id", string="Changes", readonly=True)
    change_count = fields.Integer(compute="_compute_change_count", string="Number of Changes")

    _notice_days_check = models.Constraint("CHECK(notice_days >= 0)", "The notice must not be negative.")

    @api.depends("date_start")
    def _compute_date_term_start(self):
        for contract in self:
            contract.date_term_start = contract.date_start

    @api.depends("successor_ids.state")
    def _compute_successor_id(self):
        for contract in self:
            standing = contract.successor_ids.filtered(lambda one: not one.date_end or one.date_end >= one.date_start)
            contract.successor_id = standing[:1]

    @api.depends("change_ids")
    def _compute_change_count(self):
        counts = dict(
            self.env["bss.contract.change"]._read_group([("contract_id", "in", self.ids)], ["contract_id"], ["__count"])
        )
        for contract in self:
            contract.change_count = counts.get(contract, 0)

    def _bss_move_on(self):
        """Drafts of changes made before this moment are outdated now."""
        for contract in self.sudo():
            contract.write(
                {
                    "revision": contract.revision + 1,
                    "revised_by_id": self.env.uid,
                    "revised_at": fields.Datetime.now(),
                }
            )

    def _bss_renewal_on(self, day):
        """The renewal agreed by now whose term holds on ``day``, though it is not yet the contract's own."""
        self.ensure_one()
        return self.change_ids.filtered(
            lambda change: change.kind == "renewal" and change.state == "confirmed" and change.date_effective <= day
        ).sorted("date_effective")[-1:]

    def _bss_term_on(self, day):
        """(first, last) day of the minimum term that holds on ``day`` as agreed by now, or (None, None)."""
        self.ensure_one()
        renewal = self._bss_renewal_on(day)
        if renewal:
            return renewal.date_effective, renewal.date_term_end or None
        if not self.date_term_end:
            return None, None
        return self.date_term_start or self.date_start, self.date_term_end

    # -- buttons ------------------------------------------------------------------------------------

    def action_new_change(self, kind="annex"):
        """Form of a new change of the kind."""
        self.ensure_one()
        kinds = dict(self.env["bss.contract.change"]._fields["kind"]._description_selection(self.env))
        if self.state not in CHANGEABLE:
            raise UserError(self.env._("Contract %(name)s is not in force: nothing to change.", name=self.name))
        return {
            "type": "ir.actions.act_window",
            "name": kinds[kind],
            "res_model": "bss.contract.change",
            "view_mode": "form",
            "views": [(False, "form")],  # the menu of the form opens it without the server
            "target": "current",
            "context": {"default_contract_id": self.id, "default_kind": kind},
        }

    def action_view_changes(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_contract_change_action")
        action["domain"] = [("contract_id", "=", self.id)]
        action["context"] = {"default_contract_id": self.id}
        return action
