"""Promotions that a line grants and ends, beside those that run on its service."""

from odoo import fields, models
from odoo.addons.bss_catalog.adapters import promotion_facts
from odoo.addons.bss_catalog.catalog_core import excluded_by
from odoo.exceptions import UserError
from odoo.fields import Date


class BssContractChangeLine(models.Model):
    _inherit = "bss.contract.change.line"  # pylint: disable=consider-merging-classes-inherited

    ended_grant_ids = fields.Many2many(
        "bss.service.promotion",
        "bss_contract_change_line_ended_grant_rel",
        "line_id",
        "grant_id",
        string="Promotions That End",
        check_company=True,
        domain="['|', ('service_id', '=', service_id), ('service_id.parent_id', '=', service_id)]",
        help="Promotions of the service that end the day before the change holds.",
    )

    def _bss_check_promotions(self):
        result = super()._bss_check_promotions()
        self._bss_check_ended_promotions()
        self._bss_check_running_promotions()
        return result

    def _bss_check_ended_promotions(self):
        running = self._bss_grants_to_come(self.service_id | self.service_id.child_ids)
        for grant in self.ended_grant_ids.sudo():
            if grant not in running:
                raise UserError(
                    self.env._(
                        "Promotion %(promotion)s does not run on %(service)s on %(day)s: there is nothing to end.",
                        promotion=grant.promotion_id.display_name,
                        service=self.service_id.display_name,
                        day=self.change_id._bss_day(),
                    )
                )
            if grant.ended_by_id:
                raise UserError(
                    self.env._(
                        "Promotion %(promotion)s is ended by %(change)s already: undo that one first.",
                        promotion=grant.promotion_id.display_name,
                        change=grant.ended_by_id.display_name,
                    )
                )

    def _bss_grants_to_come(self, services):
        """Grants of ``services`` that run on the day of the change or later."""
        return services.sudo().promotion_grant_ids.filtered(lambda grant: grant._bss_runs_from(self._bss_day()))

    def _bss_check_running_promotions(self):
        """Refuse a promotion that excludes, or is excluded by, one that goes on beside it."""
        for service, promotions in self._bss_promotions_of_services():
            staying = self._bss_staying_grants(service)
            others = staying.promotion_id | self._bss_granted_beside(service)
            for promotion in promotions.sudo():
                rival = excluded_by(promotion_facts(promotion), map(promotion_facts, others))
                if rival:
                    raise UserError(
                        self._bss_rival_words(promotion, others.browse(rival.promotion_id), service, staying)
                    )

    def _bss_staying_grants(self, service):
        """Grants of recurring fees that go on after the day: neither ended here nor of an offering left here."""
        product = self.product_id if self.action == "change" else service._bss_as_of(self._bss_day())["product"]
        ended = self.change_id.line_ids.ended_grant_ids
        return (self._bss_grants_to_come(service) - ended.sudo()).filtered(
            lambda grant: (
                grant.target == "recurring"
                and (not grant.promotion_id._bss_offerings() or product in grant.promotion_id._bss_offerings())
            )
        )

    def _bss_granted_beside(self, service):
        """Promotions that other lines of the change grant to the same service, as one for the whole bundle does."""
        beside = self.env["bss.promotion"].sudo()
        for line in self.change_id.line_ids - self:
            for other, promotions in line._bss_promotions_of_services():
                if other == service:
                    beside |= promotions.sudo()
        return beside

    def _bss_rival_words(self, promotion, rival, service, staying):
        grant = staying.filtered(lambda one: one.promotion_id == rival)[:1]
        if not grant:
            return self.env._(
                "Promotions %(promotion)s and %(other)s cannot be combined: both are granted to %(service)s.",
                promotion=promotion.display_name,
                other=rival.display_name,
                service=service.display_name,
            )
        last = grant._bss_last_day()
        return self.env._(
            "Promotion %(promotion)s cannot be granted: %(service)s has %(other)s %(until)s, and the two cannot be "
            "combined. End that one in the same change, or choose a day after it.",
            promotion=promotion.display_name,
            service=service.display_name,
            other=rival.display_name,
            until=self.env._("until %(day)s", day=self.change_id._bss_day(last))
            if last
            else self.env._("without an end"),
        )

    def _bss_end_promotions(self):
        """What the lines end has its last day the day before, and can be taken back with the change."""
        for line in self.filtered("ended_grant_ids"):
            change, grants = line.change_id, line.ended_grant_ids.sudo()
            grants.service_id.with_env(self.env).check_access("write")
            before = {str(one.id): Date.to_string(one.date_end) or False for one in grants}
            change._bss_remember(promotions={**((change.undo_data or {}).get("promotions") or {}), **before})
            for grant in grants:
                last = Date.subtract(max(line._bss_day(), grant.date_start), days=1)
                grant.write({"date_end": last, "ended_by_id": change.id})
            grants.service_id._bss_touch()
