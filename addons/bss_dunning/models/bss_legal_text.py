"""Sentences for the calculations of the law kernel: money side. Codes and numbers come from there, words from here."""

from datetime import date
from decimal import Decimal

from odoo import api, models, tools
from odoo.tools import format_date, formatLang

FOUR_DIGITS = {"interest", "exact", "rate"}


class BssLegalText(models.AbstractModel):
    _name = "bss.legal.text"
    _description = "Sentences of the Law"

    @api.model
    def _bss_sentences(self, reasons):
        """One sentence for each reason or failure of the kernel, in the reader's language."""
        texts, labels = self._bss_words()
        return [self._bss_fill(texts, labels, reason) for reason in reasons]

    @tools.ormcache("self.env.lang")
    def _bss_words(self):
        """(texts, labels) of a language, put together once: a note run asks for them a million times."""
        return self._bss_texts(), self._bss_labels()

    @api.model
    def _bss_sentence(self, reason):
        return self._bss_sentences([reason])[0]

    def _bss_fill(self, texts, labels, reason):
        params = {key: self._bss_value(key, value, labels) for key, value in reason.params.items()}
        text = texts.get(reason.code)
        return text % params if text else reason.code

    def _bss_value(self, key, value, labels):
        if isinstance(value, date):
            return format_date(self.env, value)
        if isinstance(value, Decimal):
            return formatLang(self.env, float(value), digits=4 if key in FOUR_DIGITS else 2)
        if isinstance(value, (tuple, list)):
            return ", ".join(str(one) for one in value)
        return labels.get((key, value), "" if value is None else value)

    def _bss_labels(self):
        """{(parameter, value): word} of the parameters that are words."""
        return {
            ("basis", "CONTRACT"): self.env._(" (agreed rate)"),
            ("basis", "CAP"): self.env._(" (agreed rate cut to the maximum)"),
            ("basis", "FLOOR"): self.env._(" (statutory rate, agreed one is lower)"),
            ("basis", "OLDER_CONTRACT"): self.env._(" (contract older than the rate)"),
            ("rounding", "once"): self.env._("once"),
            ("rounding", "per_payment"): self.env._("at each payment"),
            ("rounding", "per_segment"): self.env._("for each rate"),
            ("kind", "costs"): self.env._("costs"),
            ("kind", "interest"): self.env._("interest"),
            ("kind", "principal"): self.env._("principal"),
            ("kind", "acknowledged"): self.env._("acknowledgement"),
            ("kind", "proceedings"): self.env._("proceedings"),
        }

    def _bss_texts(self):
        """{code: sentence with its parameters}"""
        return {
            **self._bss_texts_interest(),
            **self._bss_texts_compensation(),
            **self._bss_texts_court(),
            **self._bss_texts_setoff(),
            **self._bss_texts_limitation(),
        }

    def _bss_texts_interest(self):
        return {
            "INTEREST_SEGMENT": "%(first)s–%(last)s: %(principal)s × %(percent)s%% × %(days)s / %(divisor)s"
            " = %(interest)s%(basis)s",
            "DUE_SHIFTED": self.env._("The term ended on %(due)s, a free day: it moved to %(effective)s."),
            "INTEREST_PAYMENT": self.env._(
                "%(day)s: payment of %(amount)s, of it %(to_principal)s on the principal; %(principal)s left."
            ),
            "INTEREST_ROUNDED": self.env._("Sum %(exact)s, rounded %(rounding)s: %(amount)s"),
            "NO_RATE": self.env._("No interest rate is recorded for %(day)s."),
            "BAD_AMOUNT": self.env._("The amount makes no sense."),
            "BAD_PAYMENT": self.env._("The payment of %(day)s makes no sense: %(amount)s."),
        }

    def _bss_texts_compensation(self):
        return {
            "COMPENSATION_BAND": self.env._("Performance of %(value)s PLN: compensation of %(eur)s EUR."),
            "COMPENSATION_RATE": self.env._("Due on %(due)s: mid rate of the National Bank of %(day)s is %(rate)s."),
            "COMPENSATION_AMOUNT": "%(eur)s EUR × %(rate)s = %(amount)s PLN",
            "NOT_BETWEEN_BUSINESSES": self.env._("Compensation is due between businesses only."),
            "NOT_LATE_YET": self.env._("The term of %(due)s is not over yet."),
            "CONTRACT_OLDER_THAN_ACT": self.env._(
                "The contract of %(concluded)s is older than the act that holds from %(day)s."
            ),
            "NO_COMPENSATION": self.env._("No compensation is recorded for claims due on %(day)s."),
            "NO_MID_RATE": self.env._("The mid rate of the National Bank of %(day)s is missing."),
        }

    def _bss_texts_court(self):
        return {
            "COURT_FEE_FIXED": self.env._("Value in dispute %(value)s PLN: fee of %(amount)s PLN."),
            "COURT_FEE_PERCENT": self.env._(
                "Value in dispute %(value)s PLN × %(percent)s%%, up to a full zloty: %(amount)s PLN."
            ),
            "EPU_FEE": self.env._(
                "Electronic proceedings: %(ordinary)s / %(divisor)s, up to a full zloty, at least %(minimum)s:"
                " %(amount)s PLN."
            ),
            "NO_COURT_FEE": self.env._("No court fee is recorded for %(day)s."),
            "NO_COST_NORM": self.env._("No cost norm is recorded for %(day)s."),
        }

    def _bss_texts_setoff(self):
        return {
            "SETOFF_INDICATED": self.env._("%(amount)s on the %(kind)s due on %(due)s: named by the debtor."),
            "SETOFF_RECEIPT": self.env._("%(amount)s on the %(kind)s due on %(due)s: receipt accepted by the debtor."),
            "SETOFF_OLDEST": self.env._("%(amount)s on the %(kind)s due on %(due)s: overdue the longest."),
            "SETOFF_NOT_DUE": self.env._("%(amount)s on the %(kind)s due on %(due)s: nothing else is overdue."),
            "UNKNOWN_DEBT": self.env._("The payment names debts that are not open: %(keys)s."),
        }

    def _bss_texts_limitation(self):
        return {
            "LIMITATION_START": self.env._("The term began on %(day)s."),
            "LIMITATION_ACKNOWLEDGED": self.env._("Acknowledged on %(day)s: the term began anew."),
            "LIMITATION_PROCEEDINGS": self.env._("Proceedings since %(day)s: the term does not run."),
            "LIMITATION_PROCEEDINGS_ENDED": self.env._("Proceedings ended on %(day)s: the term began anew."),
            "LIMITATION_JUDGMENT": self.env._("Final judgment or settlement of %(day)s: the term of judgments began."),
            "LIMITATION_SUSPENDED": self.env._("Complaint from %(first)s to %(last)s: %(days)s days do not count."),
            "LIMITATION_TOO_LATE": self.env._("%(day)s (%(kind)s): the term had already run out."),
            "LIMITATION_END": self.env._("The last day of the term is %(day)s."),
            "LIMITATION_STOPPED": self.env._("The term does not run."),
            "LIMITATION_RUNS": self.env._("The term runs."),
            "LIMITATION_UNKNOWN": self.env._("No rule of limitation is recorded for this claim."),
            "LAPSED": self.env._("The claim has lapsed."),
        }
