from odoo import models


class BssDemo(models.AbstractModel):
    _inherit = "bss.demo"
