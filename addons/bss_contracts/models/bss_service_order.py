import uuid

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError, ValidationError

from ..enact import enact, enact_create

OPEN_STATES = ("draft", "queued", "sent")
BLOCKS = ("suspend", "restrict")
ONCE_IN_A_LIFE = ("activate", "terminate")


def _with_note(text, note):
    return "\n".join(filter(None, (text, note)))


class BssServiceOrder(models.Model):
    _name = "bss.service.order"
    _inherit = ["mail.thread"]
    _description = "Service Order"
    _order = "requested_at desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "service_id"]

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    service_id = fields.Many2one("bss.service", required=True, index=True, check_company=True, ondelete="restrict")
    account_id = fields.Many2one(related="service_id.account_id", store=True, index=True, string="Billing Account")
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    company_id = fields.Many2one(related="service_id.company_id", store=True, index=True, precompute=True)
    service_type = fields.Selection(related="service_id.service_type", store=True)
    location_id = fields.Many2one(related="service_id.location_id")
    action = fields.Selection(
        [
            ("activate", "Activate"),
            ("restrict", "Restrict"),
            ("suspend", "Suspend"),
            ("resume", "Resume"),
            ("change", "Change"),
            ("terminate", "Terminate"),
            ("message", "Message"),
        ],
        required=True,
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("queued", "Queued"),
            ("sent", "Sent"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    cause = fields.Selection(
        [("request", "Customer's request"), ("debt", "Debt"), ("technical", "Technical")],
        required=True,
        default="request",
        help="Why the service is blocked: what is charged during the block depends on it.",
    )
    reason = fields.Char()
    text = fields.Text(help="Message to the subscriber or note to the technician.")
    date_valid_from = fields.Date(
        string="Valid From", required=True, default=polish_day.today, help="The network changes on this day."
    )
    requested_at = fields.Datetime(readonly=True, copy=False, default=fields.Datetime.now)
    sent_at = fields.Datetime(readonly=True, copy=False)
    done_at = fields.Datetime(readonly=True, copy=False)
    date_effective = fields.Date(
        string="Done On", readonly=True, copy=False, help="Day on which the network did it; charges follow this day."
    )
    superseded_by_id = fields.Many2one(
        "bss.service.order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        help="A newer order took the place of this one: it does not change the service any more.",
    )
    response = fields.Text(copy=False, help="What the network or the technician answered.")
    external_ref = fields.Char(string="Network Reference", copy=False)
    idempotency_key = fields.Char(
        required=True,
        copy=False,
        readonly=True,
        default=lambda self: str(uuid.uuid4()),
        help="The network sees the same key when an order is sent again.",
    )

    _key_unique = models.Constraint("UNIQUE(company_id, idempotency_key)", "This service order exists already.")
    # blocks of different causes stand beside each other: each ends with its own resumption
    _open_unique = models.UniqueIndex(
        "(service_id, action,"
        " (CASE WHEN action IN ('activate', 'terminate') THEN '' ELSE cause END),"
        " (CASE WHEN action IN ('activate', 'terminate') THEN 0 ELSE COALESCE(change_id, 0) END))"
        " WHERE state IN ('draft', 'queued', 'sent') AND action NOT IN ('message', 'change')",
        "The same order is already in progress for this service.",
    )

    @api.depends("name")
    def _compute_display_name(self):
        for order in self:
            order.display_name = order.name if order.name != "/" else self.env._("New service order")

    @api.constrains("action", "service_id", "date_valid_from")
    def _check_number(self):
        """A telephone service without a number cannot be served, and its calls would find nobody."""
        activations = self.filtered(lambda order: order.action == "activate" and order.state in OPEN_STATES)
        for day, orders in activations.grouped("date_valid_from").items():
            lacking = orders.service_id._bss_without_number(day)
            if lacking:
                raise ValidationError(
                    self.env._(
                        "A telephone service needs a phone number valid on %(day)s before it can be activated: "
                        "%(services)s.",
                        day=fields.Date.to_string(day),
                        services=", ".join(f"{one.contract_id.name} {one.name}" for one in lacking),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                service = self.env["bss.service"].browse(vals.get("service_id"))
                company = service.company_id.id or self.env.company.id
                vals["name"] = self.env["ir.sequence"].with_company(company).next_by_code("bss.service.order")
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(order.state not in ("draft", "cancelled") for order in self):
            raise UserError(self.env._("A service order on its way cannot be deleted."))

    @api.model
    def _bss_request(
        self, services, action, reason, valid_from=None, text=None, cause="request", change=None, planned=None
    ):
        """Order ``action`` for each service; an order of the same kind in progress takes the new day instead.

        A block or resumption takes the place only of one with its own cause and contract change: a debt never
        moves what was agreed with the customer.

        :param cause: ``request``, ``debt`` or ``technical``: decides what is charged while a service is suspended.
        :param change: the contract change that asks for it.
        :param planned: open orders of other changes that shall take the new day all the same.

        What the new order makes pointless (a block before a resume, a resume before a suspension) is superseded.
        """
        today = polish_day.today()
        day = valid_from or today
        services = services._bss_without_heads()
        wanted = self.new({"action": action, "cause": cause, "change_id": change.id if change else False})
        withdrawn = wanted._bss_outdated(services, today) if day <= today else self.browse()
        services = wanted._bss_eligible(services, withdrawn)
        known = wanted._bss_same_open(services)
        if planned:
            known = (known | planned).filtered(lambda order: order.service_id in services)
        known._bss_move_to(day)
        missing = services - known.service_id
        created = enact_create(
            self,
            [
                {
                    "service_id": service.id,
                    "action": action,
                    "cause": cause,
                    "reason": reason,
                    "text": text,
                    "date_valid_from": day,
                    "state": "queued",
                    "change_id": wanted.change_id.id,
                }
                for service in missing
            ],
        )
        orders = known | created
        withdrawn._bss_supersede(orders, reason)
        orders._bss_dispatch(today)
        return orders

    def _bss_same_open(self, services):
        """Open orders of the services whose place an order like this one takes."""
        if self.action in ("message", "change"):
            return self.browse()
        domain = [("service_id", "in", services.ids), ("action", "=", self.action), ("state", "in", OPEN_STATES)]
        if self.action not in ONCE_IN_A_LIFE:
            domain += [("cause", "=", self.cause), ("change_id", "=", self.change_id.id)]
        return self.search(domain)

    def _bss_lifts(self):
        """Cause of the blocks that this resumption ends; empty: of all, as when a clerk switches on by hand."""
        return self.cause if self.cause != "request" or self.change_id else False

    def _bss_concerns(self, other):
        """Whether a block and a resumption, this and the other one, are about the same cause."""
        resume, block = (self, other) if self.action == "resume" else (other, self)
        return resume._bss_lifts() in (False, block.cause)

    def _bss_is_held(self):
        """A resumption of a service that another cause keeps suspended: the network has nothing to do."""
        today, lifts = self._bss_today(), self._bss_lifts()
        return bool(
            self.action == "resume"
            and lifts
            and self.service_id.state == "suspended"
            and self.service_id.sudo().suspension_ids.filtered(
                lambda one: one.cause != lifts and one._bss_overlaps(today, today)
            )
        )

    def _bss_outdated(self, services, today):
        """Orders not done yet, due by ``today``, that an order like this one makes pointless."""
        action = self.action
        opposite = {"resume": BLOCKS, "suspend": ("resume",)}.get(action, ())
        if action == "restrict":
            # a suspended service still needs its resume to become a restricted one
            services = services.filtered(lambda service: service.state != "suspended")
            opposite = ("resume",)
        orders = services.order_ids
        unfinished = orders.filtered(lambda order: order.action in opposite and order.date_valid_from <= today)
        unfinished = unfinished.filtered(self._bss_concerns)
        failed = orders.filtered(
            lambda order: order.action == action and order.state == "failed" and order.cause == self.cause
        )
        return unfinished.filtered(lambda order: order.state in (*OPEN_STATES, "failed")) | failed

    def _bss_supersede(self, orders, reason):
        """Withdraw these orders; ``orders`` (at most one per service) took their place."""
        newer = {order.service_id: order for order in orders}
        for order in self:
            by = newer.get(order.service_id, self.browse())
            note = (
                self.env._("Superseded by %(order)s: %(reason)s", order=by.name, reason=reason or "")
                if by
                else self.env._("Withdrawn before it was sent: %(reason)s", reason=reason or "")
            )
            response = _with_note(order.response, note)
            enact(order, {"state": "cancelled", "superseded_by_id": by.id, "response": response})

    def _bss_move_to(self, day):
        """Open orders shall hold from ``day`` on; one handed over already comes back when that day is ahead."""
        today = polish_day.today()
        for order in self.filtered(lambda one: one.date_valid_from != day):
            if day > today:
                state = "queued" if order.state == "sent" else order.state
                enact(order, {"date_valid_from": day, "state": state, "sent_at": False})
            elif order.date_valid_from > today:
                enact(order, {"date_valid_from": day})

    def _bss_eligible(self, services, withdrawn):
        """Services for which an order like this one makes sense in their state."""
        action = self.action
        if action == "activate":
            return services.filtered(lambda service: service.state == "pending")
        if action in BLOCKS:
            return services.filtered(lambda service: service.state in ("active", "suspended"))
        if action == "resume":
            # a block that was handed over may have been made without anybody saying so yet
            blocks = services.order_ids.filtered(
                lambda order: (
                    order.action in BLOCKS
                    and order.state in OPEN_STATES
                    and order not in withdrawn
                    and self._bss_concerns(order)
                )
            )
            blocks |= withdrawn.filtered("sent_at")
            blocked = blocks.service_id
            return services.filtered(
                lambda service: (
                    service.state != "terminated"
                    and (service.state == "suspended" or service.is_restricted or service in blocked)
                )
            )
        return services.filtered(lambda service: service.state != "terminated")

    def _bss_dispatch(self, as_of):
        """Hand queued orders that are due to the adapter of their network.

        ``manual``: handed over at once, a clerk or technician does the work and confirms it. ``push``: a job sends
        the order; ``pull``: the network fetches it. The last two get the orders of one service one after another,
        in the order of their days: the next when the one before is answered.
        """
        due = self.filtered(lambda order: order.state == "queued" and order.date_valid_from <= as_of)
        due -= due._bss_close_held()
        manual = due.filtered(lambda order: order.adapter_id.kind in (False, "manual"))
        enact(manual, {"state": "sent", "sent_at": fields.Datetime.now()})
        due.filtered(lambda order: order.adapter_id.kind == "push")._bss_first_in_line()._bss_enqueue_push()
        return due

    def _bss_close_held(self):
        """Resumptions of these that end nothing in the network are done without it; return them."""
        held = self.filtered(lambda order: order._bss_is_held())
        held._bss_done(self.env._("Not sent: the service stays suspended for another cause."))
        return held

    @api.model
    def _cron_dispatch(self):
        today = self._bss_today()
        self.search([("state", "=", "queued"), ("date_valid_from", "<=", today)])._bss_dispatch(today)
        self._bss_alarm_unanswered(fields.Datetime.now())

    @api.model
    def _bss_today(self):
        """Calendar day in Poland, whatever the time zone of the user or of a job."""
        return polish_day.today()

    def _bss_done(self, response=None, external_ref=None, effective=None):
        """The network did it: the order is done and the service follows.

        :param effective: day on which it was done (default: today in Poland). A service is charged from
            that day, and never from before the day for which it was ordered.
        """
        for order in self.sorted(lambda one: one._bss_rank()):
            if order.state == "cancelled" and order.superseded_by_id:
                order._bss_note_late(order.superseded_by_id, response)
            if order.state in ("done", "cancelled"):
                continue
            day = effective or self._bss_today()
            if order.action == "activate":
                day = max(day, order.date_valid_from)
            newer = order._bss_newer_done()
            if newer:
                order._bss_note_late(newer, response)
                enact(order, {"superseded_by_id": newer.id})
                response_kept = order.response
            else:
                cause = order._bss_lifts() if order.action == "resume" else order.cause
                order.service_id._bss_apply_order(order.action, day, cause)
                response_kept = response or order.response
            enact(
                order,
                {
                    "state": "done",
                    "done_at": fields.Datetime.now(),
                    "date_effective": day,
                    "sent_at": order.sent_at or fields.Datetime.now(),
                    "response": response_kept,
                    "external_ref": external_ref or order.external_ref,
                },
            )
            if order.action == "terminate":
                others = order.service_id.order_ids - order
                others.filtered(lambda one: one.state in OPEN_STATES)._bss_supersede(order, order.reason)

    def _bss_rank(self):
        """Place in the sequence of a service: the day from which it holds, not before it was asked for."""
        asked = polish_day.day_of(self.requested_at or fields.Datetime.now())
        return max(self.date_valid_from, asked), self.id

    def _bss_newer_done(self):
        """The later order, done already, after which this one must not change the service any more."""
        opposite = {"suspend": ("resume",), "restrict": ("resume",), "resume": ("suspend",)}.get(self.action, ())
        if self.action == "resume" and self.service_id.state != "suspended":
            opposite = BLOCKS
        later = self.service_id.order_ids.filtered(
            lambda order: (
                order.action in opposite
                and order.state == "done"
                and not order.superseded_by_id
                and order._bss_rank() > self._bss_rank()
                and self._bss_concerns(order)
            )
        )
        if self.action == "activate" and self.service_id.state != "pending":
            later = self.service_id.order_ids.filtered(
                lambda order: order.action == "activate" and order.state == "done"
            )
        return later.sorted(lambda order: order._bss_rank())[-1:]

    def _bss_note_late(self, newer, response):
        note = self.env._("Confirmed after %(order)s; the service stays as it is.", order=newer.name)
        self.response = _with_note(_with_note(self.response, response), note)

    def _bss_failed(self, response):
        waiting = self.filtered(lambda order: order.state in ("queued", "sent"))
        enact(waiting, {"state": "failed", "response": response})

    def action_confirm_done(self):
        closed = self.filtered(lambda order: order.state in ("done", "cancelled"))
        if closed and closed == self:
            raise UserError(self.env._("Only open service orders can be confirmed."))
        self._bss_done()

    def action_ask_done(self):
        """Confirm in a dialogue that asks for the day."""
        if not self.filtered(lambda order: order.state not in ("done", "cancelled")):
            raise UserError(self.env._("Only open service orders can be confirmed."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Confirm done"),
            "res_model": "bss.order.done.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_ids": self.ids},
        }

    def action_queue(self):
        enact(self.filtered(lambda order: order.state in ("draft", "failed")), {"state": "queued"})
        self._bss_dispatch(polish_day.today())

    def action_fail(self):
        for order in self:
            order._bss_failed(order.response or self.env._("Marked as failed by %(user)s", user=self.env.user.name))

    def action_cancel(self):
        if any(order.state == "done" for order in self):
            raise UserError(self.env._("An order that is done cannot be cancelled; order the opposite."))
        enact(self, {"state": "cancelled"})
