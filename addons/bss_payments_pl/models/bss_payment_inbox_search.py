"""Finding an account for a payment by whatever the clerk knows: number, name, invoice, telephone, address."""

import re

from odoo import api, models
from odoo.fields import Domain

LIMIT = 12
MIN_DIGITS = 4


class BssPaymentInboxSearch(models.AbstractModel):
    _inherit = "bss.payment.inbox"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def search_accounts(self, match_id, text):
        """Accounts of the payment's company in the order: number, invoice, telephone, name, address.

        :return: [{"id", "number", "customer", "address", "due", "how"}], at most LIMIT
        """
        text = " ".join((text or "").split())
        match = self._waiting(match_id)
        if len(text) < 2 or not match:
            return []
        found, how = self.env["bss.account"], {}
        for code, accounts in self._ways(text, match.company_id):
            for account in accounts - found:
                how[account.id] = code
            found |= accounts
            if len(found) >= LIMIT:
                break
        texts = self._ways_texts()
        return [
            {
                **self._who(account),
                "due": self._minor(account.amount_due, account.currency_id),
                "currency": account.currency_id.id,
                "how": texts[how[account.id]],
            }
            for account in found[:LIMIT]
        ]

    @api.model
    def _ways_texts(self):
        return {
            "number": self.env._("account number"),
            "contract": self.env._("contract number"),
            "virtual": self.env._("virtual account"),
            "invoice": self.env._("invoice number"),
            "phone": self.env._("telephone number"),
            "name": self.env._("name"),
            "address": self.env._("address"),
        }

    @api.model
    def _ways(self, text, company):
        """(how, accounts found so), the surest way first; lazily, most searches end early."""
        accounts = self.env["bss.account"]

        def look(domain):
            return accounts.search(Domain("company_id", "=", company.id) & Domain(domain), limit=LIMIT)

        digits = re.sub(r"\D", "", text)
        if digits:
            yield "number", look([("name", "ilike", text)])
            yield "contract", self._by_contract(text, company)
            yield "invoice", self._by_invoice(text, company)
        if len(digits) >= MIN_DIGITS:
            yield "phone", self._by_phone(digits, company)
            yield "virtual", look([("virtual_account_ids.nrb", "like", digits)])
        words = text.split()
        yield "name", look(Domain.AND([[("partner_id.name", "ilike", word)] for word in words]))
        yield "address", look(Domain.AND([self._address_word(word) for word in words]))

    @api.model
    def _address_word(self, word):
        return Domain.OR([[(f"partner_id.{name}", "ilike", word)] for name in ("street", "street2", "zip", "city")])

    @api.model
    def _by_contract(self, text, company):
        contracts = self.env["bss.contract"].search(
            [("name", "ilike", text), ("company_id", "=", company.id)], limit=LIMIT
        )
        return contracts.account_id

    @api.model
    def _by_invoice(self, text, company):
        """Past the rights to invoices: only whose they are is told, and accounts are filtered by their rules."""
        moves = (
            self.env["account.move"]
            .sudo()
            .search_fetch(
                [("name", "ilike", text), ("bss_account_id", "!=", False), ("company_id", "=", company.id)],
                ["bss_account_id"],
                limit=LIMIT,
            )
        )
        return moves.bss_account_id.with_env(self.env)._filtered_access("read")

    @api.model
    def _by_phone(self, digits, company):
        services = self.env["bss.service.identifier"].search(
            [("value", "like", digits), ("company_id", "=", company.id)], limit=LIMIT
        )
        found = services.account_id
        spaced = "%".join(digits[-9:])  # people write 601 100 200 and 601-100-200
        return found | self.env["bss.account"].search(
            [("partner_id.phone", "=like", f"%{spaced}%"), ("company_id", "=", company.id)], limit=LIMIT
        )
