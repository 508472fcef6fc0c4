import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..catalog_core import prefix_is_valid

NOISE = re.compile(r"[\s\-().]+")


class BssRatePrefix(models.Model):
    _name = "bss.rate.prefix"
    _description = "Number prefix of a rate zone"
    _order = "prefix, id"
    _rec_name = "prefix"
    _check_company_auto = True

    prefix = fields.Char(
        required=True,
        index=True,
        help="Leading digits in E.164 without plus; Polish short numbers carry 48 in front (48112).",
    )
    zone_id = fields.Many2one("bss.rate.zone", required=True, ondelete="cascade", index=True, check_company=True)
    # precompute: the unique index must see the company at the insert, not after it
    company_id = fields.Many2one(related="zone_id.company_id", store=True, index=True, precompute=True)
    zone_kind = fields.Selection(related="zone_id.kind", string="Kind of zone")
    note = fields.Char(string="Country or network", translate=True)

    _prefix_uniq = models.UniqueIndex(
        "(prefix, COALESCE(company_id, 0))", "This prefix belongs to another zone already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._bss_normalise_vals(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._bss_normalise_vals(vals))

    @api.model
    def _bss_normalise_vals(self, vals):
        """People paste "+48 22", "0048 22": keep the digits."""
        if not vals.get("prefix"):
            return vals
        bare = NOISE.sub("", vals["prefix"]).removeprefix("+")
        return {**vals, "prefix": bare.removeprefix("00")}

    @api.constrains("prefix")
    def _check_prefix(self):
        for record in self:
            if not prefix_is_valid(record.prefix):
                raise ValidationError(
                    self.env._(
                        "“%(prefix)s” is no number prefix: 1 to 15 digits in the international form, without plus or leading zeros.",
                        prefix=record.prefix,
                    )
                )
