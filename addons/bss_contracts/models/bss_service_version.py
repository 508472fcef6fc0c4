from odoo import api, fields, models

from .. import adapters

FACTS = ("product_id", "price_unit", "price_kind", "quantity", "location_id")


class BssServiceVersion(models.Model):
    """What a service is and costs from one day until the next version.

    ``patches`` holds what each change set on this day, in order; the other columns are the result of all patches
    up to here. So a change of one fact carries on into the versions after it, and a change can be taken back
    without touching what others set.
    """

    _name = "bss.service.version"
    _description = "Service Version"
    _order = "service_id, date_start"
    _rec_name = "product_id"
    _check_company_auto = True

    service_id = fields.Many2one("bss.service", required=True, index=True, ondelete="cascade", check_company=True)
    company_id = fields.Many2one(related="service_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="service_id.currency_id")
    date_start = fields.Date(string="From", required=True)
    date_end = fields.Date(string="To", readonly=True, help="Last day, included; empty = until further notice.")
    product_id = fields.Many2one(
        "product.product", string="Offering", required=True, check_company=True, index=True, ondelete="restrict"
    )
    price_unit = fields.Float(string="Price", digits=(16, 6), required=True, aggregator=None)
    price_kind = fields.Selection([("net", "Net"), ("gross", "Gross")], required=True, default="net")
    quantity = fields.Float(digits=(16, 6), required=True, default=1.0, aggregator=None)
    location_id = fields.Many2one("bss.location", check_company=True, index="btree_not_null", ondelete="restrict")
    changed = fields.Char(compute="_compute_changed", help="What is different from the version before.")
    change_id = fields.Many2one(
        "bss.contract.change",
        string="Contract Change",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="The last contract change that set something on this day.",
    )
    patches = fields.Json(readonly=True, copy=False, help="What each change set on this day.")

    _day_unique = models.Constraint(
        "UNIQUE(service_id, date_start)", "The service has a version from this day already."
    )
    _dates_check = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_start)", "The version ends before it starts."
    )
    _values_check = models.Constraint(
        "CHECK(quantity > 0 AND price_unit >= 0)", "The quantity must be positive and the price not negative."
    )
    _patches = models.Index("USING gin (patches jsonb_path_ops)")

    @api.depends("patches")
    def _compute_changed(self):
        labels = {name: self._fields[name]._description_string(self.env) for name in FACTS}
        for version in self:
            names = {name for patch in version.patches or () if not patch.get("base") for name in patch["vals"]}
            version.changed = ", ".join(labels[name] for name in FACTS if name in names)

    @api.model
    def _bss_patch(self, vals, change=None, base=False):
        """One entry of ``patches``: plain values, amounts as text so that nothing is lost on the way."""
        plain = {}
        for name, value in vals.items():
            if name in ("product_id", "location_id"):
                plain[name] = getattr(value, "id", value) or False
            elif name in ("price_unit", "quantity"):
                plain[name] = str(adapters.decimal(value))
            else:
                plain[name] = value
        return {"change": change.id if change else False, "base": base, "vals": plain}

    def _bss_replay(self):
        """Write the values and the last days that the patches of one service lead to, first version first."""
        values = {}
        versions = self.sorted("date_start")
        for version, following in zip(versions, [*versions[1:], None], strict=True):
            for patch in version.patches:
                values.update(patch["vals"])
            last = fields.Date.subtract(following.date_start, days=1) if following else False
            version.write(
                {
                    **values,
                    "price_unit": float(values["price_unit"]),
                    "quantity": float(values["quantity"]),
                    "date_end": last,
                    "change_id": version.patches[-1]["change"],
                }
            )

    def _bss_facts(self):
        """The facts of this version, amounts as Decimal."""
        self.ensure_one()
        return {
            "product": self.product_id,
            "price_unit": adapters.decimal(self.price_unit),
            "price_kind": self.price_kind,
            "quantity": adapters.decimal(self.quantity),
            "location": self.location_id,
        }
