"""What was charged, settled against what today's facts say."""

from odoo import models

from .. import adapters, store
from ..billing_core import Problem, corrections
from .bss_charge_recurring import ChargeTexts, NetAmounts


class BssService(models.Model):
    _inherit = "bss.service"  # pylint: disable=consider-merging-classes-inherited

    def write(self, vals):
        """Days that a start moved back adds are charged at once: later settlements look at charged days only."""
        starts = {one: one.date_start for one in self if one.charged_through} if vals.get("date_start") else {}
        result = super().write(vals)
        since = {
            service.id: service.date_start
            for service, start in starts.items()
            if start and service.date_start < start and service._bss_was_charged_from(start)
        }
        if since:
            self.browse(since)._bss_settle(since)
        return result

    def _bss_was_charged_from(self, start):
        """Whether its first days were charged here, not by an earlier system."""
        self.ensure_one()
        domain = [("service_id", "=", self.id), ("kind", "=", "recurring"), ("date_start", "<=", start)]
        return bool(self.env["bss.charge"].sudo().search_count(domain, limit=1))

    def _bss_recalculate(self):
        """Correction charges where the charged periods cost something else by today's facts.

        Services that cannot be charged now stay marked; the next bill run says why. Running it again changes nothing.

        :return: the correction charges made
        """
        return self._bss_settle()[0]

    def _bss_settle(self, since=None):
        """(correction charges made, {service id: why it cannot be charged})

        :param since: {service id: day from which every day is to be charged, though no charge was there yet}
        """
        services = self._bss_without_heads()
        if not services.ids:
            return self.env["bss.charge"], {}
        self.env.flush_all()
        store.lock_rows(self.env.cr, services.ids)
        batch, found, problems = services._bss_corrections(since)
        charges = self.env["bss.charge"]._bss_add(services._bss_correction_vals(batch, found))
        charges.flush_recordset()
        store.mark_settled(self.env.cr, services.ids, list(problems))
        services.invalidate_recordset(["is_recalculation_due"], flush=False)
        return charges, problems

    def _bss_corrections(self, since=None):
        """(batch, [corrections of the kernel], {service id: problem in words}); nothing is stored."""
        since = since or {}
        ledgers = adapters.fetch_ledgers(self.env, self.ids)
        batch = adapters.fetch_batch(self.env, list(ledgers))
        found, problems = [], dict(batch.unpriced)
        for timeline in batch.timelines:
            result = corrections(
                timeline,
                ledgers[timeline.service_id],
                batch.rows[timeline.service_id].charged_through,
                since.get(timeline.service_id),
            )
            if isinstance(result, Problem):
                problems[timeline.service_id] = self._bss_problem_text(result)
            else:
                found.extend(result)
        return batch, found, problems

    def _bss_correction_vals(self, batch, found):
        """Values of the correction charges, ready for ``bss.charge``."""
        if not found:
            return []
        origins = self.env["bss.charge"].browse({one.origin_id for one in found if one.origin_id})
        taxes = {origin.id: origin.tax_ids.ids for origin in origins}
        names = {origin.id: origin.name for origin in origins}
        kinds = {origin.id: origin.kind for origin in origins}
        companies = self.env["res.company"].browse({batch.rows[one.service_id].company_id for one in found})
        texts = {company.id: ChargeTexts(self.env, company, batch.rows.values()) for company in companies}
        nets = {company.id: NetAmounts(self.env, company) for company in companies}
        vals_list = []
        for one in found:
            row = batch.rows[one.service_id]
            product_id, kind = adapters.of_product_key(one.product_id)
            net = one.amount if kind == "net" else nets[row.company_id].of_gross(product_id, one.amount)
            own = texts[row.company_id]
            name = names[one.origin_id] if one.origin_id and kinds[one.origin_id] == "recurring" else False
            env = self.with_context(lang=own.langs[row.partner_id]).env
            vals_list.append(
                {
                    "account_id": row.account_id,
                    "contract_id": row.contract_id,
                    "service_id": row.id,
                    "product_id": product_id,
                    "kind": "correction",
                    "name": env._("Correction: %(name)s", name=name or own.name(row, product_id)),
                    "period_start": one.period.start,
                    "date_start": one.part.start,
                    "date_end": one.part.end,
                    "quantity": 1.0,
                    "price_unit": float(net),
                    "amount": float(net),
                    "price_kind": kind,
                    "amount_gross": float(one.amount) if kind == "gross" else False,
                    "tax_ids": [(6, 0, taxes.get(one.origin_id, []))],
                    "identity_key": one.identity_key,
                    "origin_charge_id": one.origin_id,
                    "source_ref": own.explanation(one.explanation),
                }
            )
        return vals_list

    def _bss_problem_text(self, problem):
        """Why the kernel cannot charge a service, in words."""
        params = dict(problem.params, service=self.browse(problem.service_id).display_name)
        texts = {
            "NO_START": self.env._("Service %(service)s is active but has no start date.", **params),
            "END_BEFORE_START": self.env._("Service %(service)s ends before it starts.", **params),
            "UNKNOWN_PRORATION": self.env._("The offering of %(service)s has an unknown proration.", **params),
            "BAD_PERIOD": self.env._("The offering of %(service)s has no valid charging period.", **params),
            "NO_VERSION": self.env._("Service %(service)s has no offering to charge.", **params),
            "VERSION_ORDER": self.env._("Two versions of %(service)s begin on the same day.", **params),
            "SUSPENSION_OVERLAP": self.env._("Two suspensions of %(service)s overlap.", **params),
            "BAD_AMOUNT": self.env._("The price or the quantity of %(service)s is no number.", **params),
            "BAD_SUSPENSION": self.env._(
                "A suspension of %(service)s charges less than nothing or more than all.", **params
            ),
            "BAD_PROMOTION": self.env._("A promotion of %(service)s has a step that makes no sense.", **params),
        }
        if problem.code == "TOO_FAR_BACK":
            return self.env._(
                "Service %(service)s was not charged since %(start)s, more than %(limit)s periods ago: set the day"
                " it is charged through.",
                service=params["service"],
                start=params["from"],
                limit=params["limit"],
            )
        return texts[problem.code]
