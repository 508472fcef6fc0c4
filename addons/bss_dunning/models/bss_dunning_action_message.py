"""Messages about promises and plans: actions without a step, one for each occasion, carried out like all others."""

from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.bss_contracts.document_core import format_date, format_money, format_nrb

from .. import adapters
from ..dunning_core.letters.placeholders import fill

KINDS = [
    ("remind", "Reminder of a promise"),
    ("broken", "Promise broken"),
    ("plan_broken", "Instalment plan broken"),
]
#: by which a message may go: its words are short and wait for no post
CHANNELS = ("sms", "email")
#: so long a message about what was broken still makes sense
FRESH = timedelta(days=7)


class BssDunningActionMessage(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    message_kind = fields.Selection(KINDS, string="Message", readonly=True, copy=False)
    promise_id = fields.Many2one(
        "bss.dunning.promise", readonly=True, copy=False, index="btree_not_null", ondelete="cascade"
    )
    plan_id = fields.Many2one(
        "bss.dunning.instalment.plan",
        string="Instalment Plan",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="cascade",
    )

    # what makes a night that is repeated harmless
    _promise_message_unique = models.UniqueIndex(
        "(promise_id, message_kind) WHERE promise_id IS NOT NULL", "The customer is told of this promise already."
    )
    _plan_message_unique = models.UniqueIndex(
        "(plan_id, message_kind) WHERE plan_id IS NOT NULL", "The customer is told of this plan already."
    )

    # Planning

    @api.model
    def _bss_plan_messages(self, kind, occasions, as_of):
        """Planned messages, one for each promise or plan that has none of this kind; the next run sends them.

        :param occasions: [(promise or plan, channel, template text, amount, day)]
        :return: the new actions
        """
        wanted = [one for one in occasions if one[1] not in (False, "none") and (one[2] or "").strip()]
        told = self._bss_told(kind, [one[0] for one in wanted])
        wanted = [one for one in wanted if one[0] not in told]
        numbers = self.env["bss.account"].browse(one[0].account_id.id for one in wanted)._bss_payment_bank_account()
        messages = self.sudo().create([self._bss_message_vals(kind, *one, numbers, as_of) for one in wanted])
        messages._bss_fill_lines(as_of)
        return messages

    @api.model
    def _bss_told(self, kind, occasions):
        """Promises or plans that have a message of this kind."""
        told = set()
        for field in ("promise_id", "plan_id"):
            ids = [one.id for one in occasions if one._name == self._fields[field].comodel_name]
            found = self.sudo().search([("message_kind", "=", kind), (field, "in", ids)]) if ids else self.browse()
            told.update(found[field])
        return told

    def _bss_message_vals(self, kind, about, channel, text, amount, day, numbers, as_of):
        values = {
            "account": about.account_id.name or "",
            "amount": format_money(adapters.to_money(amount)),
            "day": format_date(day),
            "nrb": format_nrb(numbers.get(about.account_id.id, "")),
            "company": about.company_id.name or "",
        }
        words = fill(text, values)
        return {
            "case_id": about.case_id.id,
            "date": as_of,
            "origin": "promise",
            "message_kind": kind,
            "plan_id" if about._name == self._fields["plan_id"].comodel_name else "promise_id": about.id,
            "channel": channel,
            "amount": amount,
            "own_title": dict(self._fields["message_kind"]._description_selection(self.env))[kind],
            "own_text": words,
            "own_sms_text": words,
        }

    # Carrying out: the same channels, hours and limits as steps have

    def _bss_execute_one(self, as_of, debt):
        if not self.message_kind:
            return super()._bss_execute_one(as_of, debt)
        if self._bss_stopped(as_of, debt):
            return None
        self._bss_renew_words(as_of)
        log = [self.fault_note] if self.fault_note else []
        for channel in self._bss_channels():
            refusal = self._bss_refusal(channel, as_of)
            log.append(refusal or getattr(self, f"_bss_do_{channel}")(as_of))
            if not refusal:
                self.write({"channel": channel, "reason": "\n".join(log)})
                return self._bss_done(as_of)
        tried = self.failed_email or self.failed_phone or self.mail_faults or self.sms_faults
        return self._bss_fail("\n".join(log)) if tried else self._bss_cancel("\n".join(log))

    def _bss_channels(self):
        """The one of the settings; when it does not reach the customer, the others by his preference."""
        if not self.message_kind:
            return super()._bss_channels()
        partner = self.partner_id.with_company(self.company_id)
        others = [channel for channel in partner._bss_dunning_channels(self.account_id) if channel in CHANNELS]
        return self._bss_after_gateway(self._bss_after_faults(list(dict.fromkeys([self.channel, *others]))))

    def _bss_renew_words(self, as_of):
        """A reminder that waited names what is left of the promise now."""
        promise = self.promise_id
        left = promise._bss_left() if self.message_kind == "remind" else self.amount
        if not self.currency_id.compare_amounts(left, self.amount):
            return
        text, numbers = self.company_id.bss_promise_remind_text, self.account_id._bss_payment_bank_account()
        vals = self._bss_message_vals("remind", promise, self.channel, text, left, promise.date, numbers, as_of)
        self.write({name: vals[name] for name in ("amount", "own_text", "own_sms_text")})

    def _bss_stopped(self, as_of, debt):
        if not self.message_kind:
            return super()._bss_stopped(as_of, debt)
        if self.case_id.state == "closed" or debt.overdue <= 0:
            self._bss_cancel(self.env._("The debt was paid."))
        elif debt.demanded <= 0:
            self._bss_cancel(self.env._("Nothing of the debt may be demanded any more."))
        elif not self._bss_still_makes_sense(as_of):
            self._bss_cancel(self.env._("It is too late for this message, or it is not needed any more."))
        elif barred := self._bss_demand_barred():
            self._bss_cancel(barred)
        elif self._bss_is_held(as_of):
            reason = self.case_id.hold_reason or ""
            self.reason = self.env._("Waits: the case is on hold. %(reason)s", reason=reason).strip()
        else:
            return False
        return True

    def _bss_still_makes_sense(self, as_of):
        if self.message_kind == "remind":
            return self.promise_id.state == "open" and as_of <= self.promise_id.date_last
        about = self.promise_id or self.plan_id
        return about.state == "broken" and as_of <= about.date_decided + FRESH

    def _bss_is_held(self, as_of):
        """A promise that holds the case does not stand in the way of its own reminder."""
        if self.message_kind != "remind":
            return super()._bss_is_held(as_of)
        return any(
            hold.scope == "case" and hold.kind != "promise" and (not hold.date_until or as_of <= hold.date_until)
            for hold in self.case_id.active_hold_ids
        )

    def _bss_do_email(self, as_of):
        if not self.message_kind:
            return super()._bss_do_email(as_of)
        company = self.company_id
        self.mail_id = (
            self.env["mail.mail"]
            .sudo()
            .create(
                {
                    "subject": f"{self.own_title} – konto {self.account_id.name}",
                    "body_html": Markup("<p>%s</p>") % self.own_text,
                    "email_from": company.email_formatted or self.env.user.email_formatted,
                    "recipient_ids": [fields.Command.link(self.partner_id.id)],
                    "model": self.case_id._name,
                    "res_id": self.case_id.id,
                    "auto_delete": False,
                }
            )
        )
        return self.env._("E-mail to %(email)s.", email=self.partner_id.email)

    def _bss_cancel(self, text):
        """That a message was not sent, and why, stays in the history of the case."""
        result = super()._bss_cancel(text)
        for action in self.filtered("message_kind"):
            action.case_id.sudo()._message_log(body=action._bss_history_entry())
        return result
