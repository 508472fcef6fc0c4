"""What the kernel charges, in words and as rows."""

from decimal import Decimal

from odoo import api, models
from odoo.tools.misc import format_date, formatLang

from .. import adapters, store
from ..billing_core import round_half_up

SIX_PLACES = Decimal("0.000001")


class ChargeTexts:
    """Names of charges in the customer's language and explanations in the company's, each made once."""

    def __init__(self, env, company, rows):
        self.env = env
        self.company = company
        partners = env["res.partner"].browse({row.partner_id for row in rows})
        self.langs = {partner.id: partner.lang or env.lang for partner in partners}
        self.titles = {}
        self.explained = {}

    def name(self, row, product_id):
        key = (self.langs[row.partner_id], product_id)
        title = self.titles.get(key)
        if title is None:
            product = self.env["product.product"].with_context(lang=key[0]).browse(product_id)
            title = self.titles[key] = product.name or "/"
        return f"{title} {row.main_identifier}" if row.main_identifier else title

    def explanation(self, explanation, applied=()):
        key = (explanation.code, *explanation.params.values(), explanation.parts, applied)
        text = self.explained.get(key)
        if text is None:
            text = self.env["bss.charge"]._bss_explain(explanation, self.company, applied)
            self.explained[key] = text
        return text


class BssCharge(models.Model):
    _inherit = "bss.charge"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_explain(self, explanation, company, applied=()):
        """Words for an explanation of the kernel, in the language of the company: many people read them.

        :param applied: promotions at work, with the months of them
        """
        env = self.with_context(lang=company.partner_id.lang or self.env.lang).env
        texts = [self._bss_explain_amount(env, explanation, company)]
        texts += [self._bss_explain_promotion(env, one) for one in applied]
        return "; ".join(texts)

    def _bss_explain_amount(self, env, explanation, company):
        params = explanation.params
        if explanation.code == "FULL_PERIOD":
            return env._("full period")
        if explanation.code == "DAYS":
            return env._("%(days)s of %(all)s days of the period", **params)
        if explanation.code == "THIRTIETHS":
            return env._("%(days)s/%(all)s of the period", **params)
        if explanation.code == "PRICES":
            return self._bss_explain_prices(env, explanation, company)
        if explanation.code == "WHOLE_PRICE":
            return env._("price of the whole period")
        if explanation.code == "NOT_CHARGEABLE":
            return env._("suspended without a fee")
        amounts = {
            name: formatLang(env, float(value), currency_obj=company.currency_id) for name, value in params.items()
        }
        return env._("due %(due)s, charged %(charged)s", **amounts)

    def _bss_explain_prices(self, env, explanation, company):
        """Each price of a full period with its days: the sum of these products is the amount."""
        texts = []
        for part in explanation.parts:
            days = [format_date(env, day) for day in sorted({part.days.start, part.days.end})]
            price = formatLang(env, float(part.price), currency_obj=company.currency_id)
            texts.append(f"{'–'.join(days)}: {price} × {part.weight}/{explanation.params['all']}")
        return env._("several prices in the period: %(prices)s", prices="; ".join(texts))

    def _bss_explain_promotion(self, env, applied):
        name = env["bss.promotion"].sudo().browse(applied.promotion_id).name
        if applied.month_from == applied.month_to:
            return env._("%(promotion)s: month %(month)s", promotion=name, month=applied.month_from)
        return env._(
            "%(promotion)s: months %(first)s–%(last)s",
            promotion=name,
            first=applied.month_from,
            last=applied.month_to,
        )

    @api.model
    def _bss_unit_price(self, amount, quantity, is_full):
        """(quantity, price) of a charge: the units of a whole period when the price of one is exact, else one piece."""
        if not is_full or quantity == 1 or not quantity:
            return adapters.ONE, amount
        price = amount / quantity
        return (quantity, price) if price == price.quantize(SIX_PLACES) else (adapters.ONE, amount)

    @api.model
    def _bss_insert_recurring(self, batch, charges, company, run):
        """Store kernel charges set-based and remember how far the services are charged."""
        if not charges:
            return
        texts = ChargeTexts(self.env, company, batch.rows.values())
        nets = NetAmounts(self.env, company)
        escape = store.copy_text
        lines = []
        for charge in charges:
            line = charge.line
            row = batch.rows[charge.service_id]
            product_id, kind = adapters.of_product_key(line.product_id)
            net, gross = line.amount, store.NULL
            if kind == "gross":
                net, gross = nets.of_gross(product_id, line.amount), line.amount
            quantity, price = self._bss_unit_price(net, line.quantity, line.is_full)
            lines.append(
                f"{row.account_id}\t{row.contract_id}\t{row.id}\t{row.company_id}\t{row.currency_id}\t{product_id}\t"
                f"{escape(texts.name(row, product_id))}\t{line.period.start}\t{line.part.start}\t{line.part.end}\t"
                f"{quantity}\t{price}\t{net}\t{kind}\t{gross}\t{charge.identity_key}\t"
                f"{escape(texts.explanation(line.explanation, line.applied))}"
            )
        self.flush_model()
        store.insert_charges(self.env.cr, lines, run.id, self.env.uid)
        self.invalidate_model()


class NetAmounts:
    """Net of gross amounts by the percentages of the offering's taxes, to the grosz; the invoice has the last word."""

    def __init__(self, env, company):
        self.products = env["product.product"].sudo()
        self.company = company
        self.rates = {}

    def of_gross(self, product_id, gross):
        rate = self.rates.get(product_id)
        if rate is None:
            taxes = self.products.browse(product_id).taxes_id._filter_taxes_by_company(self.company)
            percents = taxes.flatten_taxes_hierarchy().filtered(lambda tax: tax.amount_type == "percent")
            rate = self.rates[product_id] = 1 + sum(map(adapters.decimal, percents.mapped("amount"))) / 100
        return round_half_up(gross / rate)
