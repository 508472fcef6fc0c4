"""Mass letters are the collectors' of their company: nobody else reads, makes or steers them."""

from unittest.mock import patch

from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from ..wizards import bss_dunning_letter as letter
from .letter_common import LetterCommon

BUTTONS = ("action_start", "action_stop", "action_retry")


@tagged("post_install", "-at_install")
@freeze_time("2026-10-08 10:00:00")
class TestLetterBatchRights(LetterCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        cls.letters = cls.env["bss.dunning.letter"]
        cls.collector = cls.user("masowy.windykator", "bss_catalog.group_bss_collector")

    @classmethod
    def user(cls, login, group, companies=None):
        companies = companies or cls.company
        base = "" if group == "base.group_portal" else "base.group_user,"
        return new_test_user(
            cls.env,
            login,
            groups=f"{base}{group}",
            company_id=companies[0].id,
            company_ids=companies.ids,
            context={"no_reset_password": True},
        )

    def started(self, accounts=None, env=None, **vals):
        self.trap = self.enterContext(trap_jobs())
        accounts = self.postal_debtor() if accounts is None else accounts
        with patch.object(letter, "AT_ONCE", 0):
            opened = self.write_letter(accounts, env or self.env(user=self.collector), **vals).action_send()
        found = [("id", "=", opened["res_id"])] if opened.get("res_id") else opened["domain"]
        return self.env["bss.dunning.letter.batch"].search(found)

    def test_collectors_start_look_and_steer(self):
        batch = self.started()
        own = batch.with_user(self.collector)
        form = Form(own)
        self.assertEqual((form.state, form.item_count, form.user_id), ("running", 1, self.collector))
        own.action_stop()
        own.action_start()
        own.message_post(body="uzgodnione z prawnikiem")
        self.assertEqual(self.env[own._name].with_user(self.collector).search([("item_ids", "!=", False)]), batch)

    def test_a_second_collector_goes_on_with_it(self):
        batch = self.started()
        colleague = self.user("masowy.kolega", "bss_catalog.group_bss_collector")
        batch.with_user(colleague).action_stop()
        batch.with_user(colleague).action_start()
        self.trap.perform_enqueued_jobs()
        self.assertEqual((batch.state, batch.user_id), ("done", self.collector))

    def test_nobody_writes_it_by_hand(self):
        batch = self.started()
        admin = self.user("masowy.szef", "bss_catalog.group_bss_admin")
        for user in (self.collector, admin):
            own = batch.with_user(user)
            for call in (
                lambda own=own: own.write({"state": "done"}),
                lambda own=own: own.write({"body": "inny tekst"}),
                lambda own=own: own.copy(),
                lambda own=own: own.unlink(),
                lambda own=own: own.create({"kind": "demand", "channel": "letter", "company_id": self.company.id}),
                lambda own=own: own.item_ids.write({"state": "new"}),
                lambda own=own: own.item_ids.unlink(),
                lambda own=own: own.item_ids.create(
                    {"batch_id": own.id, "account_id": own.item_ids.account_id.id, "company_id": self.company.id}
                ),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    call()

    def refused(self, batch, user):
        own = batch.with_user(user)
        item = batch.item_ids.with_user(user)
        calls = [getattr(own, name) for name in BUTTONS]
        calls += [lambda: own.read(["title"]), lambda: item.read(["reason"]), item.action_retry]
        for number, call in enumerate(calls):
            with self.subTest(user=user.login, call=number), self.assertRaises(AccessError):
                call()

    def test_others_neither_read_nor_steer_nor_start(self):
        batch = self.started()
        account = batch.item_ids.account_id
        for role in ("bss_catalog.group_bss_viewer", "bss_catalog.group_bss_clerk", "base.group_portal"):
            user = self.user(f"masowy.{role}", role)
            self.refused(batch, user)
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.write_letter(account, self.env(user=user)).action_send()
        self.assertEqual((batch.state, batch.waiting_count), ("running", 1))

    def test_another_companys_collector_sees_nothing_of_it(self):
        batch = self.started()
        other = self.env["res.company"].create({"name": "Drugi Operator"})
        stranger = self.user("masowy.obcy", "bss_catalog.group_bss_collector", other)
        self.refused(batch, stranger)
        theirs = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        self.assertFalse(theirs[batch._name].search([]))
        self.assertFalse(theirs["bss.dunning.letter.batch.item"].search([]))
        with self.assertRaises(AccessError), patch.object(letter, "AT_ONCE", 0):
            self.write_letter(batch.item_ids.account_id, theirs).action_send()

    def test_accounts_of_two_companies_become_two_batches(self):
        other = self.env["res.company"].create({"name": "Drugi Operator", "country_id": self.env.ref("base.pl").id})
        both = self.user("masowy.obie", "bss_catalog.group_bss_collector", self.company | other)
        partner = self.env["res.partner"].create(
            {"name": "Klient Drugiego", "street": "Prosta 1", "zip": "00-001", "city": "Warszawa"}
        )
        mine = self.make_subscriber("Anna Nowak")
        theirs = self.env["bss.account"].create(
            {"partner_id": partner.id, "company_id": other.id, "bill_cycle_id": False}
        )
        context = {"allowed_company_ids": (self.company | other).ids, "lang": "en_US"}
        batches = self.started(mine | theirs, self.env(user=both, context=context), kind="balance")
        self.assertEqual(batches.company_id, self.company | other)
        for batch in batches:
            self.assertEqual(batch.item_ids.account_id.company_id, batch.company_id)
        self.trap.perform_enqueued_jobs()
        self.assertEqual(batches.mapped("state"), ["done", "done"])
        documents = batches.item_ids.document_id
        self.assertEqual({one.account_id: one.company_id for one in documents}, {mine: self.company, theirs: other})
        seen = self.env(user=self.collector)[batches._name].search([("id", "in", batches.ids)])
        self.assertEqual(seen.company_id, self.company)
