"""What is kept and said of an offer that the customer accepted on the portal."""

from datetime import UTC

from odoo import fields, models
from odoo.addons.bss_catalog import polish_day

from ..document_core import format_date


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    bss_signed_ip = fields.Char(
        string="Signed From",
        readonly=True,
        copy=False,
        help="IP address from which the offer was accepted on the portal.",
    )

    def _bss_acceptance(self):
        """Who accepted the offer on the portal, when and from where, as documents say it; False when nobody did."""
        if not (self.signed_by and self.signed_on):
            return False
        local = self.signed_on.replace(tzinfo=UTC).astimezone(polish_day.POLAND)
        return {
            "name": self.signed_by,
            "time": f"{format_date(local.date())}, {local:%H:%M:%S}",
            "address": self.bss_signed_ip or "",
            "offer": self.name,
        }

    # -- e-mails: the sum of Odoo mixes list prices of a month with what is paid once ----------------

    def _get_confirmation_template(self):
        template = self.env.ref("bss_contracts.mail_template_offer_accepted", raise_if_not_found=False)
        return template if self.bss_is_telecom and template else super()._get_confirmation_template()

    def _find_mail_template(self):
        template = self.env.ref("bss_contracts.mail_template_offer", raise_if_not_found=False)
        waiting = self.bss_is_telecom and self.state in ("draft", "sent") and not self.env.context.get("proforma")
        return template if waiting and template else super()._find_mail_template()

    def _notify_by_email_prepare_rendering_context(self, *args, **kwargs):
        context = super()._notify_by_email_prepare_rendering_context(*args, **kwargs)
        if self.bss_is_telecom:
            context["subtitles"] = context["subtitles"][:1]  # not the sum: the text says what is paid and when
        return context
