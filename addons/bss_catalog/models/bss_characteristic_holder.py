from odoo import api, fields, models


class BssCharacteristicHolder(models.AbstractModel):
    """A record that keeps one value of a characteristic, in its stored spelling.

    Concrete models add what they belong to, and ``company_id``.
    """

    _name = "bss.characteristic.holder"
    _description = "Value of a characteristic"

    sequence = fields.Integer(default=10)
    characteristic_id = fields.Many2one(
        "bss.characteristic", required=True, ondelete="restrict", index=True, check_company=True
    )
    value_type = fields.Selection(related="characteristic_id.value_type", string="Value type")
    unit = fields.Char(related="characteristic_id.unit")
    is_required = fields.Boolean(related="characteristic_id.is_required")
    value = fields.Char(help="As the type of the characteristic asks; a yes or no is written in words.")
    value_id = fields.Many2one(
        "bss.characteristic.value",
        string="Allowed value",
        compute="_compute_value_id",
        inverse="_inverse_value_id",
        domain="[('characteristic_id', '=', characteristic_id)]",
    )
    value_display = fields.Char(string="Shown value", compute="_compute_value_display")

    @api.depends("value", "characteristic_id.value_ids.code", "characteristic_id.value_type")
    def _compute_value_id(self):
        for holder in self:
            allowed = holder.characteristic_id.value_ids if holder.value_type == "selection" else None
            holder.value_id = allowed and allowed.filtered(lambda one, h=holder: one.code == h.value)[:1]

    @api.onchange("value_id")
    def _inverse_value_id(self):
        for holder in self:
            if holder.value_type == "selection":
                holder.value = holder.value_id.code

    @api.onchange("characteristic_id")
    def _onchange_characteristic_id(self):
        self.value = False

    @api.depends("value", "characteristic_id")
    def _compute_value_display(self):
        for holder in self:
            one = holder.characteristic_id
            holder.value_display = one._bss_shown(holder.value) if one else False

    @api.constrains("value", "characteristic_id")
    def _check_value(self):
        for holder in self:
            canonical = holder.characteristic_id._bss_canonical(holder.value or "")
            if canonical != (holder.value or ""):
                holder.value = canonical or False
