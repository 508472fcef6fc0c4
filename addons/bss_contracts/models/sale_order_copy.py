"""A copy of an offer is a new offer: its own validity does not bring back what was not sold any more on its first day."""

from odoo import fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    bss_unsold_product_ids = fields.Many2many(
        "product.product",
        "bss_unsold_product_sale_order_rel",
        string="Offerings Not Sold at the Copy",
        readonly=True,
        copy=False,
        help="What the offer it was copied from had and what was not on sale any more on the day of the copy.",
    )
    bss_unsold_promotion_ids = fields.Many2many(
        "bss.promotion",
        "bss_unsold_promotion_sale_order_rel",
        string="Promotions Not Granted at the Copy",
        readonly=True,
        copy=False,
        help="What the offer it was copied from had and what was not granted any more on the day of the copy.",
    )
    bss_never_held = fields.Text(
        string="Not Sold When It Was Made",
        compute="_compute_bss_changes",
        help="The offer is a copy and has what was not sold any more on its first day: it cannot be sent or accepted.",
    )

    def _compute_bss_changes(self):
        result = super()._compute_bss_changes()
        today = polish_day.today()
        for order in self:
            order.bss_never_held = "\n".join(order._bss_what_never_held(today)) if order.bss_changes else False
        return result

    def copy(self, default=None):
        copies = super().copy(default)
        today = polish_day.today()
        for order in copies.filtered("bss_is_telecom"):
            unsold = [record for record, _text in order._bss_lapsed(today)]
            for name, model in (
                ("bss_unsold_product_ids", "product.product"),
                ("bss_unsold_promotion_ids", "bss.promotion"),
            ):
                order.sudo()[name] = self.env[model].union(*(one for one in unsold if one._name == model))
        return copies

    def _bss_what_never_held(self, day):
        """Why the copy could not be made as a new offer, as far as that still holds on ``day``; in words."""
        self.ensure_one()
        order = self.sudo()
        unsold = {*order.bss_unsold_product_ids, *order.bss_unsold_promotion_ids}
        return [text for record, text in self._bss_lapsed(day) if record in unsold] if unsold else []

    def _bss_why_never_held(self, day):
        """Reason against sending or accepting the copy, or False."""
        reasons = self._bss_what_never_held(day)
        return bool(reasons) and self.env._(
            "Offer %(name)s is a copy and has what was not sold any more when it was copied: %(changes)s Take it off "
            "or make a new offer.",
            name=self.name,
            changes=" ".join(reasons),
        )

    def _bss_why_not_accept(self, day):
        return self._bss_why_never_held(day) or super()._bss_why_not_accept(day)

    def _bss_refuse_never_held(self):
        for order in self.filtered("bss_is_telecom"):
            reason = order._bss_why_never_held(polish_day.today())
            if reason:
                raise UserError(reason)

    def action_quotation_send(self):
        self._bss_refuse_never_held()
        return super().action_quotation_send()

    def action_quotation_sent(self):
        self._bss_refuse_never_held()
        return super().action_quotation_sent()
