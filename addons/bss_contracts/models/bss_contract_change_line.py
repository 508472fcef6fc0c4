from odoo import fields, models


class BssContractChangeLine(models.Model):
    _name = "bss.contract.change.line"
    _description = "Contract Change Line"
    _order = "change_id, sequence, id"
    _check_company_auto = True

    change_id = fields.Many2one(
        "bss.contract.change", required=True, index=True, check_company=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    contract_id = fields.Many2one(related="change_id.contract_id")
    company_id = fields.Many2one(related="change_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="change_id.currency_id")
    action = fields.Selection(
        [
            ("add", "Add a service"),
            ("remove", "Remove the service"),
            ("change", "Change the service"),
            ("price", "Change the price"),
            ("relocate", "Move elsewhere"),
            ("number", "Change the number"),
        ],
        required=True,
        default="change",
    )
    service_id = fields.Many2one(
        "bss.service",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('contract_id', '=', contract_id), ('state', '!=', 'terminated')]",
        help="Service that changes; for an added one: the service made of this line.",
    )
    product_id = fields.Many2one(
        "product.product",
        string="Offering",
        check_company=True,
        ondelete="restrict",
        domain="[('bss_is_offering', '=', True), ('bss_offering_kind', '=', 'recurring')]",
        help="The added offering, or the one the service has from then on.",
    )
    quantity = fields.Float(digits=(16, 6), default=1.0)
    price_unit = fields.Float(string="New Price", digits=(16, 6), help="Price per charging period and unit.")
    location_id = fields.Many2one("bss.location", string="New Place", check_company=True, ondelete="restrict")
    new_identifier = fields.Char(string="New Number or Login")

    _quantity_check = models.Constraint("CHECK(quantity > 0)", "The quantity must be positive.")
    _price_check = models.Constraint("CHECK(price_unit >= 0)", "The price must not be negative.")
