"""Contracts ended for arrears: the last step of the chain of art. 382 of the PKE act."""

from odoo import models
from odoo.addons.bss_contracts.enact import enact

RUNNING = ("active", "suspended")


class BssDunningActionTerminate(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    def _bss_do_terminate(self, as_of):
        """End the contracts whose services this case suspended; the network is asked by their own orders."""
        contracts = self._bss_contracts_to_end()
        if not contracts:
            return self.env._("No contract of suspended services is in force.")
        known = contracts.change_ids
        contracts.action_terminate(
            date=as_of,
            reason=self.env._("Arrears, case %(case)s", case=self.case_id.name),
            cause="immediate",
            by="operator",
        )
        orders = (contracts.change_ids - known).order_ids
        enact(orders, {"cause": "debt"})
        self.order_ids = orders
        return self.env._(
            "Contracts ended: %(contracts)s. Service orders: %(count)s.",
            contracts=", ".join(contracts.mapped("name")),
            count=len(orders),
        )

    def _bss_contracts_to_end(self):
        """Contracts in force of the services that the chain of this case suspended, nothing signed since."""
        suspensions = self.case_id.sudo().action_ids.filtered(lambda action: not action.released).order_ids
        suspensions = suspensions.filtered(
            lambda order: order.action == "suspend" and order.state == "done" and not order.superseded_by_id
        )
        return suspensions.service_id.contract_id.filtered(lambda contract: contract.state in RUNNING)

    def _bss_release_services(self, as_of):
        """A payment before the last day is over calls the end of the contract off; after it the contract is over."""
        ending = self.sudo().filtered(lambda action: action.channel == "terminate" and not action.released)
        changes = ending.order_ids.change_id.filtered(lambda change: change.state == "confirmed")
        changes.filtered(lambda change: change.date_effective > change._bss_today()).action_undo()
        ending.filtered("order_ids").write({"released": True})
        return super()._bss_release_services(as_of)
