"""The statutory gate before services of a case are blocked (art. 382 of the PKE act)."""

from odoo import fields, models

from .. import adapters
from ..dunning_core.law.service_chain import notice_flaw, resume_deadline
from ..dunning_core.policy.arrears import ZERO
from ..dunning_core.policy.gate_facts import NO_FACTS, gate_answer
from ..planning import review
from ..planning.load_facts import load_gate_facts
from ..planning.terms import Terms

DURABLE = frozenset({"letter", "email"})


class BssDunningCaseGate(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    def _bss_gate(self, name, as_of):
        """Kernel gate answer for a step of the service chain (restrict, suspend, terminate, n2, n3, persistent)."""
        self.ensure_one()
        terms = Terms(self.env, as_of)
        accounts, rows = self._bss_load(terms)
        row = rows[self]
        debt = review.debt_of(row, accounts, terms)
        facts = load_gate_facts(self.env, [row], terms).get(self.id, NO_FACTS)
        return gate_answer(name, facts, debt, as_of, terms.calendar, terms.chain)

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


class BssDunningActionNotice(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    notice_charge = fields.Monetary(
        readonly=True, help="What the customer was charged for this notice: one that is not free starts no term."
    )
    notice_flaw = fields.Selection(
        [
            ("NOT_FREE", "The customer was charged for it"),
            ("NOT_DURABLE", "Not on a durable medium"),
            ("OTHER_ADDRESS", "Not to the address chosen by the subscriber"),
        ],
        readonly=True,
        help="Why this notice starts no term, although it was delivered (art. 382(9) of the PKE act).",
    )

    def _bss_done(self, as_of, text=None):
        """What a notice lacks is settled when it goes out: later choices of the subscriber do not change it."""
        for action in self.filtered("legal_notice"):
            chosen = action.account_id.notice_way
            action.notice_flaw = notice_flaw(
                adapters.to_money(action.notice_charge) or ZERO,
                durable_medium=action.channel in DURABLE,
                chosen_address=not chosen or chosen == action.channel,
            )
        return super()._bss_done(as_of, text)


class BssAccountChain(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    notice_way = fields.Selection(
        [("letter", "Post"), ("email", "E-mail")],
        string="Address for Notices",
        help="Chosen by the subscriber for notices before services are restricted; empty: no choice is recorded.",
    )
    restriction_unfit = fields.Boolean(
        string="Cannot Be Restricted",
        help="Restriction is technically impossible or makes no economic sense: suspension may follow without it.",
    )
    restriction_unfit_since = fields.Date(string="Cannot Be Restricted Since", help="Empty: it never could be.")
