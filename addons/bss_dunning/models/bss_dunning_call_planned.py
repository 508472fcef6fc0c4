"""Calls as a dialer is told of them."""

from datetime import UTC

from odoo import api, models
from odoo.addons.bss_catalog import polish_day
from odoo.fields import Domain

from .. import adapters
from ..dunning_core.dialer import PlannedCall

#: so many times the wished number are looked at: customers who must not be called now do not keep the others waiting
PAGES = 20


class BssDunningCallPlanned(models.Model):
    _inherit = "bss.dunning.call"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_for_dialer(self, company, now, limit):
        """Calls at the dialer that may be made at this moment: due, within hours, and not against a limit."""
        if company._bss_contact_moment(now, "call") > now:
            return self.browse()
        domain = self._bss_due_domain(company, now) & Domain("batch_id.state", "=", "released")
        today, found = polish_day.day_of(now), self.browse()
        for page in range(PAGES):
            calls = self.search(domain, order="next_at, id", limit=limit, offset=page * limit)
            ledger = calls.partner_id._bss_contact_ledger(company, today)
            free = calls.with_context(bss_contact_ledger=ledger).filtered(
                lambda call: not call._bss_blocked(now, today)
            )
            found |= free.with_env(self.env)
            if len(found) >= limit or len(calls) < limit:
                break
        return found[:limit]

    def _bss_planned(self):
        """Kernel data of these calls."""
        found = []
        for call in self.sudo():
            company = call.company_id
            others = [phone.strip() for phone in (call.other_phones or "").split(",") if phone.strip()]
            found.append(
                PlannedCall(
                    call_id=call.id,
                    attempt=call._bss_next_number(),
                    case=call.case_id.name,
                    account=call.account_id.name,
                    name=call.partner_id.name or "",
                    phones=tuple(filter(None, [call.phone, *others])),
                    language=(call.lang or "pl_PL")[:2],
                    amount=adapters.to_money(call.amount),
                    currency=call.currency_id.name,
                    oldest_due=call.oldest_due or None,
                    days_overdue=call.days_overdue,
                    stage=call.stage_id.name or "",
                    last_contact=call.last_contact or None,
                    not_before=call.next_at.replace(tzinfo=UTC).astimezone(polish_day.POLAND),
                    hour_from=company.bss_contact_hour_from,
                    hour_to=company.bss_contact_hour_to,
                    script=call.script or "",
                )
            )
        return found
