"""Balance confirmations of accounts that have no case: archived documents, in the chatter of the account."""

from odoo import models
from odoo.addons.bss_contracts.document_core import format_date
from odoo.addons.bss_contracts.report import invoice_data, typst_engine

from ..adapters_letter import LetterDesk
from ..report import dunning_letter
from .bss_dunning_hold import PERSONAL_KINDS


class BssAccountLetter(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    def action_write_letter(self):
        """A letter now, in words that may be changed."""
        return self.env["bss.dunning.letter"]._bss_open(self)

    def _bss_demand_barred(self):
        """Why no payment may be demanded of this customer, or an empty text."""
        self.ensure_one()
        return self._bss_demands_barred()[self]

    def _bss_demands_barred(self):
        """{account: why no payment may be demanded of its customer, or an empty text}, by a few queries for all.

        The fact is the customer's: one account on which it was recorded bars all of them.
        """
        accounts = self.sudo()
        holds = accounts.env["bss.dunning.hold"].search(
            [
                ("state", "=", "active"),
                ("kind", "in", list(PERSONAL_KINDS)),
                ("company_id", "in", accounts.company_id.ids),
                ("account_id.partner_id", "child_of", accounts.partner_id.commercial_partner_id.ids),
            ]
        )
        found = {}
        for hold in holds:
            partner = hold.account_id.partner_id
            while partner:
                found.setdefault((hold.company_id, partner), hold)
                partner = partner.parent_id
        nothing = holds.browse()
        return {
            account: account._bss_bar_words(
                found.get((account.sudo().company_id, account.sudo().partner_id.commercial_partner_id), nothing)
            )
            for account in self
        }

    def _bss_bar_words(self, hold):
        if not hold:
            return ""
        values = {"customer": self.sudo().partner_id.display_name, "day": format_date(hold.date_from)}
        if hold.kind == "bankruptcy":
            return self.env._(
                "%(customer)s: bankruptcy or restructuring recorded on %(day)s. The claim is lodged with the trustee,"
                " no payment is demanded; a balance may be confirmed.",
                **values,
            )
        if hold.kind == "deceased":
            return self.env._(
                "%(customer)s: death recorded on %(day)s. No payment is demanded of the deceased;"
                " a balance may be confirmed to the heirs.",
                **values,
            )
        return ""

    def _bss_balance_letter(self, text, number, desk):
        """(data, files, words) of the confirmation of one account."""
        actions = self.env["bss.dunning.action"]
        case = self.env["bss.dunning.case"]
        balance = sum((left for *_rest, left in desk.balance(self)), dunning_letter.ZERO)
        sums = dunning_letter.sums_of(max(balance, dunning_letter.ZERO), [], [])
        words = dunning_letter.words_of(text, dunning_letter.text_values(sums, desk.facts(self, case)))
        seller, assets = desk.seller(self.company_id)
        window = self.company_id.sudo()._bss_letter_window_box()
        place = ", ".join(filter(None, [self.company_id.sudo().city, format_date(desk.as_of)]))
        return {
            "lang": "pl",
            "kind": "balance",
            "number": number,
            "date": format_date(desk.as_of),
            "place_date": place,
            "seller": seller,
            "recipient": invoice_data.recipient(self.sudo().partner_id, "pl"),
            "references": [["Numer konta abonenta", self.name or ""]],
            **({"window": window} if window else {}),
            **words,
            **actions._bss_balance_block(desk, self),
        }, assets

    def _bss_balance_preview(self, text, as_of):
        desk = LetterDesk(self.env, as_of, accounts=self)
        data, assets = self._bss_balance_letter(text, dunning_letter.PREVIEW_NUMBER, desk)
        actions = self.env["bss.dunning.action"]
        return actions._bss_print_letter({**data, "watermark": dunning_letter.PREVIEW_NUMBER}, assets, as_of)

    def _bss_issue_balance(self, text, channel, as_of):
        """Confirm balances. :return: (documents, [(account, why not)])"""
        if channel == "sms":
            nothing = self.env["bss.document"]
            return nothing, [(account, self.env._("A balance is confirmed by letter or e-mail.")) for account in self]
        allowed = self.filtered(lambda one: one.sudo().partner_id._bss_may_contact("dunning", channel))
        why = self.env._("The customer may not or cannot be contacted this way.")
        desk = LetterDesk(self.env, as_of, accounts=allowed)
        actions, archive = self.env["bss.dunning.action"], self.env["bss.document"].sudo()
        confirmed = archive.browse()
        for company, accounts in allowed.grouped("company_id").items():
            entries = []
            for account in accounts:
                number = desk.number(company)
                data, assets = account._bss_balance_letter(text, number, desk)
                code = desk.barcode() if channel == "letter" else None
                data |= {"barcode": code} if code else {}
                pdf = actions._bss_print_letter(data, assets, as_of)
                entries.append(
                    {
                        "name": number,
                        "pdf": pdf,
                        "record": account,
                        "account": account,
                        "channel": "post" if channel == "letter" else "email",
                        "print": {
                            "print_franking": text.franking,
                            "print_pages": typst_engine.page_count(pdf),
                            "print_address": data["recipient"],
                            "print_barcode": code["text"] if code else False,
                        },
                    }
                )
            documents = archive.with_company(company)._bss_archive_many("other", entries)
            for account, document in zip(accounts, documents, strict=True):
                account._bss_balance_sent(document, text.title, channel)
            confirmed |= documents
        return confirmed, [(account, why) for account in self - allowed]

    def _bss_balance_sent(self, document, title, channel):
        account = self.sudo()
        if channel == "email":
            words = {"title": title, "account": account.name, "company": account.company_id.name}
            mail = (
                self.env["mail.mail"]
                .sudo()
                .create(
                    {
                        "subject": f"{title} – konto {account.name}",
                        "body_html": self.env["ir.qweb"]._render("bss_dunning.mail_balance", words),
                        "recipient_ids": account.partner_id.ids,
                        "email_from": account.company_id.email_formatted or self.env.user.email_formatted,
                        "attachment_ids": document.attachment_id.ids,
                        "auto_delete": False,
                        "model": account._name,
                        "res_id": account.id,
                    }
                )
            )
            document._bss_sent_on(mail.create_date)
        account._message_log(body=self.env._("%(title)s: %(number)s", title=title, number=document.name))


class ResPartnerLetter(models.Model):
    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    def action_bss_write_letter(self):
        """A letter about the billing accounts of this customer."""
        return self.env["bss.dunning.letter"]._bss_open(
            self.commercial_partner_id.bss_account_ids | self.bss_account_ids
        )
