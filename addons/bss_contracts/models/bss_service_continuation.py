from odoo import api, models
from odoo.exceptions import UserError

from .bss_service_version import FACTS

# as bss.service._bss_as_of names them
FACT_NAMES = {"product_id": "product", "location_id": "location"}


class BssService(models.Model):
    """A service whose contract goes over to another customer, and the one that continues it."""

    _inherit = "bss.service"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        services = super().create(vals_list)
        for contract in services.contract_id.sudo():
            assignment = contract._bss_agreed_assignment()
            if assignment:
                raise UserError(
                    self.env._(
                        "Contract %(name)s goes over to %(customer)s on %(day)s: add the service to contract %(new)s.",
                        name=contract.name,
                        customer=assignment.new_partner_id.display_name,
                        day=assignment._bss_day(),
                        new=assignment.result_contract_id.name,
                    )
                )
        return services

    def _bss_facts_written(self):
        self._bss_pass_on()
        return super()._bss_facts_written()

    def _bss_apply_order(self, action, *args, **kwargs):
        result = super()._bss_apply_order(action, *args, **kwargs)
        if action in ("suspend", "resume"):
            self._bss_pass_on()
        return result

    def _bss_pass_on(self):
        """What happened to these services outside of contract changes reaches those that continue them."""
        for assignment in self.sudo().contract_id._bss_agreed_assignment():
            assignment._bss_follow()

    def _bss_take_over(self, day, change):
        """Be from ``day`` on what the predecessor is on that day and later.

        The debts of the old customer block nobody else; see ``_bss_carry_blocks`` for the day itself.
        """
        self.ensure_one()
        before = self.predecessor_id.sudo()
        wanted, present = before._bss_as_of(day), self._bss_as_of(day)
        names = [one for one in FACTS if wanted[FACT_NAMES.get(one, one)] != present[FACT_NAMES.get(one, one)]]
        if names:
            self._bss_set_version(day, {one: wanted[FACT_NAMES.get(one, one)] for one in names}, change)
        for version in before.version_ids.filtered(lambda one: one.date_start > day):
            self._bss_set_version(version.date_start, {one: version[one] for one in FACTS}, change)
        for grant in before.promotion_grant_ids:
            made = self._bss_grant(grant.promotion_id, grant.date_start, change)
            made.sudo().date_end = grant.date_end
        for span in before.suspension_ids.filtered(lambda one: one.cause != "debt" and one._bss_overlaps(day, False)):
            self._bss_suspend(max(span.date_start, day), span.date_end, span.cause, span.charge_percent, change=change)
