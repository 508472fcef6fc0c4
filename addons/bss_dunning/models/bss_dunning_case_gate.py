"""The statutory gate before services of a case are blocked (art. 382 of the PKE act)."""

from odoo import models

from .. import adapters
from ..dunning_core.law.service_chain import ChainState, ChainStep, Notice, NoticeKind, gate, resume_deadline
from ..dunning_core.policy.ladder import GateAnswer


class BssDunningCaseGate(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    def _bss_gate(self, name, as_of, calendar=None, debt=None):
        """Kernel gate answer for a step of the service chain (restrict, suspend, n2, n3)."""
        self.ensure_one()
        terms = adapters.chain_terms(self.env, as_of)
        if terms is None:
            return GateAnswer(False, "NO_LEGAL_TERMS")
        calendar = calendar or adapters.free_days(self.env)
        debt = debt or self._bss_debts(as_of, calendar)[self]
        answer = gate(ChainStep(name), self._bss_chain_state(debt), as_of, calendar, terms)
        return GateAnswer(answer.allowed, answer.code, answer.earliest)

    def _bss_chain_state(self, debt):
        """Facts of the chain; a complaint protects whatever else is unpaid, which is the safe side."""
        actions = self.sudo().action_ids.filtered(lambda action: action.state == "done")
        notices = tuple(
            Notice(NoticeKind(action.step_id.legal_notice), action._bss_delivered_on())
            for action in actions
            if action.step_id.legal_notice and action._bss_notice_stands(debt)
        )
        return ChainState(
            unpaid=debt.demanded > 0,
            notices=notices,
            restricted_on=actions._bss_services_done_on("restrict"),
            suspended_on=actions._bss_services_done_on("suspend"),
            complaint_open=self.complaint_open,
            complaint_exhausted_on=self.complaint_exhausted_on or None,
            undisputed_paid=True,
        )

    def _bss_resume_deadline(self, as_of):
        terms = adapters.chain_terms(self.env, as_of)
        return resume_deadline(as_of, terms) if terms is not None else as_of

    def _bss_gate_text(self, code):
        return {
            "N1_NOT_DELIVERED": self.env._("delivery of the notice of restriction is not proven."),
            "N2_NOT_DELIVERED": self.env._("delivery of the notice of suspension is not proven."),
            "N3_NOT_DELIVERED": self.env._("delivery of the notice of termination is not proven."),
            "NOT_RESTRICTED": self.env._("the services were not restricted."),
            "NOT_SUSPENDED": self.env._("the services were not suspended."),
            "N1_FLAWED": self.env._("the notice of restriction was not free, durable and to the chosen address."),
            "N2_FLAWED": self.env._("the notice of suspension was not free, durable and to the chosen address."),
            "N3_FLAWED": self.env._("the notice of termination was not free, durable and to the chosen address."),
            "PERSISTENT_FLAWED": self.env._("the single notice was not free, durable and to the chosen address."),
            "NOT_PERSISTENT": self.env._("the customer is no persistent late payer."),
            "RESTRICTION_UNFIT": self.env._("restriction is not possible for this service."),
            "TERM_RUNNING": self.env._("a statutory term is running."),
            "COMPLAINT_OPEN": self.env._("a complaint is open."),
            "NOTHING_DUE": self.env._("nothing is due."),
            "NO_LEGAL_TERMS": self.env._("the statutory terms of that day are not recorded."),
        }.get(code, code or "")
