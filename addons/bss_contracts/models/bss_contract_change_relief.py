from dataclasses import replace

from odoo import api, fields, models
from odoo.tools.misc import format_date

from .. import adapters
from ..billing_core import OneTimeRelief, Period, Problem, claw_back, relief, round_half_up


class BssContractChange(models.Model):
    """Relief of the term that is asked back when services end within it."""

    _inherit = "bss.contract.change"  # pylint: disable=consider-merging-classes-inherited

    claw_back_waived = fields.Boolean(
        string="Claw-back Waived", help="The relief is not asked back; a billing manager confirms that."
    )
    claw_back_amount = fields.Monetary(
        string="Claw-back",
        compute="_compute_claw_back_amount",
        help="Relief of the term to be given back, as counted by the last preview or at the confirmation.",
    )
    claw_back_data = fields.Json(readonly=True, copy=False)

    @api.depends("claw_back_data")
    def _compute_claw_back_amount(self):
        for change in self:
            change.claw_back_amount = sum(float(one["amount"]) for one in change.claw_back_data or ())

    def _bss_claw_back(self, services, cause):
        """Charge the relief that ``services`` give back because they end within the term.

        Only relief that was given is asked back. Promotions and reduced fees are given with the activation, so a
        service that was never activated has none (before the service begins the law leaves a claim for a device
        only, and a device is no relief of the term here: it is lent and given back, or sold). One that is activated
        after the confirmation and before its end is claimed on that day: ``_bss_claw_back_late``.

        :param services: those that run, or will by an assignment agreed already
        :param cause: a cause of ``billing_core.relief``
        """
        found = self._bss_found_claims(services, cause)
        self.sudo().claw_back_data = found or False
        if not found:
            return
        if self.claw_back_waived:
            self._bss_check_manager(
                self.env._("Waiving the claw-back of %(amount)s", amount=self.currency_id.format(self.claw_back_amount))
            )
            return
        for claim in found:
            self._bss_charge_claim(claim)

    def _bss_claw_back_late(self, service):
        """Charge the relief of ``service``, which was pending at the confirmation and was given it just now."""
        if self.claw_back_waived:
            return
        found = self._bss_found_claims(service, self._bss_cause())
        self.claw_back_data = [*(self.claw_back_data or ()), *found] or False
        for claim in found:
            self._bss_charge_claim(claim)

    def _bss_found_claims(self, services, cause):
        """Claims of ``_bss_claims`` when the end of this change lies within the term."""
        last = fields.Date.subtract(self.date_effective, days=1)
        start, end = self.contract_id._bss_term_on(last)
        if not (start and last < end and services):
            return []
        return self._bss_claims(services._bss_without_heads(), Period(start, end), last, cause)

    def _bss_claims(self, services, term, last, cause):
        """Plain data of every claim above zero: service, kind of price, relief, days, amount, promotions."""
        batch = adapters.fetch_batch(self.env, services.ids)
        found = []
        for timeline in batch.timelines:
            service = services.browse(timeline.service_id)
            # after an assignment the term goes on: its relief began with the first service of the chain
            whole = replace(timeline, start=timeline.anchor or timeline.start)
            kind = adapters.of_product_key(timeline.versions[-1].product_id)[1]
            granted = relief(whole, term, self._bss_spared_fees(service, kind))
            if isinstance(granted, Problem):
                continue  # the bill run says why it cannot be charged
            claim = claw_back(granted, term, last, cause, self.company_id.bss_claw_back_method)
            if claim.amount:
                promotions = self.env["bss.promotion"].sudo()
                found.append(
                    {
                        "service_id": service.id,
                        "service": service.display_name,
                        "price_kind": kind,
                        "relief": str(granted.amount),
                        "used": str(granted.granted_until(last)),
                        "remaining": claim.params["remaining"],
                        "days": claim.params["days"],
                        "amount": str(claim.amount),
                        "promotions": [
                            [promotions.browse(number or []).name or self.env._("Fees"), str(amount)]
                            for number, amount in granted.by_promotion
                        ],
                    }
                )
        return found

    def _bss_spared_fees(self, service, wanted):
        """What promotions took off the activation fee belongs to the relief of the term, also when nothing was left.

        :param wanted: kind of the relief, "net" or "gross", as the service is charged
        """
        day = service.date_start
        if not day or service.predecessor_id:
            return []  # never activated, or by the customer before
        fee = service._bss_as_of(day)["product"].bss_activation_product_id.with_company(self.company_id)
        charges = service.charge_ids.filtered(lambda one: one.kind == "one_off" and one.product_id == fee)
        if not fee or (charges and set(charges.mapped("state")) == {"cancelled"}):
            return []
        if service.sale_line_id:
            full, paid, kind = service._bss_offered_fee(fee)
        else:
            full, kind = fee._bss_price_on(day, service.account_id.pricelist_id)
            paid = service._bss_promoted_fee(fee, full, day)
        full, paid = (fee._bss_price_as(round_half_up(one), kind, wanted) for one in (full, paid))
        return [OneTimeRelief(day, full, paid)] if paid < full else []

    def _bss_charge_claim(self, claim):
        service = self.env["bss.service"].browse(claim["service_id"])
        product = self.company_id._bss_claw_back_product()
        charge = service._bss_charge_once(
            product,
            self.date_effective,
            price=float(claim["amount"]),
            name=self._bss_claim_text(claim, service),
            reference=f"clawback:{self.id}",
            **({"price_kind": "gross"} if claim["price_kind"] == "gross" else {}),
        )
        charge.sudo().write({"change_id": self.id, "source_ref": self._bss_claim_arithmetic(claim, service)})

    def _bss_claim_text(self, claim, service):
        env = self.with_context(lang=self.partner_id.lang or self.env.lang).env
        return env._("Claw-back of relief: %(service)s", service=claim["service"])

    def _bss_claim_arithmetic(self, claim, service):
        """How one claim was counted, in one line, in the language of the customer."""
        lang = self.partner_id.lang or self.env.lang
        env = self.with_context(lang=lang).env
        return env._(
            "relief %(relief)s × %(remaining)s of %(days)s days of the term, rounded down = %(amount)s",
            relief=self.currency_id.with_env(env).format(float(claim["relief"])),
            remaining=claim["remaining"],
            days=claim["days"],
            amount=self.currency_id.with_env(env).format(float(claim["amount"])),
        )

    def _bss_term_text(self):
        start, end = self.contract_id._bss_term_on(fields.Date.subtract(self.date_effective, days=1))
        return f"{format_date(self.env, start)} – {format_date(self.env, end)}" if start else ""
