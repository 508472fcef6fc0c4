from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..billing_core import normalise


class BssServiceIdentifier(models.Model):
    _name = "bss.service.identifier"
    _description = "Service Identifier"
    _order = "service_id, kind, value, date_start"
    _rec_name = "value"
    _check_company_auto = True

    service_id = fields.Many2one("bss.service", required=True, index=True, ondelete="cascade", check_company=True)
    account_id = fields.Many2one(related="service_id.account_id", store=True, index=True, string="Billing Account")
    company_id = fields.Many2one(related="service_id.company_id", store=True, precompute=True)
    kind = fields.Selection(
        [
            ("msisdn", "Phone number"),
            ("login", "Login"),
            ("imsi", "IMSI"),
            ("account_code", "Account code"),
            ("mac", "MAC address"),
        ],
        required=True,
        default="msisdn",
    )
    value = fields.Char(required=True, help="Phone numbers are kept as international digits without plus: 48600100200.")
    date_start = fields.Date(string="Valid From", required=True, default=polish_day.today, help="First day, included.")
    date_end = fields.Date(string="Valid To", help="Last day, included; empty = still in use.")

    _lookup = models.Index("(company_id, kind, value, date_start)")
    _open_unique = models.UniqueIndex(
        "(company_id, kind, value) WHERE date_end IS NULL",
        "This identifier is already in use by another service.",
    )
    _dates_check = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_start)", "The identifier ends before it starts."
    )

    @api.depends("kind", "value")
    def _compute_display_name(self):
        for identifier in self:
            identifier.display_name = identifier.value or ""

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._normalise_vals(vals, vals.get("kind", "msisdn"))
        # an identifier moved to another service in the same go: its old row must be closed first
        self.flush_model(["date_end", "date_start", "value", "kind"])
        return super().create(vals_list)

    def write(self, vals):
        if "value" in vals or "kind" in vals:
            for identifier in self:
                own = dict(vals)
                own.setdefault("value", identifier.value)
                self._normalise_vals(own, vals.get("kind", identifier.kind))
                super(BssServiceIdentifier, identifier).write(own)
            return True
        return super().write(vals)

    def _normalise_vals(self, vals, kind):
        if not vals.get("value"):
            return
        value = normalise(kind, vals["value"])
        if value is None:
            label = dict(self._fields["kind"]._description_selection(self.env)).get(kind, kind)
            raise ValidationError(
                self.env._("“%(value)s” is not a valid identifier of kind “%(kind)s”.", value=vals["value"], kind=label)
            )
        vals["value"] = value

    @api.constrains("company_id", "kind", "value", "date_start", "date_end")
    def _check_overlap(self):
        """One query for the whole batch: the same value may serve one service at a time."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT one.value, first.name, second.name
                  FROM bss_service_identifier one
                  JOIN bss_service_identifier other
                    ON other.company_id = one.company_id
                   AND other.kind = one.kind
                   AND other.value = one.value
                   AND other.id != one.id
                   AND other.date_start <= COALESCE(one.date_end, 'infinity'::date)
                   AND one.date_start <= COALESCE(other.date_end, 'infinity'::date)
                  JOIN bss_service first ON first.id = one.service_id
                  JOIN bss_service second ON second.id = other.service_id
                 WHERE one.id IN %s
                 LIMIT 1
                """,
                tuple(self.ids),
            )
        )
        if rows:
            value, first, second = rows[0]
            raise ValidationError(
                self.env._(
                    "Identifier %(value)s of %(service)s is in use by %(other)s in the same time.",
                    value=value,
                    service=first or "",
                    other=second or "",
                )
            )

    def _bss_valid_on(self, day):
        return self.filtered(lambda one: one.date_start <= day and (not one.date_end or one.date_end >= day))

    def _bss_main(self):
        """The one a service is called by: its phone number, else its login, else whatever it has."""
        return self.sorted(lambda one: (one.kind != "msisdn", one.kind != "login", one.id or 0))[:1]

    @api.model
    def _bss_find_service(self, company, kind, value, day):
        """Service that uses the identifier on ``day`` (empty when none)."""
        normal = normalise(kind, value)
        if normal is None:
            return self.env["bss.service"]
        return (
            self.search(
                [
                    ("company_id", "=", company.id),
                    ("kind", "=", kind),
                    ("value", "=", normal),
                    ("date_start", "<=", day),
                    "|",
                    ("date_end", "=", False),
                    ("date_end", ">=", day),
                ],
                limit=1,
            )
        ).service_id
