"""What follows from the result of a call: for the step, the case, the number and the next attempt."""

from datetime import UTC

from markupsafe import Markup, escape
from odoo import fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import SQL, format_date, format_datetime

OVER = ("reached", "refuse", "promise", "dispute")
#: results in which the customer said something that the case goes by
SAID = ("promise", "dispute")


class BssDunningCallRecord(models.Model):
    _inherit = "bss.dunning.call"  # pylint: disable=consider-merging-classes-inherited

    def _bss_record(self, result, source="person"):
        """Write an attempt down and do what its result asks for.

        :param result: ``CallResult`` of the kernel, checked
        :return: the attempt; the one that is there already when it came before
        """
        self.ensure_one()
        call = self.sudo().with_company(self.company_id)
        # two who bring the same attempt at once: the second waits here, then its transaction is repeated and finds it
        self.env.cr.execute(SQL("SELECT 1 FROM bss_dunning_call WHERE id = %s FOR UPDATE", self.id))
        known = call.attempt_ids.filtered(lambda attempt: attempt.number == result.attempt)
        if known:
            return known
        attempt = call.env["bss.dunning.call.attempt"].create(call._bss_attempt_vals(result, source))
        call._bss_add_attempt(attempt)
        if call.state == "open":
            getattr(call, f"_bss_result_{'over' if result.result in OVER else result.result}")(attempt)
        else:
            call._bss_result_late(attempt)
        return attempt

    def _bss_attempt_vals(self, result, source):
        minutes = float(result.minutes)
        callback = result.callback_at
        called_at = result.called_at.astimezone(UTC).replace(tzinfo=None)
        return {
            "call_id": self.id,
            "number": result.attempt,
            "called_at": called_at,
            "day": polish_day.day_of(called_at),
            "phone": result.phone or self.phone,
            "result": result.result,
            "reached": result.reached,
            "minutes": minutes,
            "cost": minutes * self.company_id.bss_call_minute_price,
            "promise_amount": float(result.promise_amount or 0),
            "promise_date": result.promise_date or False,
            "callback_at": callback.astimezone(UTC).replace(tzinfo=None) if callback else False,
            "note": result.note or False,
            "source": source,
            "user_id": self.env.uid if source == "person" else False,
        }

    def _bss_add_attempt(self, attempt):
        words = dict(attempt._fields["result"]._description_selection(self.env))
        text = self.env._(
            "%(number)s. %(phone)s: %(result)s",
            number=attempt.number,
            phone=attempt.phone or "",
            result=words[attempt.result],
        )
        text = f"{text} – {attempt.note}" if attempt.note else text
        self.write(
            {
                "result": attempt.result,
                "attempt_count": len(self.attempt_ids),
                "minutes": self.minutes + attempt.minutes,
                "cost": self.cost + attempt.cost,
                "note": "\n".join(filter(None, [self.note, text])),
            }
        )
        if attempt.cost and self.action_id:
            self.action_id._bss_add_cost(
                attempt.cost,
                self.env._("Call: %(minutes)s min", minutes=f"{attempt.minutes:.1f}".replace(".", ",")),
            )
        self.case_id._message_log(body=Markup("<b>%s</b> %s") % (self.env._("Call"), escape(text)))

    # One method for each result

    def _bss_result_over(self, attempt):
        """The customer was spoken to: the step is taken, and what he said is written where it belongs."""
        self._bss_end("done")
        self._bss_end_step(attempt)
        if attempt.result == "promise":
            self._bss_promise_made(attempt)
        elif attempt.result == "dispute":
            self._bss_disputed(attempt)
        self.case_id._bss_replan()

    def _bss_result_callback(self, attempt):
        """At the hour that the customer asked for, or at the next one at which he may be called."""
        moment = self.company_id._bss_contact_moment(attempt.callback_at, "call")
        self.write({"next_at": moment, "is_callback": True})
        if moment != attempt.callback_at:
            text = self.env._(
                "Call back moved from %(wished)s to %(moment)s. Calls: %(hours)s.",
                wished=format_datetime(self.env, attempt.callback_at, tz=polish_day.POLAND.key),
                moment=format_datetime(self.env, moment, tz=polish_day.POLAND.key),
                hours=self.company_id._bss_contact_hours_text(),
            )
            self.note = "\n".join(filter(None, [self.note, text]))

    def _bss_result_no_answer(self, attempt):
        if self._bss_missed() < self.company_id.bss_call_attempts:
            self.write({"next_at": self._bss_next_moment(), "is_callback": False})
            return
        self._bss_give_up(self.env._("Nobody answered, calls: %(count)s.", count=self._bss_missed()))

    def _bss_result_late(self, attempt):
        """The call was called off or over when its result came: the attempt is history, what the customer said holds."""
        states = dict(self._fields["state"]._description_selection(self.env))
        text = self.env._("This result came when the call was “%(state)s” already.", state=states[self.state])
        if attempt.result in SAID and self.case_id.state == "closed":
            text = f"{text} {self._bss_said_too_late(attempt)}"
        elif attempt.result == "promise":
            self._bss_promise_made(attempt)
        elif attempt.result == "dispute":
            self._bss_disputed(attempt)
        elif attempt.result == "wrong_number":
            self._bss_mark_wrong(attempt)
        self.note = "\n".join(filter(None, [self.note, text]))
        self.case_id._message_log(body=Markup("<b>%s</b> %s") % (self.env._("Call"), escape(text)))

    def _bss_said_too_late(self, attempt):
        """What is written on a closed case, which waits for nothing any more."""
        if attempt.result == "dispute":
            return self.env._("The case is closed: record a complaint if the customer stands by it.")
        return self.env._(
            "The case is closed, so nothing waits for the promise of %(amount)s for %(day)s.",
            amount=self.case_id._bss_text_amount(attempt.promise_amount),
            day=format_date(self.env, attempt.promise_date),
        )

    def _bss_missed(self):
        return len(self.attempt_ids.filtered(lambda attempt: attempt.result == "no_answer"))

    def _bss_result_wrong_number(self, attempt):
        """The number is marked; another one of the customer is tried, else the step goes to its next channel."""
        wrong = self._bss_mark_wrong(attempt)
        phones = self.partner_id._bss_call_phones(self.company_id)
        if not phones:
            self._bss_give_up(self.env._("%(phone)s is a wrong number.", phone=wrong or ""))
            return
        self.write({"phone": phones[0], "other_phones": ", ".join(phones[1:]) or False})
        self.next_at = self._bss_next_moment()

    def _bss_mark_wrong(self, attempt):
        """:return: the number that is nobody's of this customer"""
        wrong = attempt.phone or self.phone
        own = (self.partner_id | self.partner_id.child_ids).filtered(lambda person: person._bss_e164() == wrong)
        own.write({"bss_wrong_phone": wrong})
        return wrong

    # The step

    def _bss_end(self, state):
        self.write({"state": state, "batch_id": False})
        self.action_id._bss_drop_activity()

    def _bss_end_step(self, attempt):
        words = dict(attempt._fields["result"]._description_selection(self.env))
        action = self.action_id.filtered(lambda action: action.state == "planned")
        text = ": ".join(filter(None, [words[attempt.result], attempt.note]))
        action._bss_done(attempt.day, text)

    def _bss_give_up(self, text):
        """Not reached: the step takes its next channel, or is over when it has none."""
        self._bss_end("unreached")
        action = self.action_id.filtered(lambda action: action.state == "planned")
        if not action:
            return
        if action._bss_channels_after_call():
            action._bss_fail(text)
        else:
            action._bss_done(polish_day.day_of(fields.Datetime.now()), text)
        self.case_id._bss_replan()

    # The case

    def _bss_promise_made(self, attempt):
        self.case_id._bss_promise(attempt.promise_amount, attempt.promise_date, "phone", attempt.note or "")

    def _bss_disputed(self, attempt):
        """A dispute told on the telephone is a complaint about the amount."""
        self.case_id._bss_dispute_by_call(attempt.note or "", attempt.day)
