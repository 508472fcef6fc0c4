"""What nobody writes by hand, neither in a form nor through the API: it follows from contract changes and billing.

Code that has checked who asks writes with ``sudo``.
"""

from decimal import Decimal

from odoo import api, models
from odoo.exceptions import AccessError

from ..private_context import is_without_parts, trial_of
from .bss_contract_change_check import MANAGER

AGREED = {"date_start", "term_months", "date_term_start"}
OF_CONTRACT = {"revision", "revised_by_id", "revised_at", "predecessor_id"}
OF_SERVICE = {"charged_through", "is_recalculation_due", "predecessor_id"}
RUNNING = ("active", "suspended")
IN_FORCE = ("active", "suspended")


def _changed(record, names, vals):
    """Those of ``names`` to which ``vals`` gives another value."""
    return sorted(
        name
        for name in names & vals.keys()
        if record._fields[name].convert_to_cache(vals[name], record)
        != record._fields[name].convert_to_cache(record[name], record)
    )


def _labels(record, names):
    return ", ".join(record._fields[name]._description_string(record.env) for name in names)


class BssContract(models.Model):
    _inherit = "bss.contract"  # pylint: disable=consider-merging-classes-inherited

    def write(self, vals):
        if not self.env.su and (AGREED | OF_CONTRACT) & vals.keys():
            for contract in self:
                contract._bss_refuse_direct(vals)
        return super().write(vals)

    def _bss_refuse_direct(self, vals):
        kept = OF_CONTRACT if self.state == "draft" else OF_CONTRACT | AGREED
        names = _changed(self, kept, vals)
        if names:
            raise AccessError(
                self.env._(
                    "Contract %(name)s: %(fields)s cannot be written directly; make a contract change.",
                    name=self.name,
                    fields=_labels(self, names),
                )
            )


class BssService(models.Model):
    _inherit = "bss.service"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        services = super().create(vals_list)
        # a preview, or an assignment that takes the agreed price over
        by_code = self.env.su or trial_of(self.env) or is_without_parts(self.env)
        if not by_code and not self.env.user.has_group(MANAGER):
            services._bss_refuse_cheap()
        return services

    def _bss_refuse_cheap(self):
        """What is added to a contract in force below the list goes through a change that the manager confirms.

        The parts of a bundle share its price, which the change has checked.
        """
        for service in self.filtered(lambda one: one.contract_id.state in IN_FORCE and not one._bss_is_part()):
            listed, kind = service._bss_list_price()
            if kind != service.price_kind or Decimal(str(service.price_unit)) < listed:
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
        if not self.env.su and (OF_SERVICE | {"price_unit", "price_kind"}) & vals.keys():
            for service in self:
                service._bss_refuse_direct(vals)
        return super().write(vals)

    def _bss_refuse_direct(self, vals):
        names = _changed(self, OF_SERVICE, vals)
        if names:
            raise AccessError(
                self.env._(
                    "Service %(name)s: %(fields)s cannot be written directly; it follows from billing and from "
                    "contract changes.",
                    name=self.display_name,
                    fields=_labels(self, names),
                )
            )
        if self.state in RUNNING and not self.env.user.has_group(MANAGER) and self._bss_gets_cheaper(vals):
            raise AccessError(
                self.env._(
                    "Service %(name)s is running: only a billing manager may write a price below the list. Make a "
                    "contract change for him to confirm.",
                    name=self.display_name,
                )
            )

    def _bss_gets_cheaper(self, vals):
        """Whether the price written falls below that of now and of the list, or is net from gross."""
        kind = vals.get("price_kind", self.price_kind)
        if kind != self.price_kind:
            return True
        price = Decimal(str(vals.get("price_unit", self.price_unit)))
        if price >= Decimal(str(self.price_unit)):
            return False
        listed, list_kind = self._bss_list_price()
        return list_kind != kind or price < listed
