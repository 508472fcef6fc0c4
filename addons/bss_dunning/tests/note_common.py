from datetime import date

from odoo.tests import new_test_user

from .common import DunningCommon


class NoteCommon(DunningCommon):
    """Overdue documents of the worked examples, and people with their limits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Note = cls.env["bss.dunning.note"]
        cls.collector = cls.user("windykator.not", "bss_catalog.group_bss_collector")

    @classmethod
    def user(cls, login, *groups):
        return new_test_user(
            cls.env,
            login,
            groups=",".join(("base.group_user", *groups)),
            company_id=cls.company.id,
            company_ids=cls.company.ids,
            context={"no_reset_password": True},
        )

    @classmethod
    def make_note(cls, account, day, kind="interest", **vals):
        return cls.Note.create({"account_id": account.id, "kind": kind, "date": day, "date_to": day, **vals})

    @classmethod
    def set_rate(cls, day, mid):
        """NBP mid rate of the euro on a day."""
        euro = cls.env.ref("base.EUR")
        euro.active = True
        return cls.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": day, "company_id": cls.company.id, "inverse_company_rate": mid}
        )

    def example(self, kind="consumer", due=date(2025, 4, 15), amount=1234.56, **vals):
        return self.debtor("Dłużnik", kind, amount, due, **vals)
