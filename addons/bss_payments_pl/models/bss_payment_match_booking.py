"""Hooks of mass booking."""

from odoo import api, models
from odoo.tools import ormcache

from ..booking.eligibility import obstacle

#: modules whose overrides and derived fields the equality tests of mass booking ran with
COMPATIBLE = frozenset({"bss_catalog", "bss_dunning", "bss_ksef", "bss_mediation", "bss_payments_pl", "bss_rating"})


class BssBankImport(models.Model):
    _inherit = "bss.bank.import"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_booking_compatible_modules(self):
        """Modules that change nothing on bank entries and reconciliations which rows would miss."""
        return COMPATIBLE | self.env["account.move"]._bss_bulk_compatible_modules()

    @api.model
    @ormcache()
    def _bss_booking_obstacle(self):
        """Looked for once: the walk over everything that depends on entries takes long."""
        return obstacle(self.env, self._bss_booking_compatible_modules())


class BssPaymentMatch(models.Model):
    _inherit = "bss.payment.match"  # pylint: disable=consider-merging-classes-inherited

    def _bss_after_booking(self):
        """Hook: these payments were booked just now, in the same transaction, by an import or by hand.

        Extend with super() first; an import calls it with thousands of payments that are not in the cache.
        """
