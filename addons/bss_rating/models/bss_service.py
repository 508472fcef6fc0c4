from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import ValidationError


class BssService(models.Model):
    _inherit = "bss.service"

    allowance_ids = fields.One2many("bss.allowance", "service_id", string="Allowances", readonly=True)
    notice_ids = fields.One2many("bss.usage.notice", "service_id", string="Thresholds Reached", readonly=True)
    earlier_plan_ids = fields.One2many("bss.service.rate.plan", "service_id", string="Earlier Rate Plans", copy=False)

    def write(self, vals):
        """A change of plan counts from today: calls of earlier days keep the plan of their day."""
        if not {"rate_plan_id", "product_id"} & vals.keys():
            return super().write(vals)
        before = {service: service.rate_plan_id for service in self}
        done = super().write(vals)
        self.env["bss.service.rate.plan"].sudo()._bss_note(
            {service: plan for service, plan in before.items() if plan and plan != service.rate_plan_id}
        )
        return done

    def _bss_rate_plan_on(self, day):
        """The version of the plan that prices usage of ``day``, as the rating run chooses it; empty when there is none."""
        self.ensure_one()
        earlier = self.earlier_plan_ids.filtered(lambda had: had.date_end >= day).sorted("date_end")[:1].plan_id
        plan = earlier or self.rate_plan_id
        versions = plan.search(
            [
                ("company_id", "=", plan.company_id.id),
                ("code", "=", plan.code),
                ("state", "in", ("active", "withdrawn")),
                "|",
                ("date_start", "=", False),
                ("date_start", "<=", day),
            ]
        )
        valid = versions.filtered(lambda one: not one.date_end or one.date_end >= day)
        return valid.sorted(lambda one: (one.state, one != plan, -(one.date_start or day.min).toordinal()))[:1]


class BssServiceRatePlan(models.Model):
    """A plan that a service had before; the first row that ends on or after a day tells the plan of that day."""

    _name = "bss.service.rate.plan"
    _description = "Earlier Rate Plan of a Service"
    _order = "service_id, date_end desc"
    _rec_name = "plan_id"
    _check_company_auto = True

    service_id = fields.Many2one("bss.service", required=True, ondelete="cascade", check_company=True)
    company_id = fields.Many2one(related="service_id.company_id", store=True, index=True, precompute=True)
    plan_id = fields.Many2one(
        "bss.rate.plan", string="Rate Plan", required=True, index=True, ondelete="restrict", check_company=True
    )
    date_end = fields.Date(string="Last Day", required=True, help="From the next day on the following plan prices.")

    _day_unique = models.Constraint("UNIQUE(service_id, date_end)", "Another plan of the service ends on that day.")

    @api.constrains("date_end")
    def _check_date_end(self):
        today = self._bss_today()
        if any(row.date_end >= today for row in self):
            raise ValidationError(self.env._("An earlier rate plan ended before today."))

    @api.model
    def _bss_today(self):
        return polish_day.today()

    @api.model
    def _bss_note(self, plans):
        """Yesterday was the last day of these plans; one that came today did not have a day.

        :param plans: {service: the plan it had until now}
        """
        if not plans:
            return
        last = self._bss_today() - timedelta(days=1)
        services = self.env["bss.service"].union(*plans)
        known = self.search([("service_id", "in", services.ids), ("date_end", ">=", last)]).service_id
        self.create(
            [
                {"service_id": service.id, "plan_id": plan.id, "date_end": last}
                for service, plan in plans.items()
                if service not in known
            ]
        )
