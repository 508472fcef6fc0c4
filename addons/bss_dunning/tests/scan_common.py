from ast import literal_eval
from datetime import date

from odoo.tests import new_test_user
from odoo.tools import format_date

from .letter_common import DAY, LetterCommon

HANDED = "2026-10-12"


class ScanCommon(LetterCommon):
    """A notice on its way to a debtor, and people with scanners."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scans = cls.env["bss.dunning.scan"]
        cls.clerk = cls.scanner("skaner.biuro", "clerk")

    @classmethod
    def scanner(cls, login, role, company=None):
        company = company or cls.company
        group = "base.group_portal" if role == "portal" else f"base.group_user,bss_catalog.group_bss_{role}"
        return new_test_user(
            cls.env,
            login,
            groups=group,
            company_id=company.id,
            company_ids=company.ids,
            lang="en_US",
            context={"no_reset_password": True},
        )

    def scan(self, code, mode, day, reason="", number=None, user=None):
        return self.desk(user).record_letter(code, mode, day, reason, number)

    def words(self, day):
        return format_date(self.desk().env, day)

    def undo(self, answer, user=None):
        return self.desk(user).undo_last(answer["id"])

    def desk(self, user=None):
        user = user or self.clerk
        context = {"lang": "en_US", "allowed_company_ids": user.company_ids.ids}
        return self.env(user=user, context=context)["bss.dunning.scan"]

    def loose_notice(self, name="Jan Kowalski"):
        """Letter of a notice that waits for the post."""
        self.account = self.postal_debtor(name, due=date(2026, 8, 3))
        self.run_on(DAY)
        case = self.case_of(self.account)
        case.action_ids.document_id.channel = "none"
        self.notice = self.Action.sudo().create(
            {
                "case_id": case.id,
                "step_id": self.env.ref("bss_dunning.step_household_n1").id,
                "date": DAY,
                "channel": "letter",
                "amount": 100,
                "deadline": date(2026, 10, 15),
            }
        )
        self.notice._bss_fill_lines(DAY)
        self.notice._bss_do_letter(DAY)
        self.notice._bss_done(DAY)
        return self.notice.document_id

    def posted_notice(self, franking=None, handed=True, own_barcode=True):
        """The letter in a batch of its own."""
        letter = self.loose_notice()
        if franking:
            letter.print_franking = franking
        if not own_barcode:
            letter.print_barcode = False
        batch = self.batch()
        if handed:
            batch.action_hand_over()
        return letter

    def batch_of(self, letter):
        return letter.print_line_ids.batch_id

    def bad_addresses(self):
        domain = literal_eval(self.env.ref("bss_dunning.bss_document_bad_address_action").domain)
        return self.env["bss.document"].search(domain)
