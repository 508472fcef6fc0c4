import logging
from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from string import Template

from markupsafe import Markup, escape
from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_contracts.document_core import (
    TransferQr,
    amount_in_words,
    format_date,
    format_money,
    format_nip,
    format_nrb,
    qr_svg,
    transfer_qr,
)
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL
from psycopg2 import OperationalError

from .. import adapters
from .bss_dunning_step import CHANNELS, CONTACT_CHANNELS, SERVICE_CHANNELS

_logger = logging.getLogger(__name__)

LETTER_TEMPLATE = "bss_dunning/report/typst/dunning_letter.typ"


class BssDunningAction(models.Model):
    _name = "bss.dunning.action"
    _description = "Dunning Action"
    _order = "date desc, id desc"
    _check_company_auto = True
    _rec_name = "step_id"

    case_id = fields.Many2one(
        "bss.dunning.case", required=True, index=True, ondelete="cascade", check_company=True, readonly=True
    )
    step_id = fields.Many2one(
        "bss.dunning.step", required=True, index=True, ondelete="restrict", check_company=True, readonly=True
    )
    stage_id = fields.Many2one(related="step_id.stage_id", string="Stage")
    account_id = fields.Many2one(
        related="case_id.account_id", store=True, index=True, string="Billing Account", precompute=True
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    run_id = fields.Many2one("bss.dunning.run", index="btree_not_null", ondelete="set null", readonly=True)
    date = fields.Date(string="Planned On", required=True, index=True, readonly=True)
    date_done = fields.Date(string="Done On", readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True, help="The channel that was used in the end.")
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("skipped", "Skipped"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="planned",
        readonly=True,
        index=True,
    )
    by_hand = fields.Boolean(string="Waits for a Person", readonly=True)
    reason = fields.Text(readonly=True, help="What happened, channel by channel.")
    amount = fields.Monetary(readonly=True, help="Amount demanded.")
    deadline = fields.Date(readonly=True, string="Pay By")
    line_ids = fields.Many2many(
        "account.move.line",
        "bss_dunning_action_move_line_rel",
        "action_id",
        "line_id",
        string="Documents Demanded",
        readonly=True,
    )
    mail_id = fields.Many2one("mail.mail", readonly=True, ondelete="set null", groups="base.group_user")
    mail_state = fields.Selection(related="mail_id.state", string="E-mail State", groups="base.group_user")
    failed_email = fields.Char(
        string="Address That Failed", readonly=True, help="Not written to again in this step until the address changes."
    )
    failed_email_reason = fields.Char(readonly=True)
    document_id = fields.Many2one("bss.document", readonly=True, ondelete="restrict", index="btree_not_null")
    activity_id = fields.Many2one("mail.activity", readonly=True, ondelete="set null", index="btree_not_null")
    order_ids = fields.Many2many(
        "bss.service.order",
        "bss_dunning_action_order_rel",
        "action_id",
        "order_id",
        string="Service Orders",
        readonly=True,
    )
    released = fields.Boolean(string="Services Back", readonly=True)
    legal_notice = fields.Selection(related="step_id.legal_notice")
    delivered_at = fields.Datetime(related="document_id.delivered_at", string="Delivered")
    notice_stands = fields.Boolean(compute="_compute_notice_stands", compute_sudo=True)
    # Words for templates: Polish, because the law of the debt is
    amount_text = fields.Char(compute="_compute_words", compute_sudo=True)
    deadline_text = fields.Char(compute="_compute_words", compute_sudo=True)
    nrb_text = fields.Char(compute="_compute_words", compute_sudo=True)
    letter_title = fields.Char(compute="_compute_words", compute_sudo=True)
    letter_html = fields.Html(compute="_compute_words", compute_sudo=True)
    documents_html = fields.Html(compute="_compute_words", compute_sudo=True)

    _case_step_unique = models.Constraint(
        "UNIQUE(case_id, step_id)", "This step was taken or planned in this case already."
    )

    def write(self, vals):
        if vals and not self.env.su:
            raise AccessError(self.env._("Actions are changed by their buttons: carry out, skip, record delivery."))
        return super().write(vals)

    # Computes

    @api.depends("line_ids.amount_residual", "case_id.as_of", "case_id.amount_overdue", "case_id.state")
    def _compute_notice_stands(self):
        for action in self:
            case = action.case_id
            debt = case._bss_debts(case.as_of or action.date)[case]
            action.notice_stands = case.state != "closed" and action._bss_notice_stands(debt)

    def _bss_notice_stands(self, debt):
        """A notice holds while at least one of the documents it named may still be demanded."""
        return bool(set(self.line_ids.ids) & set(debt.demanded_keys))

    @api.depends("amount", "deadline", "line_ids", "step_id.letter_text", "step_id.letter_title")
    def _compute_words(self):
        numbers = self.account_id._bss_payment_bank_account() if self.account_id else {}
        for action in self:
            action.amount_text = format_money(adapters.to_money(action.amount))
            action.deadline_text = format_date(action.deadline)
            action.nrb_text = format_nrb(numbers.get(action.account_id.id, ""))
            action.letter_title = action.step_id.letter_title or action.step_id.name
            action.letter_html = Markup("").join(Markup("<p>%s</p>") % text for text in action._bss_paragraphs())
            action.documents_html = action._bss_documents_html()

    def _bss_paragraphs(self):
        values = {
            "amount": format_money(adapters.to_money(self.amount)),
            "deadline": format_date(self.deadline),
            "account": self.account_id.name or "",
            "oldest_due": format_date(self.case_id.oldest_due),
        }
        text = Template(self.step_id.letter_text or "").safe_substitute(values)
        return [part.strip() for part in text.split("\n") if part.strip()]

    def _bss_rows(self):
        """Documents demanded, oldest first."""
        lines = self.line_ids.sorted(lambda line: (line.date_maturity or line.date, line.id))
        return [
            {
                "document": line.move_id.name or "",
                "issued": format_date(line.move_id.invoice_date or line.date),
                "due": format_date(line.date_maturity),
                "total": format_money(adapters.to_money(line.balance)),
                "open": format_money(adapters.to_money(line.amount_residual)),
            }
            for line in lines
        ]

    def _bss_documents_html(self):
        cell = Markup("<td style='padding:4px 12px 4px 0'>%s</td>")
        head = ("Dokument", "Wystawiony", "Termin płatności", "Kwota", "Do zapłaty")
        rows = [Markup("").join(cell % value for value in row.values()) for row in self._bss_rows()]
        body = Markup("").join(Markup("<tr>%s</tr>") % row for row in rows)
        titles = Markup("").join(
            Markup("<th style='text-align:left;padding:4px 12px 4px 0'>%s</th>") % text for text in head
        )
        return Markup("<table><thead><tr>%s</tr></thead><tbody>%s</tbody></table>") % (titles, body)

    # Insertion: idempotent by the constraint

    @api.model
    def _bss_insert(self, plans, as_of, run=None):
        """Action rows of kernel plans; a row whose step failed or was called off is taken up again."""
        if not plans:
            return self.browse()
        self.flush_model()
        cases = self.env["bss.dunning.case"].browse(case_id for case_id, _plan in plans)
        cases.fetch(["company_id", "account_id", "amount_demanded"])
        steps = self.env["bss.dunning.step"].browse({plan.step.key for _case_id, plan in plans})
        steps.fetch(["auto", "channel", "deadline_days"])
        values = []
        for case, (_case_id, plan) in zip(cases, plans, strict=True):
            step = steps.browse(plan.step.key)
            values.append(
                SQL(
                    "(%s, %s, %s, %s, %s, %s, %s, 'planned', %s, %s, %s, %s, %s, now() AT TIME ZONE 'UTC',"
                    " now() AT TIME ZONE 'UTC')",
                    case.id,
                    step.id,
                    case.account_id.id,
                    case.company_id.id,
                    run.id if run else None,
                    as_of,
                    step.channel,
                    not step.auto,
                    case.amount_demanded,
                    as_of + timedelta(days=step.deadline_days),
                    self.env.uid,
                    self.env.uid,
                )
            )
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO bss_dunning_action (
                    case_id, step_id, account_id, company_id, run_id, date, channel, state, by_hand, amount, deadline,
                    create_uid, write_uid, create_date, write_date)
                VALUES %s
                ON CONFLICT (case_id, step_id) DO UPDATE
                   SET state = 'planned', run_id = EXCLUDED.run_id, amount = EXCLUDED.amount,
                       deadline = EXCLUDED.deadline, write_date = EXCLUDED.write_date,
                       date = CASE bss_dunning_action.state WHEN 'cancelled' THEN EXCLUDED.date
                                   ELSE bss_dunning_action.date END
                 WHERE bss_dunning_action.state IN ('failed', 'cancelled')
                RETURNING id
                """,
                SQL(", ").join(values),
            )
        )
        actions = self.browse(row[0] for row in rows)
        self.invalidate_model()
        self.env["bss.dunning.case"].invalidate_model(["action_ids"])
        actions._bss_fill_lines(as_of)
        return actions

    def _bss_fill_lines(self, as_of):
        """Remember which documents are demanded; one query for all."""
        if not self:
            return
        calendar = adapters.free_days(self.env)
        limitation = adapters.limitation_terms(self.env)
        debts = self.case_id._bss_debts(as_of, calendar, limitation)
        self.flush_model(["line_ids"])
        self.env.cr.execute(
            SQL("DELETE FROM bss_dunning_action_move_line_rel WHERE action_id = ANY(%s)", self.ids),
        )
        pairs = [(action.id, key) for action in self for key in debts[action.case_id].demanded_keys]
        if pairs:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO bss_dunning_action_move_line_rel (action_id, line_id) VALUES %s"
                    " ON CONFLICT DO NOTHING",
                    SQL(", ").join(SQL("(%s, %s)", *pair) for pair in pairs),
                )
            )
        self.invalidate_recordset(["line_ids", "notice_stands", "documents_html"])

    # Execution

    def _bss_execute(self, as_of, by_hand=False):
        """Carry actions out, each in its own savepoint: one bad address does not stop the others.

        Between planning and now a case may have been paid, held or disputed: the cases are locked and looked at again.
        """
        waiting = self.sudo().filtered(lambda action: action.state == "planned" and (by_hand or not action.by_hand))
        cases = waiting.case_id
        cases._bss_lock_and_recheck(as_of)
        debts = cases._bss_debts(as_of)
        for action in waiting.filtered(lambda action: action.state == "planned"):
            try:
                with self.env.cr.savepoint():
                    action._bss_execute_one(as_of, debts[action.case_id])
            except OperationalError:
                raise  # a lost race: the whole job is repeated
            except Exception as error:
                _logger.info("Dunning action %s failed", action.id, exc_info=True)
                action._bss_fail(str(error))

    def _bss_execute_one(self, as_of, debt):
        if self._bss_stopped(as_of, debt):
            return
        self._bss_renew(as_of, debt)
        log = []
        for channel in self.step_id._bss_channels():
            refusal = self._bss_refusal(channel, as_of)
            if refusal:
                log.append(refusal)
                continue
            done = getattr(self, f"_bss_do_{channel}")(as_of)
            log.append(done)
            self.write({"channel": channel, "reason": "\n".join(log)})
            if channel != "call":
                self._bss_done(as_of)
            return
        self._bss_fail("\n".join(log))

    def _bss_stopped(self, as_of, debt):
        """What happened to the case since this step was planned; the reason is written on the action."""
        case, step = self.case_id, self.step_id
        floor = max(step.min_amount, 0.0 if case.step_id else case.strategy_id.min_amount)
        if case.state == "closed" or debt.overdue <= 0:
            self._bss_cancel(self.env._("The debt was paid."))
        elif case._bss_is_held(as_of):
            self.reason = self.env._("Waits: the case is on hold. %(reason)s", reason=case.hold_reason or "").strip()
        elif debt.demanded <= 0:
            self._bss_cancel(self.env._("Nothing of the debt may be demanded any more."))
        elif self.currency_id.compare_amounts(float(debt.demanded), floor) < 0:
            self._bss_cancel(self.env._("Too little is left of the debt for this step."))
        else:
            return False
        return True

    def _bss_renew(self, as_of, debt):
        """An action that waited demands what is owed now, with its days to pay counted from now."""
        amount = float(debt.demanded)
        same = set(self.line_ids.ids) == set(debt.demanded_keys)
        if same and self.date == as_of and not self.currency_id.compare_amounts(amount, self.amount):
            return
        self.write({"amount": amount, "deadline": as_of + timedelta(days=self.step_id.deadline_days)})
        self.flush_recordset()
        self._bss_fill_lines(as_of)

    def _bss_withdraw_calls(self):
        """Calls that people have not made yet go back to the waiting steps."""
        calls = self.sudo().filtered(lambda action: action.state == "planned" and action.activity_id)
        activities = calls.activity_id
        calls.write({"activity_id": False})
        activities.unlink()

    def _bss_refusal(self, channel, as_of):
        """Why this channel may not be used now, or False."""
        label = dict(self._fields["channel"]._description_selection(self.env))[channel]
        if channel in SERVICE_CHANNELS:
            answer = self.case_id._bss_gate(channel, as_of)
            if not answer.allowed:
                why = self.case_id._bss_gate_text(answer.code)
                return self.env._("%(channel)s: not lawful yet, %(why)s", channel=label, why=why)
            return False
        if channel not in CONTACT_CHANNELS or not self.partner_id._bss_may_contact("dunning", channel):
            return self.env._("%(channel)s: the customer may not or cannot be contacted this way.", channel=label)
        if not hasattr(self, f"_bss_do_{channel}"):
            return self.env._("%(channel)s: no gateway is connected.", channel=label)
        if channel == "email" and self.failed_email and self.failed_email == self.partner_id.email:
            return self._bss_mail_failure(self.failed_email, self.failed_email_reason)
        return False

    def _bss_mail_failure(self, email, reason):
        return self.env._("E-mail to %(email)s failed: %(reason)s", email=email, reason=reason or "")

    def _bss_do_email(self, as_of):
        self._check_documents()
        attachments = self.env["ir.attachment"]
        if self.step_id.with_letter:
            attachments = self._bss_archive_letter(as_of, "email").attachment_id
        template = self.step_id.mail_template_id.sudo()
        mail_id = template.send_mail(
            self.id,
            force_send=False,
            email_values={"attachment_ids": attachments.ids, "auto_delete": False},
        )
        self.mail_id = mail_id
        return self.env._("E-mail to %(email)s.", email=self.partner_id.email)

    def _bss_do_letter(self, as_of):
        self._check_documents()
        document = self._bss_archive_letter(as_of, "post")
        return self.env._("Letter %(number)s by post.", number=document.name)

    def _bss_do_call(self, as_of):
        case = self.case_id
        user = case.user_id or self.step_id.strategy_id.user_id or self.env.user
        activity = case.sudo().activity_schedule(
            "mail.mail_activity_data_call",
            date_deadline=as_of,
            summary=self.step_id.name,
            note=Markup("<p>%s: %s</p>") % (self.account_id.name, format_money(adapters.to_money(self.amount))),
            user_id=user.id,
        )
        self.activity_id = activity
        return self.env._("Call given to %(user)s.", user=user.name)

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
        return self.env._("%(count)s service orders.", count=len(orders))

    def _check_documents(self):
        if not self.line_ids:
            raise UserError(self.env._("No document is open any more."))

    # Letter

    def _bss_archive_letter(self, as_of, channel):
        """The PDF, frozen in the archive."""
        number = (
            self.env["ir.sequence"]
            .sudo()
            .with_company(self.company_id)
            .next_by_code("bss.dunning.letter", sequence_date=as_of)
        )
        documents = self.env["bss.document"].sudo()
        data, assets = self._bss_letter_data(as_of, number)
        pdf = documents._bss_render_typst(LETTER_TEMPLATE, data, assets)
        document = documents._bss_archive(
            self.step_id.letter_kind or "reminder",
            number,
            pdf,
            self,
            self.account_id,
            channel,
            issued_at=self._bss_issued_at(as_of),
        )
        self.document_id = document
        return document

    def _bss_issued_at(self, as_of):
        """Now; for the run of a past day the beginning of that day in Poland."""
        day = datetime.combine(as_of, time.min, tzinfo=polish_day.POLAND).astimezone(UTC).replace(tzinfo=None)
        now = fields.Datetime.now()
        return now if day + timedelta(days=1) > now else day

    def _bss_letter_data(self, as_of, number):
        """Everything the letter template prints, as plain text; extended by super()."""
        action = self.sudo()
        company, partner = action.company_id, action.partner_id
        seller = company.partner_id
        rows = action._bss_rows()
        credit = action.case_id.amount_credit
        return {
            "lang": "pl",
            "number": number,
            "title": action.letter_title,
            "place_date": ", ".join(filter(None, [company.city, format_date(as_of)])),
            "date": format_date(as_of),
            "seller": {
                "name": company.name or "",
                "street": " ".join(filter(None, [seller.street, seller.street2])),
                "zip": seller.zip or "",
                "city": seller.city or "",
                "vat": format_nip(seller.vat or ""),
                "email": company.email or "",
                "phone": company.phone or "",
                "website": company.website or "",
            },
            "recipient": {
                "name": partner.name or "",
                "street": " ".join(filter(None, [partner.street, partner.street2])),
                "zip": partner.zip or "",
                "city": partner.city or "",
                "country": partner.country_id.name if partner.country_id != seller.country_id else "",
            },
            "references": [["Numer konta abonenta", action.account_id.name], ["Numer sprawy", action.case_id.name]],
            "paragraphs": action._bss_paragraphs(),
            "documents": rows,
            "credit": format_money(adapters.to_money(credit)) if credit else "",
            "amount": action.amount_text,
            "deadline": action.deadline_text,
            "words": amount_in_words(adapters.to_money(action.amount)),
            "payment": action._bss_payment_data(),
        }, {}

    def _bss_payment_data(self):
        company = self.company_id
        title = f"Konto abonenta {self.account_id.name}"
        grosze = int(adapters.to_money(self.amount).scaleb(2))
        code = transfer_qr(self.nrb_text, grosze, company.name or "", title, company.partner_id.vat or "")
        return {
            "nrb": self.nrb_text,
            "recipient": company.name or "",
            "title": title,
            "qr_svg": qr_svg(code.payload) if isinstance(code, TransferQr) else "",
        }

    # Results

    def _bss_done(self, as_of, text=None):
        for action in self:
            reason = "\n".join(filter(None, [action.reason, text]))
            action.write({"state": "done", "date_done": as_of, "reason": reason})
            action.case_id.sudo().with_context(tracking_disable=True).write(
                {"step_id": action.step_id.id, "stage_id": action.step_id.stage_id.id, "watched": False}
            )
            action.case_id.sudo()._message_log(body=action._bss_history_entry())

    def _bss_history_entry(self):
        lines = Markup("<br/>").join(escape(line) for line in (self.reason or "").split("\n"))
        return Markup("<b>%s</b> %s<br/>%s") % (self.step_id.name, format_money(adapters.to_money(self.amount)), lines)

    def _bss_fail(self, text):
        self.write({"state": "failed", "reason": text})

    @api.model
    def _bss_fail_unsent(self, company):
        """E-mails that never arrived: their step was not taken, the ladder comes back to it by its next channel.

        Only the last step of an open case: nobody is reminded after he was given a demand.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT action.id, MAX(COALESCE(mail.failure_reason, notice.failure_reason, notice.failure_type))
                  FROM bss_dunning_action action
                  JOIN bss_dunning_case dunning ON dunning.id = action.case_id AND dunning.step_id = action.step_id
                  JOIN mail_mail mail ON mail.id = action.mail_id
                  LEFT JOIN mail_notification notice ON notice.mail_message_id = mail.mail_message_id
                       AND notice.notification_status IN ('exception', 'bounce')
                 WHERE action.company_id = %s AND action.state = 'done' AND action.channel = 'email'
                   AND dunning.state != 'closed'
                   AND (mail.state = 'exception' OR notice.id IS NOT NULL)
                 GROUP BY action.id
                """,
                company.id,
            )
        )
        failed = self.sudo().browse(row[0] for row in rows)
        for action, (_id, reason) in zip(failed, rows, strict=True):
            action._bss_fail_mail(" ".join((reason or "").split()))
        return failed

    def _bss_fail_mail(self, reason):
        """Take one step back: what was done before it is the last step of the case again."""
        case, email = self.case_id, self.partner_id.email
        text = self._bss_mail_failure(email or "", reason)
        self.write({"failed_email": email, "failed_email_reason": reason, "date_done": False})
        self._bss_fail(text)
        taken = case.action_ids.filtered(lambda action: action.state in ("done", "skipped"))
        step = taken.sorted(lambda action: (action.date_done or action.date, action.id))[-1:].step_id
        stage = step.stage_id or case.strategy_id.stage_ids[:1]
        case.with_context(tracking_disable=True).write({"step_id": step.id, "stage_id": stage.id})
        case._message_log(body=self._bss_history_entry())

    def _bss_cancel(self, text):
        activities = self.sudo().activity_id
        self.write({"state": "cancelled", "reason": text})
        activities.unlink()

    def _bss_delivered_on(self):
        """Polish day of proven delivery of the letter, None when not proven."""
        document = self.document_id.sudo()
        delivered = document.delivered_at
        if not delivered or document.state == "returned":
            return None
        return polish_day.day_of(delivered)

    # Services

    def _bss_services_done_on(self, kind):
        """Polish day on which the last service was blocked, None while any order of this kind is open."""
        orders = self.filtered(lambda action: not action.released).sudo().order_ids
        orders = orders.filtered(
            lambda order: order.action == kind and order.state != "cancelled" and not order.superseded_by_id
        )
        if not orders or any(order.state != "done" for order in orders):
            return None
        return polish_day.day_of(max(orders.mapped("done_at")))

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

    # Buttons

    def action_execute(self):
        """Carry out by hand what waits for a person or failed."""
        self.check_access("write")
        today = polish_day.today()
        held = self.case_id.filtered(lambda case: case._bss_is_held(today))
        if held:
            raise UserError(self.env._("On hold: %(cases)s. Release first.", cases=", ".join(held.mapped("name"))))
        self.sudo().filtered(lambda action: action.state == "failed").write({"state": "planned"})
        self._bss_execute(today, by_hand=True)
        self.case_id._bss_replan()

    def action_skip(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_skip_action")
        action["context"] = {"default_action_ids": self.ids}
        return action

    def _bss_skip(self, reason):
        """A person decides that the ladder goes on without this step; who and why stays written."""
        self.check_access("write")
        today = polish_day.today()
        waiting = self.sudo().filtered(lambda action: action.state in ("planned", "failed"))
        activities = waiting.activity_id
        for action in waiting:
            text = self.env._("Skipped by %(user)s: %(reason)s", user=self.env.user.name, reason=reason)
            action.write({"state": "skipped", "date_done": today, "reason": text})
            action.case_id.sudo()._message_log(body=action._bss_history_entry())
        activities.unlink()
        waiting.case_id._bss_replan()

    def action_record_delivery(self):
        """Ask for the day and the proof of delivery of the letter."""
        self.ensure_one()
        if not self.document_id:
            raise UserError(self.env._("This action has no letter."))
        return self.document_id.action_mark_delivered()

    def action_view_case(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.dunning.case",
            "res_id": self.case_id.id,
            "view_mode": "form",
        }

    def action_open_pdf(self):
        self.ensure_one()
        attachment = self.document_id.attachment_id
        if not attachment:
            raise UserError(self.env._("This action has no letter."))
        return {"type": "ir.actions.act_url", "url": f"/web/content/{attachment.id}", "target": "new"}
