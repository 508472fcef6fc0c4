"""Sending of notices in jobs: each batch is one transaction, and what is sent is marked in it."""

from datetime import timedelta

from markupsafe import Markup
from odoo import api, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_contracts.document_core import format_date, format_money, format_nrb
from odoo.tools import SQL

from .. import adapters
from ..dunning_core.contact.mail_fault import blames_address
from ..dunning_core.letters.placeholders import fill

BATCH = 500
CHANNEL = "root.bss.dunning"
#: so long the word about a message is waited for
FOLLOW = timedelta(days=3)


class BssDunningNoticeSend(models.Model):
    _inherit = "bss.dunning.notice"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _cron_run(self):
        """Every night: the running rules of all companies."""
        rules = self.env["bss.dunning.notice.rule"].sudo().search([("state", "=", "running")])
        self._bss_run(rules, polish_day.today())

    @api.model
    def _bss_run(self, rules, as_of):
        """Select for each rule and give what waits to jobs; harmless when repeated."""
        for rule in rules.sudo():
            rule.with_delay(
                channel=CHANNEL,
                identity_key=f"bss_dunning_notice:{rule.id}:{as_of}",
                description=self.env._("Notices: %(name)s", name=rule.name),
            )._job_select(as_of)

    @api.model
    def _bss_waiting_ranges(self, rule):
        """First and last ids of batches of waiting notices, cut in the database."""
        return self.env.execute_query(
            SQL(
                """
                SELECT MIN(id), MAX(id) FROM (
                       SELECT id, (ROW_NUMBER() OVER (ORDER BY id) - 1) / %s AS batch
                         FROM bss_dunning_notice WHERE rule_id = %s AND state = 'waiting') waiting
                 GROUP BY batch ORDER BY 1
                """,
                BATCH,
                rule.id,
            )
        )

    # One batch

    def _bss_send(self, as_of):
        """Send what is still needed; a notice that waits for a day on which it may go out stays."""
        notices = self.sudo()._bss_lock()
        ledger = {}
        for company, own in notices.grouped("company_id").items():
            ledger |= own.partner_id._bss_contact_ledger(company, as_of)
        notices = notices.with_context(bss_contact_ledger=ledger)
        notices -= notices._bss_drop_needless(as_of)
        ready = {"email": notices.browse(), "sms": notices.browse()}
        for notice in notices:
            channel = notice._bss_choose(as_of, ready)
            if channel:
                ready[channel] |= notice
        for channel, chosen in ready.items():
            if chosen:
                getattr(chosen, f"_bss_send_{channel}")(as_of)

    def _bss_lock(self):
        """Those of these notices that wait, with all that their customers wait for and the documents they are about.

        Writing on the rows is the lock: our transaction sees the database as of its beginning, so one that wrote to
        the same customer since, or paid one of the documents, makes the whole batch begin again and see it.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH customer AS (
                    SELECT DISTINCT company_id, partner_id FROM bss_dunning_notice WHERE id = ANY(%(ids)s)
                ), waiting AS (
                    SELECT notice.id
                      FROM bss_dunning_notice notice
                      JOIN customer ON customer.company_id = notice.company_id
                                   AND customer.partner_id = notice.partner_id
                     WHERE notice.state = 'waiting'
                     ORDER BY notice.id
                       FOR UPDATE OF notice
                ), locked AS (
                    UPDATE bss_dunning_notice notice SET write_date = now() AT TIME ZONE 'UTC'
                      FROM waiting WHERE waiting.id = notice.id
                 RETURNING notice.id, notice.move_id
                )
                SELECT id, move_id FROM locked WHERE id = ANY(%(ids)s) ORDER BY id
                """,
                ids=self.ids,
            )
        )
        # a payment writes on the document that it pays; one that is being paid just now is left for the next time
        documents = {move_id for _id, move_id in rows if move_id}
        query = SQL("SELECT id FROM account_move WHERE id = ANY(%s) FOR SHARE SKIP LOCKED", list(documents))
        free = {move_id for (move_id,) in self.env.execute_query(query)}
        self.env.invalidate_all(flush=False)
        return self.browse(notice_id for notice_id, move_id in rows if not move_id or move_id in free)

    def _bss_drop_needless(self, as_of):
        """Paid meanwhile, or too late for its date."""
        settled = self._bss_settled()
        needless = self.browse()
        for notice in self:
            paid = notice in settled
            late = notice.kind == "due" and notice.due and notice.due < as_of
            if paid or late:
                reason = self.env._("Paid meanwhile.") if paid else self.env._("The due date is over.")
                notice.write({"state": "cancelled", "reason": reason})
                needless |= notice
        return needless

    def _bss_settled(self):
        """Those that nobody has to pay for any more: by their document, or by money that covers the whole account."""
        due = self.account_id._bss_amounts_due()
        return self.filtered(
            lambda notice: notice._bss_is_paid() or (notice.kind != "thanks" and due.get(notice.account_id.id, 0) <= 0)
        )

    def _bss_is_paid(self):
        """Whether the document of the notice needs no payment any more."""
        return bool(self.move_id) and (self.move_id.state != "posted" or self.move_id.amount_residual <= 0)

    def _bss_choose(self, as_of, ready):
        """Channel for this notice today; without any it fails, or waits with the reason told."""
        partner = self.partner_id.with_company(self.company_id)
        tried = (self.tried or "").split(",")
        ways = self.rule_id._bss_ways()
        if self.rule_id.way == "preference":
            ways = [way for way in partner._bss_dunning_channels(self.account_id) if way in ways]
        ways = [way for way in ways if way not in tried and self._bss_is_open(way)]
        if not ways:
            self.write({"state": "failed", "reason": self.env._("The customer cannot be reached this way.")})
            return None
        if any(partner in chosen.partner_id for chosen in ready.values()):
            self.reason = self.env._("Waits: another notice to the same customer goes out now.")
            return None
        refusal = partner._bss_contact_refusal(ways[0], as_of)
        if refusal:
            self.reason = self.env._("Waits: %(why)s", why=refusal)
            return None
        return ways[0]

    def _bss_is_open(self, way):
        """Whether the customer may and can be written to."""
        partner = self.partner_id.with_company(self.company_id)
        if way == "sms" and not self.env["bss.sms.gateway"]._bss_of(self.company_id):
            return False
        return partner._bss_can_reach(way)

    # Channels

    def _bss_send_email(self, as_of):
        texts = self._bss_texts("subject", "email_text")
        mails = (
            self.env["mail.mail"]
            .sudo()
            .create(
                [
                    {
                        "subject": texts[notice]["subject"],
                        "body_html": Markup("<br/>").join(texts[notice]["email_text"].split("\n")),
                        "email_from": notice.company_id.email_formatted or self.env.user.email_formatted,
                        "recipient_ids": [(4, notice.partner_id.id)],
                        "auto_delete": False,
                        "model": "bss.account",
                        "res_id": notice.account_id.id,
                    }
                    for notice in self
                ]
            )
        )
        for notice, mail in zip(self, mails, strict=True):
            notice.write({"state": "sent", "channel": "email", "date_sent": as_of, "mail_id": mail.id, "reason": False})

    def _bss_send_sms(self, as_of):
        texts = self._bss_texts("sms_text")
        messages = (
            self.env["sms.sms"]
            .sudo()
            .create(
                [
                    {
                        "number": notice.partner_id.with_company(notice.company_id)._bss_mobile(),
                        "body": texts[notice]["sms_text"],
                        "partner_id": notice.partner_id.id,
                        "bss_company_id": notice.company_id.id,
                        "bss_notice_id": notice.id,
                    }
                    for notice in self
                ]
            )
        )
        for notice, sms in zip(self, messages, strict=True):
            notice.write({"state": "sent", "channel": "sms", "date_sent": as_of, "sms_uuid": sms.uuid, "reason": False})

    def _bss_texts(self, *names):
        """{notice: {field of the rule: text with the values put in}}"""
        numbers = self.account_id._bss_payment_bank_account()
        found = {}
        for notice in self:
            values = {
                "name": notice.partner_id.name or "",
                "account": notice.account_id.name or "",
                "document": notice.move_id.name or "",
                "amount": format_money(adapters.to_money(notice.amount)),
                "due": format_date(notice.due) if notice.due else "",
                "nrb": format_nrb(numbers.get(notice.account_id.id, "")),
                "company": notice.company_id.name or "",
            }
            found[notice] = {name: fill(notice.rule_id[name] or "", values) for name in names}
        return found

    # What did not arrive

    @api.model
    def _bss_follow(self, rule):
        """Messages that failed lately wait again, for the other channel; two queries for a rule.

        What our own mail server did not send waits for the same channel: an hour of its absence does not turn the
        e-mails of all customers into paid messages.
        """
        self.env.flush_all()
        lately = SQL(
            "notice.rule_id = %s AND notice.state = 'sent' AND notice.date_sent >= %s",
            rule.id,
            polish_day.today() - FOLLOW,
        )
        faults = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT COALESCE(mail.failure_type, ''), COALESCE(mail.failure_reason, '')
                  FROM bss_dunning_notice notice
                  JOIN mail_mail mail ON mail.id = notice.mail_id AND mail.state = 'exception'
                 WHERE %s AND notice.channel = 'email'
                """,
                lately,
            )
        )
        own = [f"{kind}\n{words}" for kind, words in faults if not blames_address(kind, words)]
        self.env.cr.execute(
            SQL(
                """
                WITH lost AS (
                    SELECT notice.id, mail.id AS mail_id,
                           notice.channel = 'email' AND CONCAT(mail.failure_type, E'\n', mail.failure_reason)
                               = ANY(%(own)s) AS again
                      FROM bss_dunning_notice notice
                      LEFT JOIN mail_mail mail ON mail.id = notice.mail_id
                      LEFT JOIN bss_sms_log log ON log.uuid = notice.sms_uuid
                     WHERE %(lately)s
                       AND ((notice.channel = 'email' AND mail.state = 'exception')
                         OR (notice.channel = 'sms' AND log.state = 'failed'))
                ), called_off AS (
                    UPDATE mail_mail mail SET state = 'cancel' FROM lost
                     WHERE mail.id = lost.mail_id AND mail.state = 'exception'
                )
                UPDATE bss_dunning_notice notice
                   SET state = 'waiting',
                       tried = CASE WHEN lost.again THEN notice.tried
                                    ELSE CONCAT_WS(',', notice.tried, notice.channel) END
                  FROM lost WHERE lost.id = notice.id
                """,
                own=own,
                lately=lately,
            )
        )
        self.invalidate_model(["state", "tried"])
        self.env["mail.mail"].invalidate_model(["state"])
