"""Versions of one offering are told apart wherever one is chosen; customers read the name alone."""

from odoo import api, models


class ProductTemplate(models.Model):
    _inherit = "product.template"  # pylint: disable=consider-merging-classes-inherited

    @api.depends("bss_is_offering", "bss_version", "bss_next_ids")
    @api.depends_context("bss_without_version")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        for template in self:
            template.display_name = template._bss_with_version(template.display_name)
        return result

    def _bss_with_version(self, name):
        """``name`` and, when the offering has several versions, which one it is."""
        if not name or not self.bss_is_offering or self.env.context.get("bss_without_version"):
            return name
        if self.bss_version == 1 and not self.sudo().bss_next_ids:
            return name
        head, tab, code = name.partition("\t")  # the code of a formatted name comes last
        return f"{head} (v{self.bss_version}){tab}{code}"


class ProductProduct(models.Model):
    _inherit = "product.product"  # pylint: disable=consider-merging-classes-inherited

    @api.depends("product_tmpl_id.bss_is_offering", "product_tmpl_id.bss_version", "product_tmpl_id.bss_next_ids")
    @api.depends_context("bss_without_version")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        for product in self:
            product.display_name = product.product_tmpl_id._bss_with_version(product.display_name)
        return result

    def get_product_multiline_description_sale(self):
        product = self.with_context(bss_without_version=True)
        return super(ProductProduct, product).get_product_multiline_description_sale()
