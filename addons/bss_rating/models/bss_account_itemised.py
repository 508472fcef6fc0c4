from odoo import fields, models

from ..report.itemised_bill import ItemisedBill, View

CLERK = "bss_catalog.group_bss_clerk"


class BssAccount(models.Model):
    """What the subscriber gets to know of the single uses that he pays for."""

    _inherit = "bss.account"

    itemised_bill = fields.Selection(
        [("none", "None"), ("request", "On request"), ("invoice", "With every invoice")],
        required=True,
        default="request",
        tracking=True,
        help="With every invoice: the bill run makes it beside the invoice, and it leaves with the invoice. On request: by the "
        "clerk or in the customer portal. None: nobody gets it, for example where several people use one account.",
    )
    itemised_full = fields.Boolean(
        string="Called Numbers in Full",
        tracking=True,
        help="The subscriber asked for the whole numbers; otherwise their last digits are hidden as the company says.",
    )

    def _bss_itemised_view(self, full=None, without_free=None):
        """How the itemised bill of the account is shown.

        :param full: whole numbers, None = as the account says
        :param without_free: without free numbers, None = as the company says
        """
        self.ensure_one()
        account = self.sudo()
        company = account.company_id
        return View(
            masked_digits=0 if (account.itemised_full if full is None else full) else company.bss_itemised_mask_digits,
            without_free=company.bss_itemised_without_free if without_free is None else without_free,
        )

    def _bss_itemised_bill(self, view=None, **scope):
        """``ItemisedBill`` of the account; ``scope``: ``move``, or ``first`` and ``last`` day and maybe ``services``."""
        self.ensure_one()
        return ItemisedBill(self, view or self._bss_itemised_view(), **scope)

    def action_itemised_bill(self):
        self.ensure_one()
        return self.env["bss.itemised.bill"]._bss_open(account_id=self.id)


class BssService(models.Model):
    _inherit = "bss.service"  # pylint: disable=consider-merging-classes-inherited

    def action_itemised_bill(self):
        self.ensure_one()
        return self.env["bss.itemised.bill"]._bss_open(account_id=self.account_id.id, service_id=self.id)
