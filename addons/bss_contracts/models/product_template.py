from odoo import api, fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    bss_service_count = fields.Integer(string="Services", compute="_compute_bss_service_count")

    def _bss_services_domain(self):
        return [("product_id.product_tmpl_id", "in", self.ids)]

    @api.depends_context("allowed_company_ids")
    def _compute_bss_service_count(self):
        counts = dict(
            self.env["bss.service"]._read_group(
                [*self._bss_services_domain(), ("state", "!=", "terminated")], ["product_id"], ["__count"]
            )
        )
        for template in self:
            template.bss_service_count = sum(counts.get(product, 0) for product in template.product_variant_ids)

    def _bss_in_use(self):
        """Services of any state bind: also of an ended one the charges may still be corrected."""
        services = self.env["bss.service"].sudo()._read_group(self._bss_services_domain(), ["product_id"])
        return super()._bss_in_use() | self.browse({product.product_tmpl_id.id for (product,) in services})

    def action_bss_services(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_service_action")
        action["domain"] = self._bss_services_domain()
        action["context"] = {"create": False}
        return action
