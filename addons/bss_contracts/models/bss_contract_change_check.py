from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Date

from ..private_context import trial_of
from .bss_contract_change import CHANGEABLE, IN_FORCE

MANAGER = "bss_catalog.group_bss_billing_manager"
# kinds after whose day the services of the contract are gone
ENDING = ("assignment", "termination")


class BssContractChange(models.Model):
    """What is refused, whatever the kind of change."""

    _inherit = "bss.contract.change"  # pylint: disable=consider-merging-classes-inherited

    def _bss_check(self):
        self.ensure_one()
        self._bss_check_contract()
        self._bss_check_day()
        self._bss_check_ending()
        self.line_ids._bss_check()
        self._bss_check_same_day()
        self._bss_step("check")

    def _bss_check_contract(self):
        contract = self.contract_id
        if contract.state == "draft":
            raise UserError(
                self.env._("Contract %(name)s is a draft: change the draft itself.", name=contract.display_name)
            )
        if contract.state not in CHANGEABLE:
            raise UserError(
                self.env._(
                    "Contract %(name)s ended on %(day)s and cannot be changed any more.",
                    name=contract.display_name,
                    day=self._bss_day(contract.date_end) if contract.date_end else "",
                )
            )

    def _bss_check_day(self):
        contract, day = self.contract_id, self.date_effective
        if day < contract.date_start:
            raise UserError(
                self.env._(
                    "The change would hold from %(day)s, before contract %(name)s starts on %(start)s.",
                    day=self._bss_day(),
                    name=contract.name,
                    start=self._bss_day(contract.date_start),
                )
            )
        months = self.company_id.bss_change_months_back
        earliest = Date.subtract(self._bss_today(), months=months)
        if day < earliest:
            raise UserError(
                self.env._(
                    "The change would hold from %(day)s: more than %(months)s months back is not allowed.",
                    day=self._bss_day(),
                    months=months,
                )
            )

    def _bss_check_same_day(self):
        """Two changes of one fact on one day: which of them should hold?"""
        touched = {line._bss_touched() for line in self.line_ids} - {None}
        others = self.env["bss.contract.change.line"].search(
            [
                ("service_id", "in", self.line_ids.service_id.ids),
                ("change_id", "!=", self.id),
                ("change_id.state", "in", IN_FORCE),
                ("change_id.date_effective", "=", self.date_effective),
            ]
        )
        for line in others:
            for service, facts in touched:
                if line.service_id == service and facts & (line._bss_touched() or (None, frozenset()))[1]:
                    raise UserError(
                        self.env._(
                            "%(service)s is changed on %(day)s by %(other)s already: undo that one or choose another day.",
                            service=service.display_name,
                            day=self._bss_day(),
                            other=line.change_id.display_name,
                        )
                    )

    def _bss_check_ending(self):
        """Nothing changes after the end, and an end does not come before what is agreed already."""
        others = self.contract_id.change_ids.filtered(lambda one: one.state == "confirmed" and one != self)
        ends = others.filtered(lambda one: one.kind in ENDING and one.date_effective <= self.date_effective)
        taken = ends.filtered("result_contract_id")[:1]
        if taken:
            raise UserError(
                self.env._(
                    "Contract %(name)s goes over to %(customer)s on %(day)s: make the change on contract %(new)s, or "
                    "undo %(other)s first.",
                    name=self.contract_id.name,
                    customer=taken.new_partner_id.display_name,
                    day=self._bss_day(taken.date_effective),
                    new=taken.result_contract_id.name,
                    other=taken.display_name,
                )
            )
        if ends:
            raise UserError(
                self.env._(
                    "After %(day)s there is nothing to change: %(other)s. Undo it first.",
                    day=self._bss_day(ends[0].date_effective),
                    other=ends[0].display_name,
                )
            )
        self._bss_check_lost(others.filtered(lambda one: one.kind in ENDING and one not in ends))
        if self.kind in ENDING:
            later = others.filtered(lambda one: one.date_effective >= self.date_effective)
            if later:
                raise UserError(
                    self.env._(
                        "These changes are agreed for later days: %(others)s. Undo them first.",
                        others=", ".join(later.mapped("display_name")),
                    )
                )

    def _bss_check_lost(self, ends):
        """Refuse what an agreed later end or assignment would not know of: it was counted without it."""
        for end in ends:
            day = self._bss_day(end.date_effective)
            if end.kind == "assignment" and not self._bss_over_before(end.date_effective):
                self._bss_check_goes_over(end)
            if end.kind == "termination" and any(line.action == "add" for line in self.line_ids):
                raise UserError(
                    self.env._(
                        "Contract %(name)s ends before %(day)s: nothing is added to it any more. Undo it first: %(other)s.",
                        name=self.contract_id.name,
                        day=day,
                        other=end.display_name,
                    )
                )

    def _bss_check_goes_over(self, assignment):
        """Refuse what the new customer would not get, or what would change under what he agreed himself."""
        new = assignment.result_contract_id
        if not self._bss_goes_over():
            raise UserError(
                self.env._(
                    "Contract %(name)s is assigned from %(day)s: the new customer would not get this change. Make it "
                    "on contract %(new)s, or undo %(other)s first.",
                    name=self.contract_id.name,
                    day=self._bss_day(assignment.date_effective),
                    new=new.name,
                    other=assignment.display_name,
                )
            )
        agreed = assignment._bss_agreed_with_heir()
        if agreed:
            raise UserError(
                self.env._(
                    "The new customer agreed already, on what contract %(name)s is now: %(agreed)s. Undo that first, or "
                    "make the change on contract %(new)s.",
                    name=self.contract_id.name,
                    agreed=", ".join(agreed.mapped("display_name")),
                    new=new.name,
                )
            )

    def _bss_over_before(self, day):
        """Whether nothing of this change concerns the services on ``day`` or later."""
        if self.kind == "suspension":
            # back in service before that day
            return self.date_end and Date.add(self.date_end, days=1) < day
        return self.kind in ("address", *ENDING)

    def _bss_followers(self):
        """Also the agreed end or assignment that was counted with this change, and what the new customer agreed."""
        ends = self.contract_id.change_ids.filtered(lambda one: one != self and one.kind in ENDING)
        built = ends.filtered(self._bss_counted_in) | self.result_contract_id.change_ids
        for end in ends.filtered(lambda one: one.kind == "assignment" and one.state == "confirmed"):
            if not self._bss_over_before(end.date_effective):
                built |= end._bss_agreed_with_heir()
        return super()._bss_followers() | built.filtered(lambda one: one.state == "confirmed")

    def _bss_counted_in(self, end):
        if end.kind == "assignment":
            return not (self._bss_over_before(end.date_effective) or self._bss_goes_over())
        left_alone = self._bss_ended() - end._bss_ended()
        return bool(left_alone or self._bss_made_services()._bss_without_heads() & end._bss_ended())

    def _bss_check_manager(self, what):
        """Some things a clerk may prepare, and only the billing manager confirm."""
        trial = trial_of(self.env)
        if self.env.su or self.env.user.has_group(MANAGER):
            return
        if trial:
            trial.manager.append(what)  # the preview goes on and says it
        else:
            raise UserError(self.env._("%(what)s: only a billing manager may confirm that.", what=what))
