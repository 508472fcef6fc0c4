from datetime import date

from odoo.tests import freeze_time, tagged

from .test_contract_change import TODAY, ChangeCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAgreedTerms(ChangeCommon):
    """What was agreed is what is stored, billed and printed."""

    def add(self, product, **vals):
        change = self.make_change("annex", date(2026, 12, 1), [{"action": "add", "product_id": product.id, **vals}])
        change.action_confirm()
        self.env.flush_all()
        self.env.invalidate_all()
        return change.line_ids

    def test_added_service_keeps_its_agreed_price(self):
        line = self.add(self.tv, price_unit=50.0, quantity=2.0)
        self.assertEqual((line.price_unit, line.quantity, line.price_kind), (50.0, 2.0, "net"))
        self.assertEqual((line.service_id.price_unit, line.service_id.quantity), (50.0, 2.0))

    def test_added_bundle_is_billed_at_its_agreed_price(self):
        line = self.add(self.make_bundle(), price_unit=100.0)
        parts = line.service_id.child_ids
        self.assertEqual((line.price_unit, line.service_id.price_unit), (100.0, 100.0))
        self.assertEqual(parts.mapped("price_unit"), [69.53, 30.47])  # 100.00 as 89 : 39
        for part in parts:
            part._bss_apply_order("activate", date(2026, 12, 1))
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        self.assertEqual(round(sum(parts.charge_ids.mapped("amount")), 2), 100.0)

    def test_a_draft_follows_the_offering(self):
        change = self.make_change("annex", date(2026, 12, 1), [{"action": "add", "product_id": self.tv.id}])
        change.line_ids.product_id = self.fast
        self.assertEqual(change.line_ids.price_unit, 89.0)

    def test_agreed_terms_are_never_recomputed(self):
        change = self.upgrade()
        change.line_ids.price_unit = 95.0
        change.action_confirm()
        line, names = change.line_ids, ("action", "product_id", "quantity", "price_unit", "price_kind", "identifier_id")
        before = line.read(names, load="")
        self.finish("2026-12-10")
        for name in names:  # as an upgrade of the module does
            self.env.add_to_compute(line._fields[name], line)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(line.read(names, load=""), before)
