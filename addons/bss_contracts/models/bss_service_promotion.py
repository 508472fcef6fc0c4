from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..billing_core import Suspension, promotion_end


class BssServicePromotion(models.Model):
    """A promotion granted to a service; its steps count months from the first day of the grant."""

    _name = "bss.service.promotion"
    _description = "Granted Promotion"
    _order = "service_id, date_start, id"
    _rec_name = "promotion_id"
    _check_company_auto = True

    service_id = fields.Many2one("bss.service", required=True, index=True, ondelete="cascade", check_company=True)
    account_id = fields.Many2one(related="service_id.account_id", string="Billing Account")
    company_id = fields.Many2one(related="service_id.company_id", store=True, index=True, precompute=True)
    promotion_id = fields.Many2one("bss.promotion", required=True, index=True, check_company=True, ondelete="restrict")
    target = fields.Selection(related="promotion_id.target")
    date_start = fields.Date(string="From", required=True, help="First day of the first month of the promotion.")
    date_end = fields.Date(string="To", help="Last day, included; empty = as long as its steps say.")
    change_id = fields.Many2one(
        "bss.contract.change", string="Contract Change", index="btree_not_null", check_company=True, ondelete="restrict"
    )

    ended_by_id = fields.Many2one(
        "bss.contract.change",
        string="Ended by Change",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="The contract change that ended it before its last month.",
    )

    _grant_unique = models.Constraint(
        "UNIQUE(service_id, promotion_id, date_start)", "The service has this promotion from this day already."
    )
    _dates_check = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_start - 1)", "The promotion ends before it starts."
    )

    def _bss_last_day(self):
        """Last day of its last month, or the day on which it was ended; None = without an end known today."""
        self.ensure_one()
        steps = self.promotion_id.step_ids
        months = [step.month_to for step in steps]
        last = None
        if all(months):
            waits = self.service_id.suspension_ids if self.promotion_id.stops_while_suspended else ()
            spans = [Suspension(one.date_start, one.date_end or None, Decimal(0)) for one in waits]
            last = promotion_end(self.date_start, max(months, default=1), spans)
        return min(last, self.date_end) if last and self.date_end else last or self.date_end or None

    def _bss_runs_from(self, day):
        """Whether it runs on ``day`` or later."""
        last = self._bss_last_day()
        return not last or last >= max(day, self.date_start)


class BssPromotion(models.Model):
    _inherit = "bss.promotion"  # pylint: disable=consider-merging-classes-inherited

    def _bss_grant_counts(self):
        counts = super()._bss_grant_counts()
        groups = (
            self.env["bss.service.promotion"]
            .sudo()
            ._read_group([("promotion_id", "in", self._origin.ids)], ["promotion_id"], ["service_id:count_distinct"])
        )
        for promotion, count in groups:
            counts[promotion.id] = counts.get(promotion.id, 0) + count
        return counts

    def _bss_take_turn(self):
        """Who grants promotions of a limited number does it one after another, each with the count of the one before.

        The rows are updated and not only locked: a transaction that began earlier would go on counting the old grants,
        and begins again instead.
        """
        for promotion_id in sorted(self.sudo().filtered("max_grants").ids):
            self.env.cr.execute(SQL("UPDATE bss_promotion SET max_grants = max_grants WHERE id = %s", promotion_id))

    def _bss_used_up(self, wanted):
        """Those of these promotions that have not enough grants left.

        :param wanted: {promotion: number of services that shall get it}
        """
        counts = self._bss_grant_counts()
        return self.filtered(lambda one: one.max_grants and counts.get(one.id, 0) + wanted[one] > one.max_grants)


class BssService(models.Model):
    _inherit = "bss.service"  # pylint: disable=consider-merging-classes-inherited

    promotion_grant_ids = fields.One2many("bss.service.promotion", "service_id", string="Promotions", copy=False)

    def _bss_grant(self, promotion, start, change=None):
        """Grant ``promotion`` from ``start``, the first day of its first month; a repeat changes nothing.

        :raise UserError: the promotion is not on sale (one taken over from the predecessor runs on).
        """
        self.check_access("write")
        start = fields.Date.to_date(start)
        grants = self.env["bss.service.promotion"].sudo()
        for service in self:
            if (
                promotion
                in service.sudo().promotion_grant_ids.filtered(lambda one: one.date_start == start).promotion_id
            ):
                continue
            if promotion.state != "on_sale" and promotion not in service.sudo()._bss_promised_promotions():
                raise UserError(self.env._("Promotion %(promotion)s is not on sale.", promotion=promotion.display_name))
            grants |= grants.create(
                {
                    "service_id": service.id,
                    "promotion_id": promotion.id,
                    "date_start": start,
                    "change_id": change.id if change else False,
                }
            )
        self._bss_touch()
        self.invalidate_recordset(["promotion_grant_ids"])
        return grants

    def _bss_promised_promotions(self):
        return super()._bss_promised_promotions() | self.predecessor_id.promotion_grant_ids.promotion_id

    @api.model
    def _bss_undo_grants(self, change):
        """Services that lost the promotions granted by ``change``, or got back those it ended."""
        grants = self.env["bss.service.promotion"].sudo().search([("change_id", "=", change.id)])
        ended = grants.search([("ended_by_id", "=", change.id)])
        before = (change.undo_data or {}).get("promotions") or {}
        for grant in ended:
            grant.write({"date_end": before.get(str(grant.id)) or False, "ended_by_id": False})
        services = grants.service_id | ended.service_id
        grants.unlink()
        services.invalidate_recordset(["promotion_grant_ids"])
        return services
