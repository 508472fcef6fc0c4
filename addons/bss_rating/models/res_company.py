from odoo import fields, models
from odoo.exceptions import UserError


class ResCompany(models.Model):
    _inherit = "res.company"

    bss_usage_product_id = fields.Many2one(
        "product.product",
        string="Product of Usage Charges",
        domain="[('bss_offering_kind', '=', 'usage')]",
        help="Its taxes and income account serve rated usage; empty: the product with the reference USAGE.",
    )
    bss_rate_on_load = fields.Boolean(
        string="Rate Usage as It Is Loaded",
        default=True,
        help="Usage of services without free units, priced without quantities of a period, has its amount as soon as it is loaded. "
        "The rest waits for a rating run.",
    )

    bss_rate_hourly = fields.Boolean(
        string="Rate What Waits Every Hour",
        help="So that customers hear of thresholds in time and see what is left of their free units. Without it what waits is "
        "rated when somebody starts a rating run or a bill run.",
    )
    bss_bill_gathers_usage = fields.Boolean(
        string="Bill Runs Charge Usage",
        default=True,
        help="When a bill run collects charges, it rates the usage that waits and makes the charges of the time that it "
        "bills. Otherwise somebody makes the charges of each rating run before.",
    )
    bss_bill_unrated_usage = fields.Selection(
        [("warn", "Tell and bill without it"), ("refuse", "Issue no invoices until someone decides")],
        string="Usage without a Price",
        required=True,
        default="warn",
        help="What a bill run does about usage of the billed time that could not be rated.",
    )

    bss_on_net_zone_id = fields.Many2one(
        "bss.rate.zone",
        string="Zone of Calls Inside the Network",
        domain="[('kind', '=', 'on_net'), ('company_id', 'in', [False, id])]",
        help="Calls to numbers that are ours on that day take this zone in plans that price it. "
        "Empty: the zone of the kind On-net, when there is just one.",
    )

    bss_itemised_mask_digits = fields.Integer(
        string="Hidden Digits of Called Numbers",
        default=3,
        help="Last digits that itemised bills hide, unless the subscriber asked for the whole numbers. 0: none.",
    )
    bss_itemised_without_free = fields.Boolean(
        string="Leave Out Free Numbers",
        default=True,
        help="Itemised bills do not list calls that cost nothing to free, emergency and helpline (116xxx) numbers.",
    )

    _itemised_mask = models.Constraint(
        "CHECK(bss_itemised_mask_digits BETWEEN 0 AND 15)", "A number has at most 15 digits to hide."
    )

    def _bss_get_on_net_zone(self):
        """Zone of calls to own numbers; empty when they cost what others cost."""
        self.ensure_one()
        if self.bss_on_net_zone_id:
            return self.bss_on_net_zone_id
        zones = self.env["bss.rate.zone"].search([("kind", "=", "on_net"), ("company_id", "in", [False, self.id])])
        own = zones.filtered("company_id") or zones
        return own if len(own) == 1 else zones.browse()

    def _bss_get_usage_product(self):
        self.ensure_one()
        product = self.bss_usage_product_id or self.env["product.product"].search(
            [("default_code", "=", "USAGE"), ("company_id", "in", [False, self.id])], order="company_id", limit=1
        )
        if not product:
            raise UserError(
                self.env._(
                    "Choose the product of usage charges in the settings of company %(company)s, or make one with the reference USAGE.",
                    company=self.name,
                )
            )
        return product
