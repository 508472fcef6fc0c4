"""Service orders and the networks that carry them out: sending, fetching, answers, alarms."""

import logging
from datetime import timedelta

import requests
from odoo import api, fields, models
from odoo.exceptions import LockError, UserError

from .. import adapters
from ..enact import enact
from ..provisioning_core import Answer, backoff_s, message, read_answer

CHANNEL = "root.bss.provisioning"
_logger = logging.getLogger(__name__)


class BssServiceOrder(models.Model):
    _inherit = "bss.service.order"  # pylint: disable=consider-merging-classes-inherited

    adapter_id = fields.Many2one(
        "bss.provisioning.adapter",
        string="Network",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        copy=False,
        help="The network that carries the order out.",
    )
    adapter_kind = fields.Selection(related="adapter_id.kind", string="Way to the Network")
    attempts = fields.Integer(readonly=True, copy=False, help="How often the order was sent without an answer.")
    next_attempt_at = fields.Datetime(readonly=True, copy=False)
    last_error = fields.Char(readonly=True, copy=False, help="Why the last attempt did not succeed.")
    alarmed_at = fields.Datetime(
        string="Alarm Raised", readonly=True, copy=False, help="The network did not answer in time."
    )

    _line = models.Index("(service_id, date_valid_from, id) WHERE state IN ('queued', 'sent')")
    _waiting = models.Index("(sent_at) WHERE state = 'sent' AND alarmed_at IS NULL")

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        open_orders = orders.filtered(lambda order: not order.adapter_id)
        found = self.env["bss.provisioning.adapter"]._bss_for_services(open_orders.service_id)
        for adapter, group in open_orders.grouped(lambda order: found[order.service_id]).items():
            group.adapter_id = adapter
        return orders

    def write(self, vals):
        answered = self.browse()
        if vals.get("state") in ("done", "failed", "cancelled"):
            answered = self.filtered(lambda order: order.state in ("queued", "sent"))
        result = super().write(vals)
        if answered:
            answered._bss_dispatch_next()
        return result

    # -- one after another ---------------------------------------------------------------------------

    def _bss_first_in_line(self):
        """Those of these queued orders before which no other open order of the same service stands."""
        lines = self.search(
            [
                ("service_id", "in", self.service_id.ids),
                ("state", "in", ("queued", "sent")),
                ("action", "!=", "message"),
            ]
        )
        first = {
            service: min(orders, key=lambda order: order._bss_rank())
            for service, orders in lines.grouped("service_id").items()
        }
        return self.filtered(lambda order: order.action == "message" or first.get(order.service_id) == order)

    def _bss_dispatch_next(self):
        waiting = self.search(
            [
                ("service_id", "in", self.service_id.ids),
                ("state", "=", "queued"),
                ("adapter_id.kind", "=", "push"),
            ]
        )
        waiting._bss_dispatch(self._bss_today())

    # -- push ----------------------------------------------------------------------------------------

    def _bss_enqueue_push(self, eta=None):
        for order in self:
            order.with_delay(
                channel=CHANNEL,
                eta=eta,
                max_retries=0,
                identity_key=f"bss_service_order_push:{order.id}:{order.attempts}",
                description=self.env._("Send service order %(name)s", name=order.name),
            )._bss_push()

    def _bss_push(self):
        """Job: post one order. The key makes a repetition harmless; what fails for now is tried again later."""
        self.ensure_one()
        try:
            self.lock_for_update()
        except LockError:
            self._bss_enqueue_push(eta=backoff_s(1))
            return
        self.invalidate_recordset()
        ready = self.state == "queued" and self.adapter_id.kind == "push"
        if not ready or self.date_valid_from > self._bss_today() or not self._bss_first_in_line():
            return
        data = message(adapters.order_facts(self))
        try:
            response = self.adapter_id._bss_http(
                "POST", "/orders", data=data, headers={"Idempotency-Key": self.idempotency_key}
            )
            answer = read_answer(response.status_code, response.content, response.headers.get("Retry-After"))
        except requests.RequestException as error:
            answer = Answer("retry", text=self.adapter_id._bss_why_silent(error))
        _logger.info("Service order %s to network %s: %s", self.name, self.adapter_id.id, answer.state)
        self._bss_take_answer(answer)

    def _bss_retry_later(self, answer):
        enact(self, {"attempts": self.attempts + 1, "last_error": answer.text})
        if self.attempts >= self.adapter_id.max_attempts:
            self._bss_failed(
                self.env._(
                    "The network did not take the order in %(count)s attempts: %(error)s",
                    count=self.attempts,
                    error=answer.text,
                )
            )
            self._bss_raise_alarm()
            return
        wait = max(backoff_s(self.attempts), answer.retry_after_s or 0)
        enact(self, {"next_attempt_at": fields.Datetime.now() + timedelta(seconds=wait)})
        if not self.env.context.get("queue_job__no_delay"):
            self._bss_enqueue_push(eta=wait)

    # -- answers -------------------------------------------------------------------------------------

    def _bss_take_answer(self, answer):
        """The order follows an answer of the network (kernel value); the same answer twice changes nothing.

        :return: None, or a code why the answer cannot be taken
        """
        self.ensure_one()
        if answer.state == "retry":
            return self._bss_retry_later(answer)
        if answer.effective and answer.effective > self._bss_today():
            return "FUTURE"
        if self.state == "cancelled" and not self.superseded_by_id:
            return "CANCELLED"
        if answer.state == "done":
            self._bss_done(answer.text or None, answer.reference or None, answer.effective)
        elif self.state == "done":
            return None if answer.state == "accepted" else "DONE"
        elif answer.state == "failed":
            self._bss_note(answer)
            self._bss_failed(answer.text or self.env._("The network refused the order."))
        elif self.state in ("queued", "failed"):
            enact(self, {"state": "sent", "sent_at": fields.Datetime.now()})
            self._bss_note(answer)
        return None

    def _bss_note(self, answer):
        enact(
            self,
            {
                "external_ref": answer.reference or self.external_ref,
                "response": answer.text or self.response,
                "last_error": False,
                "next_attempt_at": False,
            },
        )

    # -- pull ----------------------------------------------------------------------------------------

    @api.model
    def _bss_fetch(self, adapters_of_user, limit):
        """Messages of due orders that wait for these adapters, oldest first; one per service at a time."""
        waiting = self.sudo().search(
            [
                ("adapter_id", "in", adapters_of_user.ids),
                ("state", "=", "queued"),
                ("date_valid_from", "<=", self._bss_today()),
            ],
            order="date_valid_from, id",
            limit=10 * limit,
        )
        waiting -= waiting._bss_close_held()
        return [message(adapters.order_facts(order)) for order in waiting._bss_first_in_line()[:limit]]

    # -- alarms --------------------------------------------------------------------------------------

    @api.model
    def _bss_alarm_unanswered(self, now):
        """Orders without an answer for longer than their network allows: one alarm per network, each order once."""
        sent = self.search([("state", "=", "sent"), ("alarmed_at", "=", False), ("adapter_id", "!=", False)])
        waiting = self.search(
            [
                ("state", "=", "queued"),
                ("alarmed_at", "=", False),
                ("adapter_id.kind", "in", ("push", "pull")),
                ("date_valid_from", "<=", self._bss_today()),
            ]
        )
        late = (sent | waiting).filtered(
            lambda order: now - order._bss_due_at() > timedelta(hours=order.adapter_id.answer_hours)
        )
        late._bss_raise_alarm(now)
        return late

    def _bss_due_at(self):
        """Instant from which the network has had the time to answer."""
        day = fields.Datetime.to_datetime(self.date_valid_from)
        return max(self.sent_at or self.requested_at or self.create_date, day)

    def _bss_raise_alarm(self, now=None):
        """One activity and one message per network for the person in charge; more orders join the open alarm."""
        for adapter, orders in self.grouped("adapter_id").items():
            enact(orders, {"alarmed_at": now or fields.Datetime.now()})
            if not adapter:
                continue
            adapter = adapter.sudo()
            summary = self.env._("Service orders without an answer or failed")
            known = adapter.activity_ids.filtered(lambda one, summary=summary: one.summary == summary)
            if known:
                continue  # thousands of orders of a dead network are one piece of news
            adapter.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=summary,
                user_id=(adapter.responsible_id or self.env.ref("base.user_admin")).id,
            )
            adapter.message_post(
                body=self.env._("Without an answer or failed: %(orders)s", orders=", ".join(orders.mapped("name"))),
                partner_ids=adapter.responsible_id.partner_id.ids,
            )

    def action_send_again(self):
        """Send failed or waiting orders now, with a fresh count of attempts."""
        closed = self.filtered(lambda order: order.state not in ("queued", "failed"))
        if closed and closed == self:
            raise UserError(self.env._("Only waiting or failed orders can be sent again."))
        again = self - closed
        enact(
            again,
            {"state": "queued", "attempts": 0, "next_attempt_at": False, "last_error": False, "alarmed_at": False},
        )
        again._bss_dispatch(self._bss_today())
