from datetime import date

from odoo.tests import tagged

from .common import ContractsCommon


@tagged("post_install", "-at_install")
class TestBillRunSelect(ContractsCommon):
    """Whom a run bills, how its items split an account, and that no two runs bill a charge twice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mobile = cls.make_offering("T-MOB", 30.0, service="mobile")

    def subscriber(self, name="Jan Kowalski", **vals):
        return self.make_subscriber(name, charged_through=date(2026, 10, 31), **vals)

    def collect(self, **vals):
        run = self.make_run().with_context(queue_job__no_delay=True)
        run.write(vals)
        run._bss_collect()
        return run

    # -- selection ----------------------------------------------------------------------------------

    def test_places(self):
        def place(name, kind, parent=None):
            vals = {"name": name, "kind": kind, "parent_id": parent.id if parent else False}
            return self.env["bss.location"].create(vals)

        town, other = place("Testowo", "town"), place("Innowo", "town")
        street = place("ul. Lipowa", "street", town)
        house = place("1", "building", street)
        inside, outside, nowhere = self.subscriber("In"), self.subscriber("Out"), self.subscriber("No")
        inside.service_ids.location_id = house
        outside.service_ids.location_id = other
        for chosen in (town, street, house):
            self.assertEqual(self.collect(location_ids=[(6, 0, chosen.ids)]).item_ids.account_id, inside)
        both = self.collect(location_ids=[(6, 0, (street | other).ids)])
        self.assertEqual(both.item_ids.account_id, inside | outside)
        self.assertEqual(self.collect().item_ids.account_id, inside | outside | nowhere)

    def test_kinds_of_customers(self):
        person = self.subscriber("Person")
        firm = self.subscriber("Firm", kind="company")
        office = self.subscriber("Office", kind="public")
        self.assertEqual(self.collect(for_consumer=True).item_ids.account_id, person)
        run = self.collect(for_company=True, for_public=True)
        self.assertEqual((run.item_ids.account_id, run.customer_kinds), (firm | office, "company,public"))

    def test_reseller(self):
        reseller = self.env["res.partner"].create({"name": "Agent"})
        sold, own = self.subscriber("Sold", reseller_id=reseller.id), self.subscriber("Own")
        run = self.collect(reseller_id=reseller.id)
        self.assertEqual(run.item_ids.account_id, sold)
        run._bss_issue()
        self.assertEqual(sold.invoice_ids.bss_reseller_id, reseller)
        self.assertEqual(sold.invoice_ids.bss_bill_cycle_id, self.cycle)
        self.bill()
        self.assertFalse(own.invoice_ids.bss_reseller_id)
        self.assertEqual(self.env["account.move"].search([("bss_reseller_id.name", "=", "Agent")]), sold.invoice_ids)

    def test_picked_accounts(self):
        one, _two = self.subscriber("One"), self.subscriber("Two")
        elsewhere = self.env["bss.bill.cycle"].create({"name": "Else", "journal_id": self.billing_journal.id})
        three = self.subscriber("Three", bill_cycle_id=elsewhere.id)
        run = self.collect(account_ids=[(6, 0, (one | three).ids)])
        self.assertEqual(run.item_ids.account_id, one)
        self.assertFalse(run.is_whole_cycle)

    # -- one invoice per ----------------------------------------------------------------------------

    def two_contracts(self, **vals):
        account = self.subscriber(**vals)
        contract = account.contract_ids.copy({"date_start": date(2026, 1, 1), "state": "active"})
        self.make_service(contract, self.mobile, charged_through=date(2026, 10, 31))
        return account

    def loose_charge(self, account, amount=5.0, **vals):
        return self.env["bss.charge"].create(
            {
                "account_id": account.id,
                "product_id": self.fibre.id,
                "name": "Loose",
                "price_unit": amount,
                "date_start": date(2026, 11, 1),
                "date_end": date(2026, 11, 1),
                **vals,
            }
        )

    def assertAddsUp(self, run):
        issued = run.item_ids.filtered(lambda item: item.state == "issued")
        self.assertEqual(len(issued.move_id), len(issued))
        for item in issued:
            charges = item.charge_ids
            self.assertEqual(set(charges.mapped("state")), {"billed"})
            self.assertEqual(charges.move_id, item.move_id)
            self.assertAlmostEqual(sum(charges.mapped("amount")), item.move_id.amount_untaxed, 2)

    def test_one_invoice_per_contract(self):
        account = self.two_contracts(invoice_split="contract")
        self.loose_charge(account)
        first, second = account.contract_ids.sorted("id")
        run = self.bill()
        items = run.item_ids.sorted("id")
        self.assertEqual(items.mapped("contract_id"), first | second)
        self.assertEqual(items.mapped("group_key"), [str(first.id), str(second.id)])
        self.assertEqual(items.mapped("group_name"), [first.name, second.name])
        # what belongs to no contract goes with the first one
        self.assertEqual(items.mapped("amount_untaxed"), [64.0, 30.0])
        self.assertEqual(len(account.invoice_ids), 2)
        self.assertAddsUp(run)

    def test_the_cycle_says_how_and_the_account_may_say_otherwise(self):
        self.cycle.invoice_split = "contract"
        split = self.two_contracts(name="Split")
        whole = self.two_contracts(name="Whole", invoice_split="account")
        self.bill()
        self.assertEqual((len(split.invoice_ids), len(whole.invoice_ids)), (2, 1))
        self.assertEqual(whole.invoice_ids.amount_untaxed, 89.0)

    def test_one_invoice_per_group_of_services(self):
        account = self.make_subscriber(
            products=[self.fibre, self.fibre, self.mobile, self.mobile],
            charged_through=date(2026, 10, 31),
            invoice_split="service_group",
        )
        one, two, three, _four = account.service_ids.sorted("id")
        (one | three).invoice_group = "Sales"
        two.invoice_group = "IT"
        run = self.bill()
        amounts = {item.group_key: item.amount_untaxed for item in run.item_ids}
        # the one without a group goes with the first of them
        self.assertEqual(amounts, {"IT": 89.0, "Sales": 89.0})
        self.assertAddsUp(run)

    def test_collecting_again_keeps_the_split(self):
        account = self.two_contracts(invoice_split="contract")
        run = self.collect()
        run._bss_collect()
        self.assertEqual((run.item_count, run.pending_count, run.charge_count), (2, 2, 2))
        account.invoice_split = "account"
        run._bss_collect()
        amounts = {item.group_key: (item.state, item.amount_charges) for item in run.item_ids}
        self.assertEqual(amounts.pop(""), ("pending", 89.0))
        self.assertEqual(set(amounts.values()), {("empty", 0.0)})
        run._bss_issue()
        self.assertEqual(account.invoice_ids.amount_untaxed, 89.0)

    def test_nothing_to_bill_is_one_row(self):
        self.make_subscriber(charged_through=date(2026, 12, 31), invoice_split="contract")
        run = self.bill()
        self.assertEqual((run.item_count, run.empty_count), (1, 1))

    def test_a_corrective_invoice_goes_with_its_contract(self):
        account = self.two_contracts(invoice_split="contract")
        run = self.bill()
        contract = account.contract_ids.sorted("id")[1]
        contract.service_ids._bss_end(date(2026, 11, 15), "moved away")
        following = self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        item = following.item_ids.filtered(lambda one: one.contract_id == contract)
        self.assertEqual(
            item.refund_ids.reversed_entry_id, run.item_ids.filtered(lambda one: one.contract_id == contract).move_id
        )
        self.assertEqual((item.state, item.amount_untaxed), ("issued", -15.0))

    # -- several runs of one period -------------------------------------------------------------------

    def test_two_runs_of_one_period_bill_no_charge_twice(self):
        account = self.subscriber()
        first, second = self.collect(), self.collect()
        self.assertEqual((first.charge_count, second.charge_count), (1, 0))
        item = second.item_ids
        self.assertEqual(item.state, "empty")
        self.assertIn(first.name, item.error)
        self.loose_charge(account)
        second._bss_collect()
        self.assertEqual((item.state, item.amount_charges), ("pending", 5.0))
        self.assertIn(first.name, item.error)
        second._bss_issue()
        first._bss_issue()
        self.assertEqual(sorted(account.invoice_ids.mapped("amount_untaxed")), [5.0, 59.0])
        for run in (first, second):
            self.assertAddsUp(run)

    def test_a_cancelled_run_frees_its_charges_for_the_next(self):
        account = self.subscriber()
        first = self.collect()
        first.action_cancel()
        self.assertFalse(account.charge_ids.bill_run_item_id or account.charge_ids.bill_run_id)
        self.assertEqual(self.bill().amount_untaxed, 59.0)

    def test_a_held_item_keeps_its_charges(self):
        account = self.subscriber()
        run = self.collect()
        run.item_ids.state = "held"
        run._bss_issue()
        self.assertFalse(account.invoice_ids)
        following = self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        self.assertEqual(following.amount_untaxed, 59.0)
        self.assertEqual(account.charge_ids.filtered(lambda one: one.state == "pending").bill_run_item_id, run.item_ids)
