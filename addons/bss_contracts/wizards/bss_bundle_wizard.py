from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools.misc import format_amount

from ..billing_core import round_half_up


class BssBundleWizard(models.TransientModel):
    """A clerk puts a bundle on a contract and chooses its parts, seeing the price."""

    _name = "bss.bundle.wizard"
    _description = "Add a Bundle to a Contract"

    contract_id = fields.Many2one("bss.contract", required=True, readonly=True)
    company_id = fields.Many2one(related="contract_id.company_id")
    bundle_id = fields.Many2one(
        "product.product",
        required=True,
        domain="[('bss_is_bundle', '=', True), ('bss_lifecycle', '=', 'on_sale'),"
        " ('company_id', 'in', [False, company_id])]",
    )
    location_id = fields.Many2one("bss.location", string="Place", domain="[('company_id', 'in', [False, company_id])]")
    line_ids = fields.One2many(
        "bss.bundle.wizard.line", "wizard_id", compute="_compute_line_ids", store=True, readonly=False
    )
    price_text = fields.Text(string="Price", compute="_compute_price_text")

    @api.depends("bundle_id")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [
                Command.clear(),
                *(
                    Command.create({"bundle_line_id": line.id, "quantity": line.quantity_default})
                    for line in wizard.bundle_id.bss_bundle_line_ids
                ),
            ]

    def _bss_choice(self):
        return {str(line.bundle_line_id.id): line.quantity for line in self.line_ids}

    def _bss_parts(self):
        contract = self.contract_id
        day = contract.date_start or polish_day.today()
        pricelist = contract.account_id.pricelist_id
        return self.bundle_id.product_tmpl_id._bss_bundle_parts(self._bss_choice(), day, pricelist)

    @api.depends("bundle_id", "line_ids.quantity")
    def _compute_price_text(self):
        """Every part with its share, or why the choice cannot be sold."""
        for wizard in self:
            wizard.price_text = False
            if not wizard.bundle_id:
                continue
            try:
                parts = wizard._bss_parts()
            except UserError as problem:
                wizard.price_text = str(problem)
                continue
            wizard.price_text = wizard._bss_price_text(parts)

    def _bss_price_text(self, parts):
        account = self.contract_id.account_id
        gross = account.pricelist_id.bss_price_kind == "gross"
        amounts = [(product, quantity, round_half_up(quantity * price)) for product, quantity, price in parts]
        total = format_amount(self.env, float(sum(amount for _p, _q, amount in amounts)), account.currency_id)
        rows = [
            f"• {quantity} × {product.name}: {format_amount(self.env, float(amount), account.currency_id)}"
            for product, quantity, amount in amounts
        ]
        whole = self.env._("Together %(amount)s gross", amount=total)
        if not gross:
            whole = self.env._("Together %(amount)s net", amount=total)
        return "\n".join([*rows, whole])

    def action_add(self):
        self.ensure_one()
        if self.contract_id.state != "draft":
            raise UserError(
                self.env._("Contract %(name)s is in force: add the bundle by an annex.", name=self.contract_id.name)
            )
        self.env["bss.service"].create(
            {
                "contract_id": self.contract_id.id,
                "product_id": self.bundle_id.id,
                "location_id": self.location_id.id,
                "bundle_choice": self._bss_choice(),
            }
        )
        return {"type": "ir.actions.act_window_close"}


class BssBundleWizardLine(models.TransientModel):
    _name = "bss.bundle.wizard.line"
    _description = "Part of a Bundle to Add"
    _order = "bundle_line_id"

    wizard_id = fields.Many2one("bss.bundle.wizard", required=True, ondelete="cascade")
    bundle_line_id = fields.Many2one("bss.bundle.line", required=True, ondelete="cascade")
    product_id = fields.Many2one(related="bundle_line_id.product_id", string="Offering")
    is_optional = fields.Boolean(related="bundle_line_id.is_optional")
    quantity_min = fields.Integer(related="bundle_line_id.quantity_min")
    quantity_max = fields.Integer(related="bundle_line_id.quantity_max")
    quantity = fields.Integer()


class BssContract(models.Model):
    _inherit = "bss.contract"  # pylint: disable=consider-merging-classes-inherited

    def action_add_bundle(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Add a bundle"),
            "res_model": "bss.bundle.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_contract_id": self.id},
        }
