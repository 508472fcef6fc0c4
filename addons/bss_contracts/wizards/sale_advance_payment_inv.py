from odoo import models
from odoo.exceptions import UserError


class SaleAdvancePaymentInv(models.TransientModel):
    _inherit = "sale.advance.payment.inv"

    def create_invoices(self):
        """What the catalogue sells is invoiced by bill runs only."""
        for order in self.sale_order_ids.filtered("bss_is_telecom"):
            raise UserError(
                self.env._("Offer %(name)s is billed by the bill runs of its account, not from here.", name=order.name)
            )
        return super().create_invoices()
