"""SMS of actions: queued at once, sent in the hours of the gateway; one that never arrived gives its step back."""

import phonenumbers
from odoo import api, fields, models
from odoo.addons.bss_contracts.document_core import format_date
from odoo.tools import SQL

from ..sms_core.gateways import GATEWAY_FAULTS
from ..sms_core.text import measure
from .res_partner_contact import LANDLINE


class BssDunningActionSms(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    sms_uuid = fields.Char(string="SMS Key", readonly=True, copy=False, index="btree_not_null")
    sms_log_ids = fields.One2many("bss.sms.log", "action_id", string="SMS Messages", readonly=True)
    sms_state = fields.Selection(
        selection=[
            ("queued", "Queued"),
            ("sending", "Being sent"),
            ("waiting", "Waiting"),
            ("accepted", "Sent"),
            ("delivered", "Delivered"),
            ("failed", "Failed"),
        ],
        string="SMS State",
        compute="_compute_sms_state",
        compute_sudo=True,
    )
    failed_phone = fields.Char(
        string="Number That Failed", readonly=True, help="Not written to again in this step until the number changes."
    )
    failed_phone_reason = fields.Char(readonly=True)
    sms_faults = fields.Integer(
        string="Failures of the SMS Gateway",
        readonly=True,
        copy=False,
        aggregator=None,
        help="The operator did not take the message after all attempts: another channel goes first, then he again.",
    )

    @api.depends("sms_uuid", "sms_log_ids.state")
    def _compute_sms_state(self):
        uuids = self.filtered("sms_uuid").mapped("sms_uuid")
        logs = self.env["bss.sms.log"].search_fetch([("uuid", "in", uuids)], ["uuid", "state"]).grouped("uuid")
        for action in self:
            log = logs.get(action.sms_uuid)
            action.sms_state = log.state if log else "queued" if action.sms_uuid else False

    # Sending

    def _bss_do_sms(self, as_of):
        self._check_documents()
        gateway = self.env["bss.sms.gateway"]._bss_of(self.company_id)
        phone = self._bss_sms_phone(gateway)
        sms = (
            self.env["sms.sms"]
            .sudo()
            .create(
                {
                    "number": phone,
                    "body": self._bss_sms_text(gateway),
                    "partner_id": self.partner_id.id,
                    "bss_company_id": self.company_id.id,
                    "bss_action_id": self.id,
                }
            )
        )
        self.sms_uuid = sms.uuid
        return self.env._("SMS to %(phone)s.", phone=phone)

    def _bss_refusal(self, channel, as_of):
        refusal = super()._bss_refusal(channel, as_of)
        if refusal or channel != "sms":
            return refusal
        label = dict(self._fields["channel"]._description_selection(self.env))[channel]
        gateway = self.env["bss.sms.gateway"]._bss_of(self.company_id)
        if not gateway:
            return self.env._("%(channel)s: no gateway is connected.", channel=label)
        phone = self._bss_sms_phone(gateway)
        if not phone:
            number = self.partner_id.phone or ""
            return self.env._("%(channel)s: %(phone)s is no mobile number.", channel=label, phone=number)
        if self.failed_phone == phone:
            return self._bss_sms_failure(phone, self.failed_phone_reason)
        parts = measure(self._bss_sms_text(gateway)).parts
        if not 1 <= parts <= gateway.max_parts:
            return self.env._(
                "%(channel)s: the text has %(parts)s parts, at most %(limit)s are allowed.",
                channel=label,
                parts=parts,
                limit=gateway.max_parts,
            )
        return False

    def _bss_sms_phone(self, gateway):
        """Number of the customer in E.164; empty for none, a wrong one and a landline."""
        phone = gateway._bss_phone(self.partner_id.phone)
        if not phone:
            return ""
        kind = phonenumbers.number_type(phonenumbers.parse(phone))
        return "" if kind in LANDLINE else phone

    def _bss_sms_text(self, gateway):
        text = self.step_id._bss_sms_fill(
            {
                "amount": self.amount_text,
                "deadline": self.deadline_text,
                "account": self.account_id.name or "",
                "nrb": self.nrb_text or "",
                "oldest_due": format_date(self.case_id.oldest_due),
                "company": self.company_id.name or "",
            }
        )
        return gateway._bss_text(text)

    # Not arrived

    def _bss_channels(self):
        return self._bss_after_gateway(super()._bss_channels())

    def _bss_after_gateway(self, channels):
        """SMS stands behind the others once the operator failed: its own attempts lasted for hours."""
        return sorted(channels, key=lambda channel: channel == "sms") if self.sms_faults else channels

    def _bss_sms_lost(self, phone, problem, text):
        """Remember why a message did not arrive: what the operator's service did says nothing about the number.

        :return: what happened, in words
        """
        reason = self.env["bss.sms.gateway"]._bss_words(problem or "cancelled", text or "")
        failure = self._bss_sms_failure(phone, reason)
        if problem in GATEWAY_FAULTS:
            self.write({"sms_faults": self.sms_faults + 1, "fault_note": failure})
        else:
            self.write({"failed_phone": phone, "failed_phone_reason": reason})
        return failure

    def _bss_sms_failure(self, phone, reason):
        return self.env._("SMS to %(phone)s failed: %(reason)s", phone=phone or "", reason=reason or "")

    @api.model
    def _bss_count_sms_costs(self):
        """Put on actions what their messages cost, set-based; harmless when repeated.

        The price of a part is smaller than a grosz, so the exact sum is written past the rounding of the field.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH fresh AS (
                    UPDATE bss_sms_log SET cost_counted = TRUE
                     WHERE action_id IS NOT NULL AND cost_counted IS NOT TRUE AND cost > 0
                 RETURNING action_id, cost, parts
                )
                UPDATE bss_dunning_action action
                   SET cost = COALESCE(action.cost, 0) + total.cost,
                       cost_note = CONCAT_WS(E'\n', NULLIF(action.cost_note, ''),
                                             'SMS: ' || total.parts || ' = ' || REPLACE(total.cost::text, '.', ','))
                  FROM (SELECT action_id, SUM(cost) AS cost, SUM(parts) AS parts FROM fresh GROUP BY action_id) total
                 WHERE action.id = total.action_id
             RETURNING action.id
                """
            )
        )
        self.browse(row[0] for row in rows).invalidate_recordset(["cost", "cost_note"])
        self.env["bss.sms.log"].invalidate_model(["cost_counted"])

    @api.model
    def _bss_fail_unsent(self, company):
        return super()._bss_fail_unsent(company) | self._bss_fail_unsent_sms(company)

    @api.model
    def _bss_fail_unsent_sms(self, company):
        """As for e-mails: only the last step of an open case goes back to its next channel."""
        self._bss_count_sms_costs()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT action.id, COALESCE(log.phone, sms.number), log.problem, log.problem_text
                  FROM bss_dunning_action action
                  JOIN bss_dunning_case dunning ON dunning.id = action.case_id
                       AND (action.step_id IS NULL OR dunning.step_id = action.step_id)
                  LEFT JOIN bss_sms_log log ON log.uuid = action.sms_uuid
                  LEFT JOIN sms_sms sms ON sms.uuid = action.sms_uuid
                 WHERE action.company_id = %s AND action.state = 'done' AND action.channel = 'sms'
                   AND action.message_kind IS NULL AND dunning.state != 'closed'
                   AND (log.state = 'failed' OR (sms.state = 'canceled' AND COALESCE(log.state, '') != 'delivered'))
                """,
                company.id,
            )
        )
        failed = self.sudo().browse(row[0] for row in rows)
        for action, (_id, phone, problem, text) in zip(failed, rows, strict=True):
            action._bss_take_back(action._bss_sms_lost(phone, problem, text))
        return failed
