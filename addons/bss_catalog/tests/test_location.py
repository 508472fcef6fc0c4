from odoo.addons.bss_catalog.tests.common import BssCommon
from odoo.exceptions import ValidationError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestLocation(BssCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.building = cls._make(
            "building", "Długa 3", street="Długa", house_no="3", zip="99-300", city="Kutno", has_fibre=True
        )
        cls.staircase = cls._make("staircase", "A", parent_id=cls.building.id)
        cls.flat = cls._make("premises", "7", premises_no="7", parent_id=cls.staircase.id)

    @classmethod
    def _make(cls, kind, name, **vals):
        return cls.env["bss.location"].create({"kind": kind, "name": name, "company_id": cls.company.id, **vals})

    def test_names_and_addresses_come_from_the_building(self):
        self.assertEqual(self.flat.complete_name, "Kutno, Długa 3 / A / 7")
        self.assertEqual(self.flat.address, "Długa 3/7, 99-300 Kutno")
        self.assertEqual(self.flat.building_id, self.building)
        self.building.city = "Gniezno"
        self.assertEqual(self.flat.city, "Gniezno")
        self.assertEqual(self.flat.complete_name, "Gniezno, Długa 3 / A / 7")

    def test_counts(self):
        self._make("premises", "8", parent_id=self.building.id)
        self.building.invalidate_recordset()
        self.assertEqual((self.building.staircase_count, self.building.premises_count), (1, 2))
        self.assertEqual((self.staircase.staircase_count, self.staircase.premises_count), (0, 1))

    def test_technologies_are_taken_over_and_pushed(self):
        self.assertTrue(self.flat.has_fibre)
        self.building.has_radio = True
        self.assertTrue(self.flat.has_radio)
        self.flat.has_radio = False
        self.assertFalse(self.flat.has_radio)
        self.assertTrue(self.building.has_radio)
        self.building.action_push_technologies()
        self.assertTrue(self.flat.has_radio)

    def test_hierarchy(self):
        for kind, parent in (("building", self.building), ("staircase", self.flat), ("premises", self.flat)):
            with self.assertRaises(ValidationError):
                self._make(kind, "X", parent_id=parent.id)
        with self.assertRaises(ValidationError):
            self._make("premises", "9")

    def test_teryt_code(self):
        with self.assertRaises(ValidationError):
            self.building.teryt_code = "10020"
        self.building.teryt_code = "1002011"

    def test_offerings_on_sale_here(self):
        self.make_offering("T-FIBRE", 69.0, bss_technology="fibre")
        self.make_offering("T-HFC", 59.0, bss_technology="hfc")
        action = self.flat.action_open_offerings()
        found = self.env["product.template"].search(action["domain"])
        self.assertIn("T-FIBRE", found.mapped("default_code"))
        self.assertNotIn("T-HFC", found.mapped("default_code"))
