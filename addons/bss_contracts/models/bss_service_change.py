from datetime import timedelta

from odoo import models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.fields import Command, Date

from .. import adapters
from ..billing_core import spread
from ..enact import enact, enact_create
from ..private_context import WITHOUT_PARTS


class BssService(models.Model):
    """What contract changes do to a service."""

    _inherit = "bss.service"  # pylint: disable=consider-merging-classes-inherited

    def _bss_will_run(self):
        """Services that run, or will by an assignment agreed already: nobody needs to activate those."""
        return self.filtered(
            lambda one: one.state in ("active", "suspended") or (one.state == "pending" and one.predecessor_id)
        )

    def _bss_not_ended(self, last):
        """Those of these services, bundles by their parts, that go on after ``last`` as agreed so far."""
        return self._bss_without_heads().filtered(
            lambda one: one.state != "terminated" and not (one.date_end and one.date_end <= last)
        )

    def _bss_stop(self, last):
        """Charge up to ``last`` only and settle what was charged beyond; an end agreed earlier stays.

        What is agreed to begin by then still does; what would begin later is cancelled.
        """
        services = self._bss_not_ended(last)
        running = services._bss_will_run()
        to_come = services.browse()
        if last >= polish_day.today():
            to_come = (services - running).filtered(lambda one: one.date_start and one.date_start <= last)
        (services - running - to_come)._bss_cancel_pending(last)
        for service in running | to_come:
            enact(service, {"date_end": max(last, (service.date_start or last) - timedelta(days=1))})
        running._bss_recalculate()
        return running

    def _bss_cancel_pending(self, last):
        """Services that were never activated end without ever having begun."""
        if self:
            enact(self, {"state": "terminated", "date_start": False})
            self._bss_close_identifiers(last)
            self._bss_follow_parts()

    def _bss_discard(self):
        """Services that were never activated and shall not have been there."""
        for service in self:
            service.order_ids.filtered(lambda order: order.state not in ("done", "cancelled")).action_cancel()
        never = self.filtered(lambda one: one.state == "pending")
        never.identifier_ids.unlink()
        enact(never, {"state": "terminated", "date_start": False})

    def _bss_spread_price(self, total, day=None, change=None):
        """The price of a bundle (for one of it) over its parts, in proportion to what they cost, to the grosz.

        :param day: first day of the new price; None = the parts are new and have no other
        """
        self.ensure_one()
        parts = self.child_ids.filtered(lambda one: one.state != "terminated")
        facts = [part._bss_as_of(day) if day else part._bss_as_of(part._bss_first_day()) for part in parts]
        weights = [one["price_unit"] * one["quantity"] for one in facts]
        whole = adapters.decimal(self.currency_id.round(total * self.quantity))
        shares = spread(whole, weights if any(weights) else [1] * len(weights))
        for part, one, share in zip(parts, facts, shares, strict=True):
            price = float(share / one["quantity"])
            if day:
                part._bss_set_version(day, {"price_unit": price}, change)
            else:
                enact(part, {"price_unit": price})

    def _bss_twin(self, contract, day, twins, change):
        """The service of ``contract`` that continues this one from ``day`` on, as it is on that day and later."""
        self.ensure_one()
        facts = self._bss_as_of(day)
        twin = enact_create(
            self.with_context(bss_without_parts=WITHOUT_PARTS),
            {
                "contract_id": contract.id,
                "sequence": self.sequence,
                "parent_id": twins[self.parent_id].id if self.parent_id in twins else False,
                "product_id": facts["product"].id,
                "rate_plan_id": self.rate_plan_id.id,
                "price_unit": float(facts["price_unit"]),
                "price_kind": facts["price_kind"],
                "quantity": float(facts["quantity"]),
                "location_id": facts["location"].id,
                "date_start": day,
                "date_end": self.date_end,
                "predecessor_id": self.id,
            },
        )
        twin._bss_take_over(day, change)
        return twin.with_context(bss_without_parts=False)

    # -- the button ---------------------------------------------------------------------------------

    def action_request_terminate(self):
        """A draft that ends these services: an annex, or a termination when nothing else runs.

        Services that were never activated have nothing to settle: a dialogue cancels them.
        """
        services = self.filtered(lambda one: one.state != "terminated" and not one.parent_id & self)
        waiting = services.filtered(lambda one: not one._bss_without_heads()._bss_will_run())
        if services and services == waiting:
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Cancel services"),
                "res_model": "bss.end.wizard",
                "view_mode": "form",
                "target": "new",
                "context": {"default_service_ids": services.ids},
            }
        if waiting:
            raise UserError(
                self.env._(
                    "%(services)s: not active yet. Choose such services by themselves.",
                    services=", ".join(waiting.mapped("display_name")),
                )
            )
        if len(services.contract_id) != 1:
            raise UserError(self.env._("Choose running services of one contract: each contract has its own annex."))
        change = services._bss_draft_removal()
        change.action_preview()
        return change._bss_open(change)

    def _bss_draft_removal(self):
        """Draft of the change after which these services of one contract run no more, from tomorrow on."""
        changes, contract = self.env["bss.contract.change"], self.contract_id
        today = changes._bss_today()
        staying = (contract.service_ids._bss_without_heads() - self._bss_without_heads())._bss_not_ended(today)
        if not staying:
            return changes.create({"contract_id": contract.id, "kind": "termination"})
        return changes.create(
            {
                "contract_id": contract.id,
                "kind": "annex",
                "date_effective": Date.add(today, days=1),
                "line_ids": [Command.create({"action": "remove", "service_id": service.id}) for service in self],
            }
        )
