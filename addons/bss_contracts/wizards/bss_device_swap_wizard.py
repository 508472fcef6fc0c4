from odoo import fields, models


class BssDeviceSwapWizard(models.TransientModel):
    _name = "bss.device.swap.wizard"
    _description = "Replace a Device"

    device_id = fields.Many2one("bss.device", required=True, readonly=True)
    company_id = fields.Many2one(related="device_id.company_id")
    new_device_id = fields.Many2one(
        "bss.device",
        required=True,
        domain="[('state', '=', 'in_stock'), ('company_id', '=', company_id)]",
    )

    def action_swap(self):
        self.ensure_one()
        self.device_id._bss_swap(self.new_device_id)
        return {"type": "ir.actions.act_window_close"}
