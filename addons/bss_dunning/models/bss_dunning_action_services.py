"""Services that actions restrict or suspend, and their way back once the debt is paid."""

from collections import defaultdict

from markupsafe import Markup
from odoo import api, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_contracts.document_core import format_date
from odoo.tools import SQL


class BssDunningActionServices(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    def _bss_do_restrict(self, as_of):
        return self._bss_order("restrict", as_of)

    def _bss_do_suspend(self, as_of):
        return self._bss_order("suspend", as_of)

    def _bss_order(self, action, as_of):
        services = self.account_id.sudo().service_ids._bss_without_heads()
        services = services.filtered(lambda service: service.state == "active")
        if not services:
            return self.env._("No active service.")
        reason = self.env._("Arrears, case %(case)s", case=self.case_id.name)
        orders = (
            self.env["bss.service.order"].sudo()._bss_request(services, action, reason, valid_from=as_of, cause="debt")
        )
        self.order_ids = orders
        return self.env._("Service orders: %(count)s.", count=len(orders))

    def _bss_services_done_on(self, kind):
        """Polish day on which the last service was blocked, None while any order of this kind is open."""
        orders = self.filtered(lambda action: not action.released).sudo().order_ids
        orders = orders.filtered(
            lambda order: order.action == kind and order.state != "cancelled" and not order.superseded_by_id
        )
        if not orders or any(order.state != "done" for order in orders):
            return None
        return polish_day.day_of(max(orders.mapped("done_at")))

    # After payment

    def _bss_release_services(self, as_of):
        """After payment: open blocks are cancelled, made ones are taken back within the statutory days."""
        blocked = self.filtered(lambda action: action.order_ids and not action.released)
        for action in blocked.sudo():
            orders = action.order_ids
            orders.filtered(lambda order: order.state in ("draft", "queued", "failed")).action_cancel()
            services = orders.filtered(lambda order: order.state in ("sent", "done")).service_id
            action._bss_resume(services, as_of, action.case_id._bss_resume_deadline(as_of))

    def _bss_resume(self, services, as_of, deadline):
        """Order the services of one action back; the action keeps the orders."""
        reason = self.env._("Paid, case %(case)s", case=self.case_id.name)
        text = self.env._("Resume by %(day)s at the latest.", day=format_date(deadline))
        resumed = (
            self.env["bss.service.order"]
            .sudo()
            ._bss_request(services, "resume", reason, valid_from=as_of, text=text, cause="debt")
        )
        self.write({"released": True, "order_ids": [(4, order.id) for order in resumed]})

    # Repair: nobody who paid stays blocked

    @api.model
    def _bss_still_blocked(self, company):
        """{action: services} that this action blocked, the last to do so, although its case is closed."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH last AS (
                    SELECT DISTINCT ON (service.id) service.id AS service_id, done.id AS order_id
                      FROM bss_service service
                      JOIN bss_service_order done ON done.service_id = service.id
                     WHERE service.company_id = %s
                       AND (service.state = 'suspended' OR (service.state = 'active' AND service.is_restricted))
                       AND done.state = 'done' AND done.superseded_by_id IS NULL
                       AND done.action IN ('restrict', 'suspend')
                     ORDER BY service.id, done.done_at DESC, done.id DESC
                )
                SELECT MAX(action.id), last.service_id
                  FROM last
                  JOIN bss_dunning_action_order_rel rel ON rel.order_id = last.order_id
                  JOIN bss_dunning_action action ON action.id = rel.action_id
                  JOIN bss_dunning_case dunning ON dunning.id = action.case_id
                 GROUP BY last.service_id
                HAVING bool_and(dunning.state = 'closed')
                """,
                company.id,
            )
        )
        blocked = defaultdict(list)
        for action_id, service_id in rows:
            blocked[self.sudo().browse(action_id)].append(service_id)
        return {action: self.env["bss.service"].sudo().browse(ids) for action, ids in blocked.items()}

    @api.model
    def _bss_repair_blocks(self, company, as_of):
        """Order back what stayed blocked after payment, and alarm when an order is missing or late."""
        repaired = self.env["bss.service"].sudo()
        for action, services in self._bss_still_blocked(company).items():
            case = action.case_id
            deadline = case._bss_resume_deadline(case.date_closed or as_of)
            waiting = services.order_ids.filtered(
                lambda order: order.action == "resume" and order.state in ("draft", "queued", "sent")
            ).service_id
            missing = services - waiting
            if missing:
                action._bss_resume(missing, as_of, deadline)
            alarming = services if as_of > deadline else missing
            if alarming:
                action._bss_alarm_blocked(alarming, deadline)
            repaired |= missing
        return repaired

    def _bss_alarm_blocked(self, services, deadline):
        """One open alarm per case for the collector, due on the last lawful day of the resumption."""
        case = self.case_id.sudo()
        if case.activity_search(["mail.mail_activity_data_warning"]):
            return
        user = case.user_id or self.step_id.strategy_id.user_id or self.env.user
        case.activity_schedule(
            "mail.mail_activity_data_warning",
            date_deadline=deadline,
            summary=self.env._("Paid, but services are still blocked"),
            note=Markup("<p>%s</p>") % ", ".join(services.mapped("display_name")),
            user_id=user.id,
        )
