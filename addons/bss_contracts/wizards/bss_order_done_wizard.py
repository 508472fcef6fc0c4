from odoo import api, fields, models
from odoo.exceptions import UserError


class BssOrderDoneWizard(models.TransientModel):
    _name = "bss.order.done.wizard"
    _description = "Confirm Service Orders"

    order_ids = fields.Many2many("bss.service.order", string="Service Orders", required=True)
    date_effective = fields.Date(
        string="Done On",
        required=True,
        default=lambda self: self.env["bss.service.order"]._bss_today(),
        help="Day on which the network did it. A service is charged from this day.",
    )
    response = fields.Text()

    @api.constrains("date_effective")
    def _check_date_effective(self):
        today = self.env["bss.service.order"]._bss_today()
        if any(wizard.date_effective > today for wizard in self):
            raise UserError(self.env._("What was done cannot be dated in the future."))

    def action_confirm(self):
        self.ensure_one()
        self.order_ids._bss_done(response=self.response, effective=self.date_effective)
        return {"type": "ir.actions.act_window_close"}
