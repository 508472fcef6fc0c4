import re

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ..billing_core import normalise

# field of the change -> (record, field) it is written to on its day
TARGETS = {
    "new_street": ("partner_id", "street"),
    "new_street2": ("partner_id", "street2"),
    "new_zip": ("partner_id", "zip"),
    "new_city": ("partner_id", "city"),
    "new_email": ("partner_id", "email"),
    "new_phone": ("partner_id", "phone"),
    "new_delivery_method": ("account_id", "delivery_method"),
}
PLACE = ("new_street", "new_zip", "new_city")
POLISH_POSTCODE = re.compile(r"\d{2}-\d{3}")


class BssContractChange(models.Model):
    """Address, e-mail, phone and the way invoices come, from a day on."""

    _inherit = "bss.contract.change"  # pylint: disable=consider-merging-classes-inherited

    new_street = fields.Char(string="Street and Number")
    new_street2 = fields.Char(string="Address, second line")
    new_zip = fields.Char(string="Postcode")
    new_city = fields.Char(string="Town")
    new_email = fields.Char(string="E-mail")
    new_phone = fields.Char(string="Phone")
    new_delivery_method = fields.Selection(
        [("email", "E-mail"), ("post", "Post"), ("portal", "Customer portal")], string="Invoices Come By"
    )

    def _bss_new_data(self):
        """{field of the change: new value} of what was filled in; a new street clears an old second line."""
        values = {name: self[name] for name in TARGETS if self[name]}
        if self.new_street and not self.new_street2:
            values["new_street2"] = False
        return values

    def _bss_services_address(self):
        return self.env["bss.service"]

    def _bss_check_address(self):
        if self.line_ids:
            raise UserError(self.env._("A change of the address has no lines: services move by a relocation."))
        if not any(self[name] for name in TARGETS):
            raise UserError(self.env._("Say what changes: address, e-mail, phone or delivery of invoices."))
        if any(self[name] for name in PLACE) and not all(self[name] for name in PLACE):
            raise UserError(self.env._("A new address needs street with number, postcode and town."))
        self._bss_check_address_values()
        if self.new_delivery_method == "email" and not (self.new_email or self.partner_id.email):
            raise UserError(self.env._("Invoices cannot come by e-mail: the customer has no e-mail address."))
        same = self.contract_id.change_ids.filtered(
            lambda one: (
                one != self
                and one.kind == "address"
                and one.state in ("confirmed", "done")
                and one.date_effective == self.date_effective
                and any(self[name] and one[name] for name in TARGETS)
            )
        )
        if same:
            raise UserError(
                self.env._(
                    "The same data is changed on %(day)s by %(other)s already: undo that one or choose another day.",
                    day=self._bss_day(),
                    other=same[0].display_name,
                )
            )

    def _bss_check_address_values(self):
        """What cannot be delivered to is refused here: nobody looks at it again before the next invoice."""
        if self.partner_id.country_id.code in (False, "PL") and not POLISH_POSTCODE.fullmatch(self.new_zip or "00-000"):
            raise UserError(self.env._("“%(value)s” is not a postcode; it is written like 62-200.", value=self.new_zip))
        if self.new_email and not email_normalize(self.new_email):
            raise UserError(self.env._("“%(value)s” is not an e-mail address.", value=self.new_email))
        if self.new_phone and not normalise("msisdn", self.new_phone):
            raise UserError(self.env._("“%(value)s” is not a phone number.", value=self.new_phone))

    def _bss_enter_address(self):
        self._bss_remember(address={name: self._bss_present(name) for name in self._bss_new_data()})

    def _bss_present(self, name):
        record, field = TARGETS[name]
        return self[record][field] or False

    def _bss_finish_address(self):
        # what was there on the day itself belongs on the record, not what was there at the signature
        self._bss_remember(address={name: self._bss_present(name) for name in self._bss_new_data()})
        for name, value in self._bss_new_data().items():
            record, field = TARGETS[name]
            # the change was confirmed by somebody who may; partners belong to others
            self.sudo()[record][field] = value
