from odoo import fields, models


class ResCompanyBureau(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    bss_dunning_bureau = fields.Char(
        string="Debt Register", help="Name and seat of the bureau your letters warn of; fills $bureau in their text."
    )
