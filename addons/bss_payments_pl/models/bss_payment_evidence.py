"""Why an account is proposed for a payment, in words a clerk reads at a glance."""

from odoo import api, models
from odoo.tools import format_date

from ..bank_core import nrb

MAX_WORDS = 5


class BssPaymentEvidence(models.AbstractModel):
    _name = "bss.payment.evidence"
    _description = "Evidence for a Payment's Account"

    @api.model
    def _words(self, candidate):
        """Sentences of one stored candidate, at most MAX_WORDS; its reason alone when the matcher left no evidence."""
        words = [self._sentence(code, params or {}) for code, params in candidate.evidence or ()]
        words = list(dict.fromkeys(word for word in words if word))[:MAX_WORDS]
        if words:
            return words
        labels = self.env["bss.payment.inbox"]._reason_labels()
        return [labels.get(candidate.reason, candidate.reason)]

    @api.model
    def _sentence(self, code, params):
        text = self._texts().get(code)
        return text % _Shown(self._shown(params)) if text else ""

    @api.model
    def _shown(self, params):
        """Parameters as people read them: days of their language, account numbers in groups, rules by name."""
        shown = dict(params)
        if "nrb" in shown:
            shown["nrb"] = nrb.pretty(str(shown["nrb"]))
        if "last" in shown:
            shown["last"] = format_date(self.env, shown["last"])
        if "rule" in shown:
            shown["rule"] = self.env["bss.payment.rule"].browse(int(shown["rule"])).exists().display_name or ""
        return shown

    @api.model
    def _texts(self):
        """Sentence per code of the matcher; ``%(name)s`` is filled with the parameters of the evidence."""
        return {
            "VIRTUAL_ACCOUNT": self.env._("paid to the virtual account %(nrb)s"),
            "VIRTUAL_ACCOUNT_IN_TITLE": self.env._("virtual account %(nrb)s stands in the title"),
            "KSEF_NUMBER": self.env._("KSeF number %(number)s"),
            "NUMBER": self.env._("%(number)s is named"),
            "NUMBER_PAID": self.env._("%(number)s is paid already"),
            "NUMBER_NEAR": self.env._("nearly %(number)s: one digit differs"),
            "NUMBER_DOUBTFUL": self.env._("“%(written)s” may be another document as well"),
            "ACCOUNT_NUMBER": self.env._("customer number %(number)s"),
            "CONTRACT_NUMBER": self.env._("contract number %(number)s"),
            "PAYER_ACCOUNT": self.env._("this bank account paid here before (%(count)s ×, last %(last)s)"),
            "PAYER_SHARED": self.env._(
                "this bank account paid here before (%(count)s ×, last %(last)s), and for %(others)s others"
            ),
            "NAME": self.env._("the payer bears the customer's name"),
            "NAME_PART": self.env._("the payer's name resembles the customer's"),
            "NAME_SHARED": self.env._("the customer's name, which %(others)s others bear too"),
            "AMOUNT_NAMED": self.env._("the amount is that of the named documents"),
            "AMOUNT_DOCUMENT": self.env._("the amount is exactly that of %(number)s"),
            "AMOUNT_TOTAL": self.env._("the amount is exactly what is owed"),
            "RULE": self.env._("rule: %(rule)s"),
        }


class _Shown(dict):
    def __missing__(self, key):
        return "?"
