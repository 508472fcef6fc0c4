"""Odoo's way of sending text messages, led to the gateway of the company."""

import logging

from odoo.addons.sms.tools.sms_api import SmsApiBase
from psycopg2 import OperationalError

from .sms_core.gateways import Outcome

_logger = logging.getLogger(__name__)


class SmsApiGateway(SmsApiBase):
    """Sends by ``bss.sms.gateway``. A message that has to wait gets no result: Odoo leaves it in its queue."""

    PROVIDER_TO_SMS_FAILURE_TYPE = SmsApiBase.PROVIDER_TO_SMS_FAILURE_TYPE | {
        "number": "sms_number_format",
        "unsupported": "sms_number_format",
        "blacklisted": "sms_blacklist",
        "country": "sms_country_not_supported",
        "credit": "sms_credit",
        "account": "sms_acc",
        "sender": "sms_acc",
        "server": "sms_server",
        "request": "sms_server",
    }

    def _send_sms_batch(self, messages, delivery_reports_url=False):
        gateway = self.env["bss.sms.gateway"]._bss_of(self.company)
        if not gateway:
            return []
        batch = [
            {"uuid": number["uuid"], "number": number["number"], "body": message["content"]}
            for message in messages
            for number in message["numbers"]
        ]
        try:
            results = gateway._bss_send(batch)
        except OperationalError:
            # the log was held by somebody else: nothing was given to the operator that is not in it
            _logger.warning("SMS gateway %s: %s messages stay in the queue", gateway.id, len(batch))
            return []
        self._postpone(uuid for uuid, result in results.items() if result.outcome is Outcome.AGAIN)
        return [
            {"uuid": uuid, "state": "success"}
            if result.outcome is Outcome.ACCEPTED
            else {
                "uuid": uuid,
                "state": result.problem,
                "failure_reason": gateway._bss_words(result.problem, result.text),
            }
            for uuid, result in results.items()
            if result.outcome is not Outcome.AGAIN
        ]

    def _postpone(self, uuids):
        waiting = self.env["sms.sms"].sudo().search([("uuid", "in", list(uuids))])
        waiting._bss_postpone(self.env["bss.sms.log"]._bss_next_tries(waiting.mapped("uuid")))
