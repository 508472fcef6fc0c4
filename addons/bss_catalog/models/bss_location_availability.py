"""What can be sold at a place on a day, to whom, at which price, and why not the rest."""

from odoo import models
from odoo.fields import Domain

from ..adapters import place_facts, promotion_facts
from ..catalog_core import SaleRequest, offers
from .bss_offering_candidates import OfferingCandidates

SOLD_KINDS = ("recurring", "one_off", "device")


class BssLocation(models.Model):
    _inherit = "bss.location"  # pylint: disable=consider-merging-classes-inherited

    def _bss_availability(self, on, customer_kind, term_months=0, partner=None, offerings=None, pricelist=None):
        """Every offering with its price, promotions and price of each month, or with the reasons against it.

        The number of queries does not depend on how many offerings and promotions there are.

        :param on: day of the sale; prices, promotions and technologies of that day
        :param customer_kind: code of ``res.partner.bss_customer_kind``
        :param term_months: length of the contract; 0 for one without a term
        :param partner: the customer, if known: decides whether new or present
        :param offerings: product.product records asked for; default: all that are on sale
        :param pricelist: its prices, net or gross as the list is; default: net list prices
        :return: tuple of ``catalog_core.Offer``, in the order of ``offerings``
        """
        self.ensure_one()
        self.check_access("read")
        if offerings is None:
            offerings = self._bss_sold_offerings()
        promotions = self._bss_sold_promotions()
        counts = promotions._bss_grant_counts()
        request = SaleRequest(
            on=on,
            customer_kind=customer_kind,
            customer_status=partner._bss_customer_status(on) if partner else "new",
            term_months=term_months,
            location=place_facts(self._bss_technologies(on), self._bss_port_counts()),
            place_ids=frozenset(self._bss_path_ids()),
            teryt=self.teryt_code or "",
            competitor_ids=frozenset(self._bss_competitors(on).ids),
        )
        return offers(
            OfferingCandidates(offerings, on, pricelist).all(),
            [promotion_facts(promotion, counts.get(promotion.id, 0)) for promotion in promotions],
            request,
        )

    def _bss_company(self):
        return self.company_id or self.env.company

    def _bss_path_ids(self):
        """Ids of this place and of every place it lies in."""
        return [int(part) for part in (self.parent_path or "").split("/") if part]

    def _bss_sold_offerings(self):
        """Recurring, one-off and device offerings that are on sale; fees of other offerings are not sold alone."""
        domain = Domain(
            [
                ("bss_is_offering", "=", True),
                ("bss_lifecycle", "=", "on_sale"),
                ("bss_offering_kind", "in", SOLD_KINDS),
                ("company_id", "in", [False, self._bss_company().id]),
            ]
        )
        found = self.env["product.product"].search(domain, order="default_code, id")
        return found - found.bss_activation_product_id - found.bss_termination_product_id

    def _bss_sold_promotions(self):
        return self.env["bss.promotion"].search(
            [("state", "=", "on_sale"), ("company_id", "=", self._bss_company().id)]
        )

    def _bss_port_counts(self):
        """{technology: (ports, free ports)} that could serve this place.

        Counted are the ports that lead here, inside or to the building, and those of the active nodes that serve the
        place; of these a free one counts when it leads nowhere yet.
        """
        self.ensure_one()
        path = self._bss_path_ids()
        rows = self.env["bss.location.technology"].search([("location_id", "in", path), ("node_id", "!=", False)])
        here = Domain("location_id", "in", path) | Domain("location_id", "child_of", self.ids)
        serving = Domain("node_id", "in", rows.node_id.ids) | Domain("node_id.location_id", "in", path)
        alive = Domain("node_id.state", "=", "active")
        ports = self.env["bss.network.port"]
        every = ports._read_group(alive & (here | serving), ["technology"], ["__count"])
        usable = here | (serving & Domain("location_id", "=", False))
        free = dict(ports._read_group(alive & usable & Domain("state", "=", "free"), ["technology"], ["__count"]))
        return {technology: (count, free.get(technology, 0)) for technology, count in every}

    def action_open_availability(self):
        """The screen that says what can be sold here."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_catalog.action_bss_availability")
        action["context"] = {"default_location_id": self.id}
        return action
