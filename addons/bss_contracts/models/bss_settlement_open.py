"""The ways to the settlement ledger: from the billing account, the customer and the invoice."""

from odoo import api, fields, models

from .bss_settlement import ENTRY_KINDS

# {model: window action, key of the context that names its records}
OPENED_BY = {
    "bss.account": ("bss_contracts.bss_settlement_account_action", "settlement_account_ids"),
    "res.partner": ("bss_contracts.bss_settlement_partner_action", "settlement_partner_ids"),
    "account.move": ("bss_contracts.bss_settlement_move_action", "settlement_move_ids"),
}


class BssAccount(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    def action_view_settlements(self):
        self.ensure_one()
        return self.env["bss.settlement"]._bss_open(self)


class ResPartner(models.Model):
    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    def action_view_bss_settlements(self):
        """Of the whole customer: all his billing accounts, and what names none."""
        self.ensure_one()
        customer = self.commercial_partner_id
        return self.env["bss.settlement"]._bss_open(customer)


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    bss_settlement_kind = fields.Selection(
        ENTRY_KINDS,
        string="Kind in Settlements",
        copy=False,
        help="What the settlement ledger calls this entry. Empty: invoices, payments, deposits, write-offs and opening "
        "items are told by the entry itself.",
    )

    def action_view_bss_settlements(self):
        self.ensure_one()
        return self.env["bss.settlement"]._bss_open(self)


class BssSettlement(models.Model):
    _inherit = "bss.settlement"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_open(self, record, **context):
        """Window action of the ledger of an account, a customer or the one that an invoice belongs to.

        Whose it is follows from ``active_id``, which the web client keeps in the address: a reload shows the same.
        """
        xml_id, key = OPENED_BY[record._name]
        action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
        name = self.env._("Settlements of %(name)s", name=record.display_name)
        whose = {key: record.ids, "active_id": record.id, "active_ids": record.ids, "active_model": record._name}
        of_customer = record._name == "res.partner" or (record._name == "account.move" and not record.bss_account_id)
        return {
            **action,
            "name": name,
            "display_name": name,
            "context": {**whose, "settlement_of_customer": of_customer, "create": False, **context},
        }
