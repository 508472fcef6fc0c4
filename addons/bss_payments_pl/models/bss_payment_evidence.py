"""Why an account is proposed for a payment, in words a clerk reads at a glance."""

from odoo import api, models


class BssPaymentEvidence(models.AbstractModel):
    _name = "bss.payment.evidence"
    _description = "Evidence for a Payment's Account"

    @api.model
    def _texts(self):
        """Sentence per code of the matcher; ``%(name)s`` is filled with the parameters of the evidence."""
        return {}

    @api.model
    def _words(self, candidate):
        """Sentences of one stored candidate; its reason alone when the matcher left no evidence."""
        labels = self.env["bss.payment.inbox"]._reason_labels()
        return [labels.get(candidate.reason, candidate.reason)]
