"""What the next bill of an account would say. Nothing is stored."""

from collections import defaultdict
from decimal import Decimal

from odoo import fields, models
from odoo.addons.bss_catalog import polish_day

from .. import adapters
from ..billing_core import Period, charge_all
from .bss_charge_recurring import ChargeTexts, NetAmounts

TOTALS = ("base_amount_currency", "tax_amount_currency", "total_amount_currency")


class BssAccount(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    def _bss_next_bill(self, day=None):
        """What the next bill would say by today's facts.

        :param day: a day of the period to bill; None = the first period not billed yet
        :return: dict of plain data: ``date_start``, ``date_end``; ``lines``, each with ``kind`` (recurring, correction,
            or the kind of a pending charge), ``is_pending`` (stored already), ``contract_id``, ``service_id``,
            ``product_id``, ``text``, ``date_start``, ``date_end``, ``amount`` (net, Decimal), ``amount_gross`` (of gross
            prices, else None), ``explanation`` and ``reduces_id`` (the invoice that a corrective one reduces); ``net``, ``vat``, ``gross`` (Decimal) of all lines;
            ``problems``: why services cannot be charged, in words
        """
        self.ensure_one()
        start, end = self._bss_next_bill_period(day)
        services = self.env["bss.service"].search([("account_id", "=", self.id)])._bss_without_heads()
        corrected, found, problems = services._bss_corrections()
        running = services.filtered(lambda one: one.date_start and one.date_start <= end or one.state == "active")
        batch = adapters.fetch_batch(self.env, running.ids)
        collected = charge_all(batch.timelines, Period(start, end), batch.charged_through())
        texts = ChargeTexts(self.env, self.company_id, [*batch.rows.values(), *corrected.rows.values()])
        problems |= batch.unpriced
        problems |= {one.service_id: services._bss_problem_text(one) for one in collected.problems}
        lines = [self._bss_recurring_line(batch, texts, one) for one in collected.charges]
        lines += [self._bss_correction_line(vals) for vals in services._bss_correction_vals(corrected, found)]
        lines += [self._bss_pending_line(one) for one in self._bss_pending_charges(end)]
        lines.sort(key=lambda one: (one["contract_id"], one["service_id"], one["date_start"] or start))
        return {
            "date_start": start,
            "date_end": end,
            "lines": lines,
            **self._bss_bill_totals(lines),
            "problems": [problems[service_id] for service_id in sorted(problems)],
        }

    def _bss_next_bill_period(self, day=None):
        cycle = self.bill_cycle_id
        today = polish_day.today()
        if not cycle:
            first = (day or today).replace(day=1)
            return first, fields.Date.end_of(first, "month")
        if day:
            return cycle._bss_period(day)
        waiting = (
            self.env["bss.bill.run.item"]
            .sudo()
            .search(
                [
                    ("account_id", "=", self.id),
                    ("state", "in", ("pending", "held", "error")),
                    ("run_id.state", "in", ("planned", "running")),
                    ("run_id.kind", "=", "cycle"),
                ]
            )
            .run_id.sorted("date_start")[:1]
        )
        return (waiting.date_start, waiting.date_end) if waiting else cycle._bss_next_period(today)

    def _bss_pending_charges(self, end):
        """Stored charges that wait for a bill; those of later days wait on."""
        pending = self.env["bss.charge"].search([("account_id", "=", self.id), ("state", "=", "pending")])
        return pending.filtered(lambda one: not one.date_start or one.date_start <= end)

    def _bss_recurring_line(self, batch, texts, charge):
        line, row = charge.line, batch.rows[charge.service_id]
        product_id, kind = adapters.of_product_key(line.product_id)
        gross = line.amount if kind == "gross" else None
        net = line.amount if gross is None else NetAmounts(self.env, self.company_id).of_gross(product_id, gross)
        return {
            "kind": "recurring",
            "is_pending": False,
            "contract_id": row.contract_id,
            "service_id": row.id,
            "product_id": product_id,
            "text": texts.name(row, product_id),
            "date_start": line.part.start,
            "date_end": line.part.end,
            "amount": net,
            "amount_gross": gross,
            "explanation": texts.explanation(line.explanation, line.applied),
            "tax_ids": [],
            "reduces_id": False,
        }

    def _bss_correction_line(self, vals):
        origin = self.env["bss.charge"].sudo().browse(vals["origin_charge_id"] or [])
        return {
            "kind": "correction",
            "is_pending": False,
            "contract_id": vals["contract_id"],
            "service_id": vals["service_id"],
            "product_id": vals["product_id"],
            "text": vals["name"],
            "date_start": vals["date_start"],
            "date_end": vals["date_end"],
            "amount": adapters.decimal(vals["amount"]),
            "amount_gross": adapters.decimal(vals["amount_gross"]) if vals["price_kind"] == "gross" else None,
            "explanation": vals["source_ref"],
            "tax_ids": (origin.tax_ids or origin.move_line_id.tax_ids).ids,
            "reduces_id": vals["amount"] < 0 and self._bss_reduced_invoice(origin),
        }

    def _bss_pending_line(self, charge):
        gross = adapters.decimal(charge.amount_gross) if charge.price_kind == "gross" else None
        origin = charge.sudo().origin_charge_id  # whoever sees bills need not see journal items
        own = charge.sudo().tax_ids or origin.move_line_id.tax_ids
        return {
            "kind": charge.kind,
            "is_pending": True,
            "contract_id": charge.contract_id.id,
            "service_id": charge.service_id.id,
            "product_id": charge.product_id.id,
            "text": charge.name,
            "date_start": charge.date_start or None,
            "date_end": charge.date_end or None,
            "amount": adapters.decimal(charge.amount),
            "amount_gross": gross,
            "explanation": charge.source_ref or "",
            "tax_ids": own.ids,
            "reduces_id": charge.amount < 0 and self._bss_reduced_invoice(origin),
        }

    def _bss_reduced_invoice(self, origin):
        """The invoice that a corrective one will reduce (its id), else False."""
        return origin.move_id.id if origin.move_id.state == "posted" else False

    def _bss_bill_totals(self, lines):
        """Net, VAT and gross of the lines, rounded as each invoice and corrective invoice rounds them."""
        groups = defaultdict(list)
        for line in lines:
            # net and gross prices have taxes of their own
            groups[line["reduces_id"], line["amount_gross"] is not None].append(line)
        totals = [Decimal(0)] * 3
        for (_reduces, gross), own in groups.items():
            summary = self._bss_tax_summary(own, gross)
            totals = [
                one + adapters.decimal(self.currency_id.round(summary[name]))
                for one, name in zip(totals, TOTALS, strict=True)
            ]
        return dict(zip(("net", "vat", "gross"), totals, strict=True))

    def _bss_tax_summary(self, lines, gross):
        taxes = self.env["account.tax"].sudo()
        company, currency = self.company_id, self.currency_id
        position = self.env["account.fiscal.position"].with_company(company)._get_fiscal_position(self.partner_id)
        base_lines = []
        for line in lines:
            product = self.env["product.product"].browse(line["product_id"])
            own = taxes.browse(line["tax_ids"])
            base_lines.append(
                taxes._prepare_base_line_for_taxes_computation(
                    {},
                    product_id=product,
                    partner_id=self.partner_id,
                    currency_id=currency,
                    price_unit=float(line["amount_gross"] if gross else line["amount"]),
                    quantity=1.0,
                    tax_ids=own or position.map_tax(product.sudo().taxes_id._filter_taxes_by_company(company)),
                    special_mode="total_included" if gross else "total_excluded",
                    rate=1.0,
                )
            )
        taxes._add_tax_details_in_base_lines(base_lines, company)
        taxes._round_base_lines_tax_details(base_lines, company)
        return taxes._get_tax_totals_summary(base_lines, currency, company)
