"""Mid rates of the euro from the National Bank: compensation is converted at the rate of one exact day."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import ValidationError
from odoo.tools import format_date, formatLang

from .. import nbp_api
from ..dunning_core.money import round_half_up
from ..dunning_core.nbp import spans
from ..dunning_core.result import Failure

_logger = logging.getLogger(__name__)

CODE = "EUR"
ADDRESS = "https://api.nbp.pl"
#: asked for again each time: tables come out at noon, and a free day may have been none
AGAIN = timedelta(days=7)


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    bss_nbp_import = fields.Boolean(
        string="Import Rates of the Euro",
        help="Every day from table A of the National Bank of Poland. Invoices in euro use these rates as well.",
    )
    bss_nbp_address = fields.Char(string="Address of the National Bank", default=ADDRESS, groups="base.group_system")
    bss_nbp_since = fields.Date(
        string="Rates Since",
        default=lambda self: polish_day.today().replace(month=1, day=1) - timedelta(days=3 * 366),
        help="Compensation of a document takes the rate of the last working day of the month before its due date.",
    )
    bss_nbp_until = fields.Date(string="Rates Until", readonly=True)
    bss_nbp_told = fields.Text(string="Last Import of Rates", readonly=True)

    @api.constrains("bss_nbp_import", "currency_id")
    def _check_nbp_currency(self):
        for company in self:
            if company.bss_nbp_import:
                company._check_nbp_ready()

    def _check_nbp_ready(self):
        if self.currency_id.name != "PLN":
            raise ValidationError(
                self.env._(
                    "%(company)s does not keep its books in zloty: rates of the National Bank are in zloty.",
                    company=self.display_name,
                )
            )

    def write(self, vals):
        if "bss_nbp_since" in vals:
            vals = {"bss_nbp_until": False, **vals}
        return super().write(vals)

    @api.model
    def _cron_bss_nbp(self):
        """Every afternoon, for the companies that asked for it."""
        for company in self.search([("bss_nbp_import", "=", True)]).root_id:
            company._bss_nbp_import_rates(polish_day.today())

    def _bss_nbp_import_rates(self, today):
        """Fetch what is missing up to a day; what came before a failure stays.

        :return: (whether all came, what happened in words), kept for the settings as well
        """
        self.ensure_one()
        company = self.root_id.sudo()
        first = company.bss_nbp_since or today
        if company.bss_nbp_until:
            first = max(first, company.bss_nbp_until - AGAIN)
        written, other = 0, []
        for start, end in spans(first, today):
            answer = nbp_api.fetch(company.bss_nbp_address or ADDRESS, CODE, start, end)
            if isinstance(answer, Failure):
                why = company._bss_nbp_words(answer)
                told = self.env._(
                    "Rates from %(first)s to %(last)s were not imported: %(why)s",
                    first=format_date(self.env, start),
                    last=format_date(self.env, end),
                    why=why,
                )
                _logger.info("Rates of the National Bank: %s %s", answer.code, answer.params)
                return company._bss_nbp_tell(False, written, other, told)
            fresh, differing = company._bss_nbp_keep(answer)
            written, other = written + fresh, other + differing
            company.bss_nbp_until = end
        return company._bss_nbp_tell(True, written, other, "")

    def _bss_nbp_keep(self, rates):
        """Write the rates of days that have none. :return: (how many, texts of those that a person wrote otherwise)"""
        company = self.with_company(self)
        euro = company.env.ref("base.EUR")
        table = company.env["res.currency.rate"]
        days = [rate.day for rate in rates]
        known = table.search(
            [("currency_id", "=", euro.id), ("company_id", "=", self.id), ("name", "in", days)],
        )
        before = {rate.name: round_half_up(rate.inverse_company_rate, 4) for rate in known}
        fresh = [rate for rate in rates if rate.day not in before]
        table.create(
            [
                {
                    "currency_id": euro.id,
                    "company_id": self.id,
                    "name": rate.day,
                    "inverse_company_rate": float(rate.mid),
                }
                for rate in fresh
            ]
        )
        differing = [
            self.env._(
                "%(day)s: %(own)s stays, the National Bank says %(mid)s.",
                day=format_date(self.env, rate.day),
                own=formatLang(self.env, float(before[rate.day]), digits=4),
                mid=formatLang(self.env, float(rate.mid), digits=4),
            )
            for rate in rates
            if rate.day in before and before[rate.day] != rate.mid
        ]
        return len(fresh), differing

    def _bss_nbp_tell(self, is_done, written, other, failure):
        today = format_date(self.env, polish_day.today())
        said = self.env._("%(day)s: new rates: %(count)s.", day=today, count=written)
        words = "\n".join(filter(None, [said, failure, *other]))
        self.bss_nbp_told = words
        return is_done, words

    def _bss_nbp_words(self, failure):
        texts = {
            "NBP_UNREACHABLE": self.env._("the National Bank does not answer (%(why)s)."),
            "NBP_STATUS": self.env._("the National Bank refuses the question: %(status)s %(text)s."),
            "NBP_NO_JSON": self.env._("the answer cannot be read. Is the address right?"),
            "NBP_OTHER_ANSWER": self.env._("the answer is not about %(code)s in table A. Is the address right?"),
            "NBP_NO_RATES": self.env._("the answer holds no rates."),
            "NBP_BAD_RATE": self.env._("the answer holds a rate that makes no sense: %(row)s."),
        }
        return texts[failure.code] % failure.params


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    bss_nbp_import = fields.Boolean(related="company_id.bss_nbp_import", readonly=False)
    bss_nbp_address = fields.Char(related="company_id.bss_nbp_address", readonly=False)
    bss_nbp_since = fields.Date(related="company_id.bss_nbp_since", readonly=False)
    bss_nbp_told = fields.Text(related="company_id.bss_nbp_told")

    def action_bss_nbp_import(self):
        """Fetch the rates now; what went wrong is told and kept beside the settings."""
        self.ensure_one()
        self.check_access("write")
        self.company_id._check_nbp_ready()
        is_done, words = self.company_id._bss_nbp_import_rates(polish_day.today())
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if is_done else "danger",
                "title": self.env._("Rates of the National Bank"),
                "message": words,
                "sticky": not is_done,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
