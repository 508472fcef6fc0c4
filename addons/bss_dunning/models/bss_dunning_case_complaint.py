"""Complaints that were lodged before the case of their debt was opened."""

from odoo import api, models

from ..planning.scope import Scope


class BssDunningCaseComplaint(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_review(self, company, scope, terms, **options):
        """A debt that falls due while its complaint runs is disputed from the first day of its case."""
        opened, closed, decisions = super()._bss_review(company, scope, terms, **options)
        fresh = set(opened.ids)
        accounts = [decision.case.account_id for decision in decisions if decision.case.id in fresh]
        complaints = self.env["bss.complaint"].sudo()
        complaints = complaints.search([("account_id", "in", accounts), ("is_running", "=", True)])
        if not complaints:
            return opened, closed, decisions
        complaints._bss_follow_apart(terms.as_of)
        disputed = Scope.of_accounts(company.id, complaints.account_id.ids)
        again = super()._bss_review(company, disputed, terms, **options)[2]
        renewed = {decision.case.id: decision for decision in again}
        return opened, closed, [renewed.get(decision.case.id, decision) for decision in decisions]
