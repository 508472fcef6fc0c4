"""One letter to each of many accounts: the way of letters by hand, in the browser and in jobs alike."""

from typing import NamedTuple

from odoo import models
from odoo.exceptions import UserError

from ..adapters_letter import LetterDesk
from .bss_dunning_template import LetterText


class LetterOrder(NamedTuple):
    """What somebody wants to write, and how it goes."""

    text: LetterText
    channel: str
    deadline_days: int


class BssAccountLetterSend(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    def _bss_send_letters(self, order: LetterOrder, as_of):
        """Accounts that cannot be written to are named and left out, the others get their letter.

        :return: ({account: its document, empty for a message}, [(account, why not)])
        """
        cases = self._bss_letter_cases(as_of)
        sent, refused = self._bss_send_to_cases(cases, order, as_of)
        without = self - cases.account_id
        if without and order.text.kind == "balance":
            documents, more = without._bss_issue_balance(order.text, order.channel, as_of)
            sent |= {document.account_id: document for document in documents}
            refused += more
        else:
            refused += [(account, self.env._("Nothing is overdue.")) for account in without]
        return sent, refused

    def _bss_letter_cases(self, as_of):
        """Cases of these accounts, their amounts looked at on the day."""
        cases = self.env["bss.dunning.case"]
        for company, accounts in self.grouped("company_id").items():
            cases.sudo()._bss_refresh(company, as_of, accounts.ids)
        found = cases.search([("account_id", "in", self.ids), ("state", "!=", "closed")])
        found.sudo()._bss_plan(as_of)
        return found

    def _bss_send_to_cases(self, cases, order, as_of):
        """({account: document}, [(account, why not)])"""
        sent, refused = {}, []
        if order.text.kind != "balance":
            nothing = cases.filtered(lambda case: case.amount_demanded <= 0)
            refused += [(case.account_id, self.env._("Nothing may be demanded.")) for case in nothing]
            cases -= nothing
        actions = self.env["bss.dunning.action"]._bss_write_letter(
            cases, order.text, order.channel, as_of, order.deadline_days
        )
        desk = LetterDesk(self.env, as_of, actions)
        for action in actions._bss_listening(as_of).with_context(bss_letter_desk=desk, bss_as_of=as_of):
            try:
                with self.env.cr.savepoint():
                    action._bss_send_letter(order.channel, as_of)
                sent[action.account_id] = action.document_id
            except UserError as error:
                refused.append((action.account_id, str(error)))
                action.with_context(bss_letter_desk=None).unlink()
        return sent, refused
