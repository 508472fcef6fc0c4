"""What changes on a contract between the confirmation of its assignment and the day goes over to the new customer."""

from odoo import models

from .bss_contract_change import IN_FORCE

CARRIED_ACTIONS = {"change", "price"}


class BssContract(models.Model):
    _inherit = "bss.contract"  # pylint: disable=consider-merging-classes-inherited

    def _bss_agreed_assignment(self):
        """The assignment that is confirmed and whose day has not come, if any."""
        return self.change_ids.filtered(lambda one: one.kind == "assignment" and one.state == "confirmed")


class BssContractChange(models.Model):
    """Prices, offerings, promotions and suspensions agreed meanwhile reach the services of the new customer.

    The continuations are written anew from what the services are on the day of the assignment: when a change of the
    old contract is confirmed or undone, when a price is typed in or the network blocks, and on the day itself. What
    cannot go over (services added or removed, numbers, places, a new term) is refused by ``_bss_check_lost``.
    """

    _inherit = "bss.contract.change"  # pylint: disable=consider-merging-classes-inherited

    def _bss_goes_over(self):
        """Whether all that this change puts on the timelines is taken over by an assignment agreed already."""
        if self.kind in ("suspension", "resumption"):
            return True
        return self.kind in ("annex", "price") and set(self.line_ids.mapped("action")) <= CARRIED_ACTIONS

    def _bss_continue(self):
        """The new customer's services follow what this change did to those of the old one."""
        assignment = self.contract_id._bss_agreed_assignment() - self
        if assignment:
            assignment._bss_follow()
            assignment.result_contract_id._bss_move_on()

    def _bss_agreed_with_heir(self):
        """Changes of services that the new customer agreed already, on what they were then."""
        return self.result_contract_id.change_ids.filtered(lambda one: one.state in IN_FORCE and one.kind != "address")

    def _bss_follow(self):
        """The services of this assignment begin as the old ones stand on its day; what the new customer agreed stays."""
        self.ensure_one()
        change = self.sudo()
        if change._bss_agreed_with_heir():
            return
        twins = change.result_contract_id.service_ids.filtered("predecessor_id")
        twins._bss_undo_change(change)
        for twin in twins:
            twin._bss_take_over(change.date_effective, change)
        twins._bss_recalculate()
