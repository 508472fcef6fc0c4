"""What a clerk should notice before an offer is made: an address that is no flat, fewer free ports than services."""

from collections import Counter

from odoo import api, fields, models


class BssAvailability(models.TransientModel):
    _inherit = "bss.availability"  # pylint: disable=consider-merging-classes-inherited

    place_hint = fields.Char(compute="_compute_place_hint")
    port_warning = fields.Text(compute="_compute_port_warning")

    @api.depends("location_id")
    @api.depends_context("lang", "uid")
    def _compute_place_hint(self):
        for screen in self:
            screen.place_hint = screen.location_id._origin._bss_place_hint()

    @api.depends(
        "line_ids.quantity", "term_months", "location_id", "day", "customer_kind", "partner_id", "pricelist_id"
    )
    @api.depends_context("lang", "uid")
    def _compute_port_warning(self):
        labels = dict(self.env["bss.location.technology"]._fields["technology"]._description_selection(self.env))
        for screen in self:
            wanted = screen._bss_ports_wanted()
            ports = screen.location_id._origin._bss_port_counts() if wanted else {}
            screen.port_warning = "\n".join(
                self.env._(
                    "%(technology)s: %(wanted)s ports are needed for what is chosen, %(free)s free here. The services that get no port cannot be activated.",
                    technology=labels.get(technology, technology),
                    wanted=count,
                    free=ports[technology][1],
                )
                for technology, count in sorted(wanted.items())
                if technology in ports and count > ports[technology][1]
            )

    def _bss_ports_wanted(self):
        """{technology: ports} of what is chosen: one for each internet access; everything else shares the line."""
        self.ensure_one()
        accesses, technologies = Counter(), set()
        for line, offer in self.line_ids._bss_line_offers():
            if offer is None or line.quantity <= 0:
                continue
            for product, quantity in self._bss_taken(offer, line.quantity):
                if product.bss_offering_kind == "recurring" and product.bss_technology not in (False, "any", "mobile"):
                    technologies.add(product.bss_technology)
                    if product.bss_service_type == "internet":
                        accesses[product.bss_technology] += quantity
        return {technology: max(accesses[technology], 1) for technology in technologies}

    def _bss_taken(self, offer, quantity):
        """[(product, quantity)] of an offer: itself, or the parts of a bundle that come with it."""
        if not offer.parts:
            return [(self.env["product.product"].browse(offer.product_id), quantity)]
        fixed = [part for part in offer.parts if not part.optional]
        return [one for part in fixed for one in self._bss_taken(part, quantity * int(part.quantity))]


class BssLocation(models.Model):
    _inherit = "bss.location"  # pylint: disable=consider-merging-classes-inherited

    def _bss_place_hint(self):
        """Why a service should not be sold at this place but inside it, in words; empty when it is fine."""
        if not self or self.kind == "premises":
            return ""
        if self.kind in ("town", "street"):
            return self.env._("This is no address of a service yet: choose the building or the premises.")
        if self.premises_count:
            return self.env._(
                "There are %(count)s premises here. Which of them gets the service? Choose it: free ports are counted here for all of them together.",
                count=self.premises_count,
            )
        return ""
