"""The ways to the settlement ledger: from the billing account, the customer and the invoice."""

from odoo import api, fields, models

from .bss_settlement import ENTRY_KINDS


class BssAccount(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    def action_view_settlements(self):
        self.ensure_one()
        return self.env["bss.settlement"]._bss_open(self.display_name, settlement_account_ids=self.ids)


class ResPartner(models.Model):
    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    def action_view_bss_settlements(self):
        """Of the whole customer: all his billing accounts, and what names none."""
        self.ensure_one()
        customer = self.commercial_partner_id
        return self.env["bss.settlement"]._bss_open(customer.display_name, settlement_partner_ids=customer.ids)


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
        if self.bss_account_id:
            return self.bss_account_id.action_view_settlements()
        return self.partner_id.action_view_bss_settlements()


class BssSettlement(models.Model):
    _inherit = "bss.settlement"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_open(self, name, **scope):
        """Window action of the ledger of a scope (keys of the context, see ``bss_settlement_query.scope_of``)."""
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_settlement_action")
        own = {key: value for key, value in scope.items() if value}
        many = bool(own.get("settlement_partner_ids"))
        return {
            **action,
            "display_name": self.env._("Settlements of %(name)s", name=name),
            "name": self.env._("Settlements of %(name)s", name=name),
            "context": {**own, "settlement_of_customer": many, "create": False},
        }
