from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day

from ..sms_core.gateways import Answer, Outcome
from ..sms_core.text import cost, measure
from ..sms_core.timing import next_attempt

PROBLEMS = [
    ("number", "Wrong number"),
    ("unsupported", "Number takes no SMS"),
    ("blacklisted", "Number on the operator's blacklist"),
    ("country", "Country not allowed"),
    ("content", "Text not accepted or too long"),
    ("rejected", "Rejected by the network"),
    ("expired", "Not delivered in time"),
    ("undelivered", "Not delivered"),
    ("cancelled", "Cancelled before it went out"),
    ("server", "Operator does not answer or does not work"),
    ("account", "Operator refuses the token or the account"),
    ("credit", "No credit at the operator"),
    ("sender", "Sender name not confirmed"),
    ("request", "Operator does not understand the request"),
]
# a state is only ever followed by one that stands further right
ORDER = ("sending", "waiting", "accepted", "failed", "delivered")


class BssSmsLog(models.Model):
    """What became of every message given to a gateway. Rows are written by the gateway and stay."""

    _name = "bss.sms.log"
    _description = "SMS Message"
    _order = "id desc"
    _rec_name = "phone"
    _check_company_auto = True

    uuid = fields.Char(string="Key", required=True, readonly=True)
    gateway_id = fields.Many2one("bss.sms.gateway", required=True, index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one(related="gateway_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    provider = fields.Selection(related="gateway_id.provider", store=True, precompute=True)
    date = fields.Date(required=True, index=True, readonly=True, default=polish_day.today)
    phone = fields.Char(readonly=True, index=True)
    body = fields.Text(string="Text", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", index=True, ondelete="set null", readonly=True)
    action_id = fields.Many2one(
        "bss.dunning.action", string="Dunning Action", index="btree_not_null", ondelete="set null", readonly=True
    )
    case_id = fields.Many2one(related="action_id.case_id", string="Dunning Case")
    test = fields.Boolean(readonly=True, help="Checked by the operator in test mode, not sent.")
    state = fields.Selection(
        [
            ("sending", "Being sent"),
            ("waiting", "Waiting"),
            ("accepted", "Sent"),
            ("delivered", "Delivered"),
            ("failed", "Failed"),
        ],
        required=True,
        default="sending",
        index=True,
        readonly=True,
    )
    attempts = fields.Integer(readonly=True, default=1)
    next_try = fields.Datetime(string="Next Attempt", readonly=True)
    reference = fields.Char(string="Operator's Number", readonly=True, index="btree_not_null")
    parts = fields.Integer(readonly=True)
    cost = fields.Float(digits=(16, 4), readonly=True, help="Parts at the price of the gateway.")
    cost_counted = fields.Boolean(readonly=True, help="The cost stands on the dunning action.")
    points = fields.Float(digits=(16, 4), readonly=True, help="What the operator says that it charged.")
    sent_at = fields.Datetime(string="Sent", readonly=True)
    delivered_at = fields.Datetime(string="Delivered", readonly=True)
    failed_at = fields.Datetime(string="Failed", readonly=True)
    polled_at = fields.Datetime(readonly=True)
    problem = fields.Selection(PROBLEMS, readonly=True)
    problem_code = fields.Char(readonly=True)
    problem_text = fields.Char(string="Operator's Words", readonly=True)

    _uncounted_idx = models.Index("(action_id) WHERE action_id IS NOT NULL AND cost_counted IS NOT TRUE")
    _uuid_unique = models.Constraint("UNIQUE(uuid)", "This message is in the log already.")

    # Before and after the operator; both run in a transaction of their own (``bss.sms.gateway._bss_apart``)

    @api.model
    def _bss_begin(self, gateway, messages, links):
        """Write down that messages are being sent.

        :return: {uuid: ``Answer`` for what is over, True for what was tried before, False for what is new}
        """
        known = self.search([("uuid", "in", [message.key for message in messages])]).grouped("uuid")
        partners = self.env["res.partner"].browse({link[0] for link in links.values() if link[0]}).exists()
        actions = self.env["bss.dunning.action"].browse({link[1] for link in links.values() if link[1]}).exists()
        found, new = {}, []
        for message in messages:
            log = known.get(message.key)
            if log:
                found[message.key] = log._bss_over() or True
                if found[message.key] is True:
                    log.write({"state": "sending", "attempts": log.attempts + 1, "next_try": False})
                continue
            partner, action = links.get(message.key, (False, False))
            found[message.key] = False
            new.append(
                {
                    "uuid": message.key,
                    "gateway_id": gateway.id,
                    "phone": message.phone,
                    "body": message.text,
                    "parts": measure(message.text).parts,
                    "test": gateway.test_mode,
                    "partner_id": partner if partner in partners.ids else False,
                    "action_id": action if action in actions.ids else False,
                }
            )
        self.create(new)
        return found

    def _bss_over(self):
        """Answer of a message whose sending is over, else nothing."""
        if self.state in ("accepted", "delivered"):
            return Answer(self.uuid, Outcome.ACCEPTED, reference=self.reference or "")
        if self.state == "failed":
            return Answer(self.uuid, Outcome.REFUSED, self.problem or "rejected", text=self.problem_text or "")
        return None

    @api.model
    def _bss_end(self, gateway, answers):
        """Write down what the operator said; {uuid: answer}, the last attempt of too many turned into a refusal."""
        logs = self.search([("uuid", "in", [answer.key for answer in answers])]).grouped("uuid")
        effective = {}
        for answer in answers:
            log = logs[answer.key]
            if answer.outcome is Outcome.AGAIN and log.attempts >= gateway.max_attempts:
                answer = Answer(answer.key, Outcome.REFUSED, answer.problem, answer.code, answer.text)
            effective[answer.key] = answer
            log._bss_answer(answer, gateway)
        self._bss_tell_gateway(gateway, answers)
        return effective

    def _bss_answer(self, answer, gateway):
        now = fields.Datetime.now()
        said = {
            "problem": answer.problem or False,
            "problem_code": answer.code or False,
            "problem_text": answer.text or False,
        }
        if answer.reference:
            said["reference"] = answer.reference
        if answer.outcome is Outcome.ACCEPTED:
            parts = answer.parts or self.parts
            price = Decimal(f"{gateway._bss_price_on(polish_day.today()):.4f}") if not self.test else Decimal(0)
            points = {"points": float(answer.points)} if answer.points is not None else {}
            self._bss_move(
                "accepted", {**said, "parts": parts, "cost": float(cost(parts, price)), "sent_at": now, **points}
            )
        elif answer.outcome is Outcome.REFUSED:
            self._bss_move("failed", {**said, "failed_at": now})
        elif answer.outcome is Outcome.AGAIN:
            self._bss_move("waiting", {**said, "next_try": next_attempt(now, self.attempts)})

    def _bss_move(self, state, vals):
        """A report may be faster than the answer: a state is never taken back."""
        if ORDER.index(state) < ORDER.index(self.state):
            kept = ("reference", "parts", "cost", "points", "sent_at") if state == "accepted" else ()
            self.write({name: vals[name] for name in kept if name in vals})
            return
        self.write({**vals, "state": state})

    @api.model
    def _bss_tell_gateway(self, gateway, answers):
        """Administrators see on the gateway why messages wait; the first one taken clears it."""
        waiting = [answer for answer in answers if answer.outcome is Outcome.AGAIN]
        if waiting and gateway.problem != waiting[0].problem:
            gateway.write(
                {
                    "problem": waiting[0].problem,
                    "problem_text": waiting[0].text or waiting[0].code,
                    "problem_at": fields.Datetime.now(),
                }
            )
        elif gateway.problem and any(answer.outcome is Outcome.ACCEPTED for answer in answers):
            gateway.write({"problem": False, "problem_text": False, "problem_at": False})

    @api.model
    def _bss_next_tries(self, uuids):
        """{uuid: moment of the next attempt}"""
        now = fields.Datetime.now()
        rows = self.sudo().search_fetch([("uuid", "in", list(uuids))], ["uuid", "next_try"]).grouped("uuid")
        return {uuid: (rows[uuid].next_try if uuid in rows else False) or next_attempt(now, 1) for uuid in uuids}

    # Delivery reports

    def _bss_report(self, report, at):
        """News of a message: delivered, failed, or on its way."""
        if not self or report.state == "sent":
            return
        if report.state == "delivered":
            self._bss_move("delivered", {"delivered_at": at, "problem": False, "problem_text": False})
        elif self.state != "delivered":
            said = {"problem": report.problem, "problem_code": report.text or False, "problem_text": False}
            self._bss_move("failed", {**said, "failed_at": at})
        if not self.reference and report.reference:
            self.reference = report.reference
        self._bss_update_tracker()

    def _bss_update_tracker(self):
        """The message in the record's conversation shows the same."""
        tracker = self.env["sms.tracker"].sudo().search([("sms_uuid", "=", self.uuid)])
        if self.state == "delivered":
            tracker._action_update_from_sms_state("sent")
        elif self.state == "failed":
            words = self.gateway_id._bss_words(self.problem)
            tracker.with_context(sms_known_failure_reason=words)._action_update_from_provider_error(
                {"expired": "expired", "undelivered": "not_delivered", "rejected": "rejected"}.get(
                    self.problem, "unknown"
                )
            )
