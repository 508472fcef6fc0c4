"""Giving messages to the operator: at most once, whatever happens in between."""

import logging
from contextlib import contextmanager

import requests
from odoo import SUPERUSER_ID, api, models
from psycopg2 import OperationalError

from ..sms_core.gateways import Answer, Message, Options, Outcome
from ..sms_core.text import measure, transliterate

_logger = logging.getLogger(__name__)

TRIES = 3
NO_ANSWER = 0


class BssSmsGatewaySend(models.Model):
    _inherit = "bss.sms.gateway"  # pylint: disable=consider-merging-classes-inherited

    def _bss_text(self, text):
        return transliterate(text or "") if self.transliterate else text or ""

    def _bss_options(self):
        own = self.sudo()
        report_url = own._bss_callback_url()
        return Options(
            url=own.url,
            token=own.token or "",
            sender=own.sender or "",
            max_parts=own.max_parts,
            test=own.test_mode,
            report_url=report_url if report_url.startswith("https://") else "",
        )

    def _bss_phone(self, number):
        """E.164, or an empty text for what is no number."""
        company = self.company_id
        return company.partner_id._phone_format(number=number or "", country=company.country_id) or ""

    @contextmanager
    def _bss_apart(self):
        """This gateway in a transaction of its own: what was sent stays written when the caller's is rolled back."""
        with self.env.registry.cursor() as cr:
            cr.execute("SET LOCAL lock_timeout = '10s'")
            yield self.with_env(api.Environment(cr, SUPERUSER_ID, {}))

    def _bss_send(self, batch):
        """Send messages now. A message that was taken before, even by a transaction that was lost, is not sent again.

        :param batch: list of ``{"uuid", "number", "body"}``
        :return: {uuid: ``Answer``}; its outcome is never ``ALONE``
        """
        self.ensure_one()
        self.env.flush_all()
        entries = [
            Message(one["uuid"], self._bss_phone(one["number"]) or one["number"] or "", self._bss_text(one["body"]))
            for one in batch
        ]
        known = self._bss_begin(entries)
        answers = {key: answer for key, answer in known.items() if isinstance(answer, Answer)}
        fresh = []
        for message in entries:
            if message.key in answers:
                continue
            refusal = self._bss_unfit(message)
            if refusal:
                answers.update(self._bss_end([refusal]))
            else:
                fresh.append(message)
        if self._bss_provider().enquiry:
            asked = [message for message in fresh if known.get(message.key)]
            answers.update(self._bss_ask(asked))
            fresh = [message for message in fresh if message.key not in answers]
        answers.update(self._bss_send_fresh(fresh))
        self.env["bss.sms.log"].invalidate_model()
        self.invalidate_recordset(["problem", "problem_text", "problem_at"])
        return answers

    def _bss_unfit(self, message):
        """Why a message is not even given to the operator."""
        if not self._bss_phone(message.phone):
            return Answer(message.key, Outcome.REFUSED, "number")
        size = measure(message.text)
        if not 1 <= size.parts <= self.max_parts:
            return Answer(message.key, Outcome.REFUSED, "content", text=str(size.parts))
        return None

    def _bss_send_fresh(self, messages):
        provider, options = self._bss_provider(), self._bss_options()
        answers, alone = {}, []
        for call in provider.calls(messages, options):
            found = self._bss_end(provider.read(call, *self._bss_http(call)))
            by_key = {message.key: message for message in call.messages}
            alone += [by_key[key] for key, answer in found.items() if answer.outcome is Outcome.ALONE]
            answers.update(found)
        for message in alone:
            for call in provider.calls([message], options):
                answers.update(self._bss_end(provider.read(call, *self._bss_http(call))))
        return answers

    def _bss_ask(self, messages):
        """Fate of messages that were given to the operator before, without a clear answer."""
        enquiry, options = self._bss_provider().enquiry, self._bss_options()
        answers = {}
        for message in messages:
            call = enquiry.call(message, options)
            answer = enquiry.read(call, *self._bss_http(call))
            if answer:
                answers.update(self._bss_end([answer]))
        return answers

    def _bss_http(self, call):
        """(HTTP status, body); no answer at all is a status of 0. The only place that talks to an operator."""
        try:
            response = requests.post(
                call.url,
                data=call.body,
                headers=dict(call.headers),
                timeout=self.timeout_s,
                allow_redirects=False,
            )
            return response.status_code, response.content
        except requests.RequestException as error:
            # the error itself may hold the address and more
            _logger.info("SMS gateway %s does not answer: %s", self.id, type(error).__name__)
            return NO_ANSWER, b""

    # The log, in its own transactions

    def _bss_begin(self, messages):
        """{uuid: answer of what is over, or True for what was tried before, or False}"""
        with self._bss_apart() as gateway:
            return gateway.env["bss.sms.log"]._bss_begin(gateway, messages, self._bss_links(messages))

    def _bss_links(self, messages):
        """{uuid: (partner id, action id)} as the caller's transaction knows them."""
        rows = (
            self.env["sms.sms"]
            .sudo()
            .search_fetch(
                [("uuid", "in", [message.key for message in messages])], ["uuid", "partner_id", "bss_action_id"]
            )
        )
        return {row.uuid: (row.partner_id.id, row.bss_action_id.id) for row in rows}

    def _bss_end(self, answers):
        """Write answers; {uuid: answer} in which the last of too many attempts is a refusal."""
        for attempt in range(TRIES):
            try:
                with self._bss_apart() as gateway:
                    return gateway.env["bss.sms.log"]._bss_end(gateway, answers)
            except OperationalError:
                # a report of the same message came in at this moment
                if attempt == TRIES - 1:
                    _logger.warning("SMS gateway %s: answers about %s messages were not written", self.id, len(answers))
        return {answer.key: Answer(answer.key, Outcome.AGAIN, "server") for answer in answers}
