from odoo import api, fields, models

from ..ksef_core import fa3

RATES = [
    ("23", "23 %"),
    ("22", "22 %"),
    ("8", "8 %"),
    ("7", "7 %"),
    ("5", "5 %"),
    ("4", "4 %"),
    ("3", "3 %"),
    ("0 KR", "0 % domestic"),
    ("0 WDT", "0 % intra-Community supply"),
    ("0 EX", "0 % export"),
    ("zw", "Exempt"),
    ("oo", "Reverse charge"),
    ("np I", "Outside the territory of Poland"),
    ("np II", "Services taxed in another EU country (art. 100)"),
    ("OSS", "Taxed in another EU country (OSS)"),
    ("settlement", "Outside VAT: settlement (Rozliczenie)"),
]
# Fields of the Polish VAT return that the base of a sale tax goes to; the first match decides.
RATE_BY_TAG = {
    "K_21": fa3.Rate.ZERO_EU,
    "K_22": fa3.Rate.ZERO_EXPORT,
    "K_31": fa3.Rate.REVERSE,
    "K_12": fa3.Rate.OUTSIDE_EU_SERVICE,
    "K_11": fa3.Rate.OUTSIDE,
    "K_10": fa3.Rate.EXEMPT,
    "K_13": fa3.Rate.ZERO,
    "K_14": fa3.Rate.ZERO,
}
PERCENTS = {"23", "22", "8", "7", "5", "4", "3"}


class AccountTax(models.Model):
    _inherit = "account.tax"

    bss_ksef_rate = fields.Selection(
        RATES,
        string="KSeF Rate",
        compute="_compute_bss_ksef_rate",
        store=True,
        readonly=False,
        help="Rate code of FA(3), element P_12. Follows from the percentage and the fields of the VAT return. "
        "“Settlement” takes a line out of the e-invoice's lines and totals and puts it into Rozliczenie: late interest, "
        "deposits and other amounts that are not subject to VAT.",
    )
    bss_ksef_exemption = fields.Char(
        string="KSeF Exemption Basis",
        help="Provision of the act that exempts from VAT, element P_19A; needed for exempt invoices, "
        "e.g. art. 43 ust. 1 pkt 37.",
    )

    @api.depends("amount", "amount_type", "type_tax_use", "country_id", "invoice_repartition_line_ids.tag_ids")
    def _compute_bss_ksef_rate(self):
        for tax in self:
            tax.bss_ksef_rate = tax._bss_ksef_guess_rate()

    def _bss_ksef_guess_rate(self):
        self.ensure_one()
        if self.type_tax_use != "sale" or self.amount_type != "percent" or self.country_id.code != "PL":
            return False
        percent = f"{self.amount:g}"
        if percent in PERCENTS:
            return percent
        if self.amount:
            return False
        base = self.invoice_repartition_line_ids.filtered(lambda line: line.repartition_type == "base")
        names = {(name or "").lstrip("+-") for name in base.tag_ids.with_context(lang="en_US").mapped("name")}
        return next((rate.value for tag, rate in RATE_BY_TAG.items() if tag in names), False)
