from odoo import fields, models


class BssDunningDialerKey(models.TransientModel):
    """Shows a new key, this once."""

    _name = "bss.dunning.dialer.key"
    _description = "New Key of a Dialer"

    name = fields.Char(readonly=True)
    key = fields.Char(readonly=True, store=False)
