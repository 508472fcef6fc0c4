from odoo import api, fields, models
from odoo.exceptions import UserError

from .bss_contract_change_check import MANAGER


class BssContractChange(models.Model):
    """What the form shows besides the facts, and its buttons."""

    _inherit = "bss.contract.change"  # pylint: disable=consider-merging-classes-inherited

    is_outdated = fields.Boolean(
        compute="_compute_is_outdated", help="The contract was changed after this change was drafted."
    )
    revised_by_id = fields.Many2one(related="contract_id.revised_by_id", string="Contract Changed By")
    revised_at = fields.Datetime(related="contract_id.revised_at", string="Contract Changed At")
    preview_refused = fields.Boolean(
        string="Cannot Be Confirmed",
        readonly=True,
        copy=False,
        help="The effect shown says why it cannot be confirmed.",
    )
    needs_manager = fields.Boolean(
        string="For the Billing Manager",
        readonly=True,
        copy=False,
        help="The effect shown says that only a billing manager may confirm it.",
    )
    can_confirm = fields.Boolean(compute="_compute_can_confirm", help="The user may confirm what the effect shows.")
    order_count = fields.Integer(compute="_compute_counts", string="Number of Orders")
    charge_count = fields.Integer(compute="_compute_counts", string="Number of Charges")

    @api.depends("state", "revision", "contract_id.revision")
    def _compute_is_outdated(self):
        for change in self:
            change.is_outdated = (
                change.state == "draft" and bool(change.contract_id) and change.revision != change.contract_id.revision
            )

    @api.depends("preview_refused", "needs_manager")
    @api.depends_context("uid")
    def _compute_can_confirm(self):
        is_manager = self.env.user.has_group(MANAGER)
        for change in self:
            change.can_confirm = not change.preview_refused and (is_manager or not change.needs_manager)

    def action_ask_manager(self):
        """An activity for a billing manager of the company, once."""
        self.check_access("write")
        for change in self.filtered(lambda one: one.state == "draft" and one.needs_manager and not one.activity_ids):
            group = self.env.ref(MANAGER).sudo()
            managers = group.all_user_ids.filtered(lambda user, change=change: change.company_id in user.company_ids)
            if not managers:
                raise UserError(self.env._("No user of this company is a billing manager."))
            change.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("A contract change waits for your confirmation"),
                user_id=managers.sorted("id")[-1:].id,
            )
        return True

    @api.depends("order_ids", "charge_ids")
    def _compute_counts(self):
        for change in self:
            change.order_count = len(change.order_ids)
            change.charge_count = len(change.charge_ids)

    def _bss_open(self, record):
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
        }

    def action_discard(self):
        """Delete the draft and go back to its contract."""
        self.ensure_one()
        contract = self.contract_id
        self.unlink()
        return {**self._bss_open(contract), "target": "main"}

    def action_view_contract(self):
        self.ensure_one()
        return self._bss_open(self.contract_id)

    def action_view_result(self):
        self.ensure_one()
        return self._bss_open(self.result_contract_id)

    def action_view_orders(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_service_order_action")
        action["domain"] = [("change_id", "=", self.id)]
        action["context"] = {"create": False}
        return action

    def action_view_charges(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_charge_action")
        action["domain"] = [("change_id", "=", self.id)]
        action["context"] = {"create": False}
        return action
