"""What nobody writes by hand, neither in a form nor through the API: it follows from contract changes and billing.

Steps that have checked what they do write with ``enact`` or, as billing, with ``sudo``.
"""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..private_context import trial_of
from .bss_contract_change_check import MANAGER

# agreed with the customer: free in a draft, afterwards changed by a contract change
AGREED = {
    "account_id",
    "company_id",
    "date_signed",
    "date_start",
    "date_term_start",
    "notice_days",
    "notice_months",
    "notice_rule",
    "term_months",
}
# values of a contract that nobody has activated, changed or ended yet
CONTRACT_AT_BIRTH = {
    "state": "draft",
    "date_end": False,
    "revision": False,
    "revised_by_id": False,
    "revised_at": False,
    "predecessor_id": False,
    "sale_order_id": False,
}
# values of a service that the network has not activated yet
SERVICE_AT_BIRTH = {
    "state": "pending",
    "date_end": False,
    "is_restricted": False,
    "charged_through": False,
    "is_recalculation_due": False,
    "predecessor_id": False,
    "sale_line_id": False,
}
# ordered from the network: free while the service is pending
ORDERED = {"active", "contract_id", "date_start", "product_id"}
CHEAPENING = {"price_unit", "price_kind", "promised_promotion_ids", "quantity"}
IN_FORCE = ("active", "suspended")


def changed(record, names, vals):
    """Those of ``names`` to which ``vals`` gives another value."""
    return sorted(
        name
        for name in names & vals.keys()
        if record._fields[name].convert_to_cache(vals[name], record)
        != record._fields[name].convert_to_cache(record[name], record)
    )


def grown(record, birth):
    """Fields of a new record that have another value than a new one has, whether given or a default of the client."""
    return sorted(name for name, value in birth.items() if (record[name] or False) != value)


def labels(record, names):
    return ", ".join(record._fields[name]._description_string(record.env) for name in names)


class BssContract(models.Model):
    _inherit = "bss.contract"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        contracts = super().create(vals_list)
        if not self.env.su:
            for contract in contracts:
                contract._bss_refuse_direct(grown(contract, CONTRACT_AT_BIRTH))
        return contracts

    def write(self, vals):
        if not self.env.su and (AGREED | CONTRACT_AT_BIRTH.keys()) & vals.keys():
            for contract in self:
                kept = CONTRACT_AT_BIRTH.keys() | (AGREED if contract.state != "draft" else set())
                contract._bss_refuse_direct(changed(contract, kept, vals))
        return super().write(vals)

    def _bss_refuse_direct(self, names):
        if not names:
            return
        values = {"name": self.name, "fields": labels(self, names)}
        if self.state == "draft":
            raise AccessError(
                self.env._("Contract %(name)s: %(fields)s cannot be written directly; activate the draft.", **values)
            )
        raise AccessError(
            self.env._("Contract %(name)s: %(fields)s cannot be written directly; make a contract change.", **values)
        )


class BssService(models.Model):
    _inherit = "bss.service"  # pylint: disable=consider-merging-classes-inherited

    can_move_start = fields.Boolean(compute="_compute_can_move_start", help="The first day may be set by hand.")

    @api.depends("state", "charged_through", "predecessor_id")
    @api.depends_context("uid")
    def _compute_can_move_start(self):
        """A pending service is wanted for any day; a wrong day of activation is corrected before it is charged."""
        manager = self.env.su or self.env.user.has_group(MANAGER)
        for service in self:
            running = service.state in IN_FORCE and not service.charged_through
            service.can_move_start = service._bss_is_open() or (running and manager)

    def _bss_is_open(self):
        """Whether nothing of it is ordered for good: a clerk still fills it in."""
        return self.state == "pending" and not self.predecessor_id

    @api.model_create_multi
    def create(self, vals_list):
        services = super().create(vals_list)
        if not self.env.su:
            for service in services:
                service._bss_refuse_direct(grown(service, SERVICE_AT_BIRTH))
        # a preview says what only the manager confirms
        if not self.env.su and not trial_of(self.env) and not self.env.user.has_group(MANAGER):
            services._bss_refuse_cheap()
        return services

    def _bss_refuse_cheap(self):
        """What is added to a contract in force below the list goes through a change that the manager confirms.

        The parts of a bundle share its price, which the change has checked.
        """
        for service in self.filtered(lambda one: one.contract_id.state in IN_FORCE and not one._bss_is_part()):
            listed, kind = service._bss_list_price()
            cheap = kind != service.price_kind or Decimal(str(service.price_unit)) < listed
            if cheap or service.promised_promotion_ids or service.quantity < 1:
                raise AccessError(
                    self.env._(
                        "Contract %(contract)s is in force: only a billing manager may add %(service)s below the list. "
                        "Make an annex for him to confirm.",
                        contract=service.contract_id.name,
                        service=service.display_name,
                    )
                )

    def _bss_is_part(self):
        return bool(self.parent_id) or self.product_id.bss_is_bundle

    def write(self, vals):
        if not self.env.su and (SERVICE_AT_BIRTH.keys() | ORDERED | CHEAPENING) & vals.keys():
            for service in self:
                service._bss_refuse_direct(service._bss_kept(vals))
                service._bss_refuse_cheaper(vals)
        return super().write(vals)

    def _bss_kept(self, vals):
        """Fields that ``vals`` would change and that nobody writes by hand in the state of the service."""
        kept = set(SERVICE_AT_BIRTH)
        if not self._bss_is_open():
            kept |= ORDERED
        if self.can_move_start:
            kept.discard("date_start")
        return changed(self, kept, vals)

    def _bss_refuse_direct(self, names):
        if names:
            raise AccessError(
                self.env._(
                    "Service %(name)s: %(fields)s cannot be written directly; it follows from the network, from "
                    "billing and from contract changes.",
                    name=self.display_name,
                    fields=labels(self, names),
                )
            )

    def _bss_refuse_cheaper(self, vals):
        agreed = self.state in IN_FORCE or self.contract_id.state in IN_FORCE
        if agreed and not self.env.user.has_group(MANAGER) and self._bss_gets_cheaper(vals):
            raise AccessError(
                self.env._(
                    "Service %(name)s is agreed: only a billing manager may write a price below the list. Make a "
                    "contract change for him to confirm.",
                    name=self.display_name,
                )
            )

    def _bss_gets_cheaper(self, vals):
        """Whether the price written falls below that of now and of the list, or is net from gross.

        Less of the service, and a promise of promotions whatever they are, count as cheaper.
        """
        if changed(self, {"promised_promotion_ids"}, vals) or vals.get("quantity", self.quantity) < self.quantity:
            return True
        kind = vals.get("price_kind", self.price_kind)
        if kind != self.price_kind:
            return True
        price = Decimal(str(vals.get("price_unit", self.price_unit)))
        if price >= Decimal(str(self.price_unit)):
            return False
        listed, list_kind = self._bss_list_price()
        return list_kind != kind or price < listed
