"""Everything that happened around one case, in the order in which it happened."""

from odoo import fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import format_amount, format_date

ICONS = {
    "email": "fa-at",
    "letter": "fa-envelope-o",
    "sms": "fa-commenting-o",
    "call": "fa-phone",
    "restrict": "fa-ban",
    "suspend": "fa-power-off",
    "terminate": "fa-times-circle",
}
# of what has no moment of its own: it stands before, or after, all else of its day
FIRST, LAST = (fields.Datetime.to_datetime(day) for day in ("1900-01-01", "9999-12-31"))
COLOURS = {"done": "success", "delivered": "success", "failed": "danger", "planned": "warning", "cancelled": "muted"}


class BssDunningCaseTimeline(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    def get_timeline(self):
        """Events of the case, newest first, ready to show: day, icon, colour, title, text, amount, cost, record.

        Other files add their own by extending ``_bss_timeline``.
        """
        self.ensure_one()
        self.check_access("read")
        events = [event for event in self._bss_timeline() if event["day"]]
        events.sort(key=lambda event: (event["day"], event["moment"] or FIRST, event["order"]), reverse=True)
        return [
            {
                **{name: value for name, value in event.items() if name not in ("moment", "order")},
                "day": format_date(self.env, event["day"]),
                "amount": self._bss_timeline_money(event["amount"]),
                "cost": self._bss_timeline_money(event["cost"]),
            }
            for event in events
        ]

    def _bss_timeline_money(self, amount):
        return format_amount(self.env, amount, self.currency_id) if amount else ""

    def _bss_timeline(self):
        """Unordered events of every kind that this user may see."""
        events = self._bss_timeline_course() + self._bss_timeline_actions()
        events += self._bss_timeline_proofs() + self._bss_timeline_promises()
        if self.env["bss.sms.log"].has_access("read"):
            events += self._bss_timeline_messages()
        if self.env["bss.service.order"].has_access("read"):
            events += self._bss_timeline_orders()
        if self.env["account.move.line"].has_access("read"):
            events += self._bss_timeline_payments()
        return events

    def _bss_event(self, day, title, record=None, **more):
        """One event; what is not given is empty, its moment among others of the day is that of its record."""
        return {
            "day": day,
            "title": title,
            "text": "",
            "icon": "fa-circle-o",
            "colour": "info",
            "amount": 0.0,
            "cost": 0.0,
            "moment": record.create_date if record else None,
            "order": record.id if record else 0,
            "model": record._name if record else False,
            "id": record.id if record else False,
            **more,
        }

    def _bss_timeline_course(self):
        opened = self._bss_event(self.date_opened, self.env._("Case opened"), icon="fa-flag-o")
        reasons = dict(self._fields["close_reason"]._description_selection(self.env))
        closed = self._bss_event(
            self.date_closed,
            self.env._("Case closed"),
            text=reasons.get(self.close_reason, ""),
            icon="fa-check",
            colour="success",
            moment=LAST,
        )
        return [opened, closed]

    def _bss_timeline_actions(self):
        states = dict(self.env["bss.dunning.action"]._fields["state"]._description_selection(self.env))
        return [
            self._bss_event(
                action.date_done or action.date,
                f"{action.display_name}: {states[action.state]}",
                action,
                text=action.reason or "",
                icon=ICONS.get(action.channel or action.step_id.channel, "fa-list"),
                colour=COLOURS.get(action.state, "muted"),
                amount=action.amount,
                cost=action.cost,
            )
            for action in self.action_ids
        ]

    def _bss_timeline_proofs(self):
        return [
            self._bss_event(
                polish_day.day_of(document.delivered_at),
                self.env._("Delivered: %(letter)s", letter=document.name),
                document,
                text=document.delivery_note or "",
                icon="fa-envelope-open-o",
                colour="success",
            )
            for document in self.action_ids.document_id
            if document.delivered_at
        ]

    def _bss_timeline_promises(self):
        states = dict(self.env["bss.dunning.promise"]._fields["state"]._description_selection(self.env))
        return [
            self._bss_event(
                promise.date_made,
                self.env._("Promise: %(words)s, %(state)s", words=promise.display_name, state=states[promise.state]),
                promise,
                text=promise.note or "",
                icon="fa-handshake-o",
                colour={"kept": "success", "broken": "danger"}.get(promise.state, "info"),
                amount=promise.amount,
            )
            for promise in self.promise_ids
        ]

    def _bss_timeline_messages(self):
        messages = self.env["bss.sms.log"].search([("action_id", "in", self.action_ids.ids)])
        states = dict(messages._fields["state"]._description_selection(self.env))
        return [
            self._bss_event(
                message.date,
                self.env._("SMS to %(phone)s: %(state)s", phone=message.phone, state=states[message.state]),
                message,
                text=message.problem_text or message.body or "",
                icon="fa-commenting-o",
                colour=COLOURS.get(message.state, "info"),
            )
            for message in messages
        ]

    def _bss_timeline_orders(self):
        orders = self.action_ids.order_ids
        names = dict(orders._fields["action"]._description_selection(self.env))
        states = dict(orders._fields["state"]._description_selection(self.env))
        return [
            self._bss_event(
                order.date_effective or polish_day.day_of(order.requested_at),
                f"{names[order.action]}, {order.service_id.display_name}: {states[order.state]}",
                order,
                text=order.response or order.reason or "",
                icon=ICONS.get(order.action, "fa-plug"),
                colour=COLOURS.get(order.state, "info"),
            )
            for order in orders
        ]

    def _bss_timeline_payments(self):
        since = self.date_opened
        return [
            self._bss_event(
                line.date,
                self.env._("Payment %(name)s", name=line.move_id.name or ""),
                line.move_id,
                text=line.name or "",
                icon="fa-money",
                colour="success",
                amount=line.credit,
            )
            for line in self.payment_line_ids
            if not since or line.date >= since
        ]
