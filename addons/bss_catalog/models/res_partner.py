from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..catalog_core import pesel_is_valid


class ResPartner(models.Model):
    _inherit = "res.partner"

    bss_customer_kind = fields.Selection(
        [
            ("consumer", "Consumer"),
            ("sole_trader", "Sole trader"),
            ("company", "Company"),
            ("public", "Public body"),
        ],
        string="Kind of customer",
        default="consumer",
        required=True,
        index=True,
        tracking=True,
        help="Decides on interest, periods and wording of letters.",
    )
    bss_pesel = fields.Char(
        string="PESEL",
        copy=False,
        groups="bss_catalog.group_bss_collector,bss_catalog.group_bss_admin",
    )

    @api.onchange("is_company")
    def _onchange_is_company_bss_customer_kind(self):
        """A company is no consumer, a person is no company; finer choices are left alone."""
        if self.is_company and self.bss_customer_kind == "consumer":
            self.bss_customer_kind = "company"
        elif not self.is_company and self.bss_customer_kind == "company":
            self.bss_customer_kind = "consumer"

    @api.constrains("bss_pesel")
    def _check_bss_pesel(self):
        for partner in self.sudo().filtered("bss_pesel"):
            if not pesel_is_valid(partner.bss_pesel):
                raise ValidationError(
                    self.env._(
                        "PESEL of %(name)s is wrong: the date or the check digit does not fit.", name=partner.name
                    )
                )

    def _bss_customer_status(self, on):
        """Is this on ``on`` a customer already? "new" or "retained", as promotions ask. Higher addons know services."""
        self.ensure_one()
        return "new"

    def _bss_may_contact(self, purpose, channel):
        """May we use ``channel`` (email, sms, call, letter) for ``purpose`` (billing, dunning, marketing)?

        Every outgoing message asks first. Here: the address is there and not on a blacklist.
        Higher addons add consents through super().
        """
        self.ensure_one()
        check = {
            "email": self._bss_reachable_by_email,
            "sms": self._bss_reachable_by_phone,
            "call": self._bss_reachable_by_phone,
            "letter": self._bss_reachable_by_letter,
            "post": self._bss_reachable_by_letter,
        }.get(channel)
        return bool(check and check())

    def _bss_reachable_by_email(self):
        return bool(self.email_normalized) and not self.sudo().is_blacklisted

    def _bss_reachable_by_phone(self):
        return bool(self.phone) and not self.sudo().phone_blacklisted

    def _bss_reachable_by_letter(self):
        return bool(self.street or self.street2) and bool(self.city) and bool(self.zip)
