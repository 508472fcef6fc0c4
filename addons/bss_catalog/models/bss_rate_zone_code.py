from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..catalog_core.zone_codes import check_code, make_code


class BssRateZoneCode(models.Model):
    """Usage that no called number leads to its zone: abroad, by access point, rating group or content."""

    _name = "bss.rate.zone.code"
    _description = "Code of a rate zone"
    _order = "code, id"
    _rec_name = "code"
    _check_company_auto = True

    kind = fields.Selection(
        [
            ("network", "Visited network"),
            ("incoming", "Calls received in a visited network"),
            ("apn", "Access point (APN)"),
            ("rating_group", "Rating group"),
            ("premium", "Premium service"),
            ("vod", "Video on demand"),
            ("content", "Content"),
            ("usage", "Any other usage of a kind"),
            ("other", "Other service code"),
        ],
        string="What",
        required=True,
        default="network",
    )
    value = fields.Char(
        required=True,
        help="Network: MCC and MNC (26006) or TADIG code (POLKM), the MCC alone for the whole country, * for all others. "
        "Kind of usage: voice, sms, mms, data, premium or content.",
    )
    # precompute: the unique index must see them at the insert, not after it
    code = fields.Char(
        compute="_compute_code", store=True, precompute=True, index=True, help="As the rating engine compares it."
    )
    zone_id = fields.Many2one("bss.rate.zone", required=True, ondelete="cascade", index=True, check_company=True)
    company_id = fields.Many2one(related="zone_id.company_id", store=True, index=True, precompute=True)
    zone_kind = fields.Selection(related="zone_id.kind", string="Kind of zone")
    note = fields.Char(string="Country or network", translate=True)

    _code_uniq = models.UniqueIndex("(code, COALESCE(company_id, 0))", "This code belongs to another zone already.")

    @api.depends("kind", "value")
    def _compute_code(self):
        for entry in self:
            entry.code = make_code(entry.kind or "other", entry.value or "")

    @api.constrains("kind", "value")
    def _check_value(self):
        for entry in self:
            problem = check_code(entry.kind, entry.value or "")
            if problem:
                raise ValidationError(self._bss_code_templates()[problem.code] % problem.params)

    @api.model
    def _bss_code_templates(self):
        return {
            "CODE_EMPTY": self.env._("A zone code needs a value."),
            "CODE_LONG": self.env._("“%(text)s” is too long: a zone code has at most %(most)s characters."),
            "CODE_SPACES": self.env._("“%(text)s”: a zone code has no spaces or commas."),
            "CODE_NETWORK": self.env._(
                "“%(text)s” is no network: write the MCC and MNC (26006), the MCC alone (260), a TADIG code (POLKM) or *."
            ),
            "CODE_GROUP": self.env._("“%(text)s” is no rating group: it is a whole number."),
            "CODE_USAGE": self.env._("“%(text)s” is no kind of usage: %(usages)s."),
            "CODE_OTHER": self.env._("“%(text)s” has a kind of its own: choose it."),
        }
