"""What the lines of invoices say."""

import re
import string

from odoo import api, fields, models
from odoo.exceptions import ValidationError

PLACES = ("name", "identifier", "period", "contract")
# what separates the parts is left out where one of them is empty
EDGES = " :,;–"
EMPTY = re.compile(r"\(\s*\)|\[\s*\]")


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    bss_line_pattern = fields.Char(
        string="Text of invoice lines",
        help="With {name} of the charge, {identifier} of the service (number, login), {period} and {contract}. "
        "Empty: the name with the identifier, and the period in brackets.",
    )

    @api.constrains("bss_line_pattern")
    def _check_bss_line_pattern(self):
        for company in self:
            pattern = company.bss_line_pattern
            if not pattern:
                continue
            try:
                parts = list(string.Formatter().parse(pattern))
            except ValueError:
                parts = []
            places = {name for _text, name, _spec, _conversion in parts if name is not None}
            plain = not any(spec or conversion for _text, _name, spec, conversion in parts)
            if "name" not in places or not places <= set(PLACES) or not plain:
                raise ValidationError(
                    self.env._(
                        "The text of invoice lines needs {name} and may have %(places)s.",
                        places=", ".join(f"{{{place}}}" for place in PLACES[1:]),
                    )
                )

    def _bss_line_text(self, name, identifier, period, contract):
        """Text of an invoice line by the pattern, without brackets around nothing and separators at its ends."""
        self.ensure_one()
        if identifier and name.endswith(f" {identifier}"):
            name = name[: -len(identifier) - 1]
        values = {"name": name, "identifier": identifier or "", "period": period or "", "contract": contract or ""}
        text = self.bss_line_pattern.format(**values)
        return " ".join(EMPTY.sub("", text).split()).strip(EDGES) or name


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    bss_line_pattern = fields.Char(related="company_id.bss_line_pattern", readonly=False)


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_line_text(self, name, kind, start, end, lang, identifier="", contract=""):
        """By the pattern of the company when it has one."""
        if not self.company_id.bss_line_pattern:
            return super()._bss_line_text(name, kind, start, end, lang, identifier, contract)
        period = self._bss_period_text(kind, start, end, lang)
        return self.company_id._bss_line_text(name, identifier, period, contract)

    def _bss_period_text(self, kind, start, end, lang):
        """The days of a charge in words; nothing for what happens once."""
        if not start or kind == "one_off":
            return ""
        first = self._bss_day_text(start, lang)
        return first if not end or end == start else f"{first} – {self._bss_day_text(end, lang)}"
