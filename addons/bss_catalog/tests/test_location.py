from datetime import timedelta

from odoo.addons.bss_catalog.tests.common import BssCommon
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .. import polish_day


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


@tagged("post_install", "-at_install")
class TestTown(BssCommon):
    """Town, streets, buildings: what flows down, what is found, what is refused."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.day = polish_day.today()
        cls.town = cls._make("town", "Próbowo", zip="99-301", teryt_code="1002011", simc_code="0976001")
        cls.street = cls._make("street", "Lipowa", cls.town, ulic_code="12001")
        cls.house = cls._make("building", "12", cls.street)
        cls.stairs = cls._make("staircase", "A", cls.house)
        cls.flat = cls._make("premises", "5", cls.stairs)

    @classmethod
    def _make(cls, kind, name, parent=None, **vals):
        return cls.env["bss.location"].create(
            {"kind": kind, "name": name, "parent_id": parent and parent.id, "company_id": cls.company.id, **vals}
        )

    def reach(self, place, technology="fibre", down=300, up=50, **vals):
        return self.env["bss.location.technology"].create(
            {"location_id": place.id, "technology": technology, "down_mbps": down, "up_mbps": up, **vals}
        )

    # --- addresses

    def test_the_address_comes_from_where_it_is_written(self):
        self.assertEqual(self.flat.complete_name, "Próbowo, Lipowa 12 / A / 5")
        self.assertEqual(self.flat.address, "Lipowa 12, 99-301 Próbowo")
        self.flat.premises_no = "5"
        self.assertEqual(self.flat.address, "Lipowa 12/5, 99-301 Próbowo")
        self.assertEqual(
            (self.flat.teryt_code, self.flat.simc_code, self.flat.ulic_code), ("1002011", "0976001", "12001")
        )
        self.town.name = "Nowe Próbowo"
        self.street.name = "Bukowa"
        self.assertEqual(self.flat.complete_name, "Nowe Próbowo, Bukowa 12 / A / 5")
        self.assertEqual((self.flat.city, self.flat.street), ("Nowe Próbowo", "Bukowa"))

    def test_a_postcode_of_its_own_stays_when_the_town_gets_another(self):
        other = self._make("building", "14", self.street, zip="99-309")
        self.town.zip = "99-305"
        self.assertEqual((self.house.zip, self.flat.zip, other.zip), ("99-305", "99-305", "99-309"))

    def test_moving_a_building_takes_the_new_address(self):
        town = self._make("town", "Inne", zip="00-001")
        street = self._make("street", "Długa", town)
        self.house.parent_id = street
        self.assertEqual(self.flat.complete_name, "Inne, Długa 12 / A / 5")
        self.assertEqual(self.flat.zip, "00-001")
        self.assertEqual(self.flat.building_id, self.house)

    def test_a_village_house_and_a_building_with_a_name(self):
        house = self._make("building", "8", self.town, house_no="8")
        self.assertEqual(house.complete_name, "Próbowo, 8")
        self.house.write({"name": "Wieżowiec", "house_no": "12"})
        self.assertEqual(self.house.complete_name, "Próbowo, Lipowa 12 (Wieżowiec)")

    def test_numbers_sort_as_numbers(self):
        flats = [self._make("premises", name, self.stairs) for name in ("10", "2", "1A")]
        found = self.env["bss.location"].search([("parent_id", "=", self.stairs.id)])
        self.assertEqual(found.mapped("name"), ["1A", "2", "5", "10"])
        self.assertEqual(len(flats), 3)

    def test_typing_an_address_finds_the_premises(self):
        self._make("premises", "12", self._make("building", "5", self.street))
        places = self.env["bss.location"]
        for typed in ("Lipowa 12/5", "Lipowa 12 m. 5 Próbowo", "ul. lipowa 12 5", "probowo lipowa 12 kl. A m 5"):
            found = places.browse([one for one, _name in places.name_search(typed)])
            self.assertEqual(found.filtered(lambda one: one.kind == "premises"), self.flat, typed)
        self.assertIn(self.house, places.search([("display_name", "ilike", "Lipowa 12")]))
        self.assertEqual(places.browse([one for one, _name in places.name_search(self.flat.complete_name)]), self.flat)
        self.assertFalse(places.name_search("Lipowa 13/5"))

    def test_the_form_shows_what_is_taken_over(self):
        form = Form(self.env["bss.location"].with_context(default_kind="building", default_parent_id=self.street.id))
        form.name = "18"
        self.assertEqual((form.city, form.street), ("Próbowo", "Lipowa"))
        self.assertEqual(form.save().complete_name, "Próbowo, Lipowa 18")

    def test_codes_and_kinds_that_cannot_be(self):
        for vals in ({"teryt_code": "1102011"}, {"teryt_code": "1002017"}, {"simc_code": "123"}):
            with self.assertRaises(ValidationError):
                self._make("town", "Złe", **vals)
        with self.assertRaises(ValidationError):
            self.street.ulic_code = "1234"
        with self.assertRaises(ValidationError):
            self._make("street", "Sama")
        with self.assertRaises(ValidationError):
            self._make("town", "W ulicy", self.street)
        with self.assertRaises(ValidationError):
            self.street.kind = "building"

    # --- technologies in time

    def test_speeds_are_inherited_and_overridden(self):
        self.reach(self.town, "radio", 30, 5)
        self.reach(self.house, "fibre", 600, 100)
        self.assertEqual(self.flat._bss_technologies(self.day), {"fibre": (600, 100), "radio": (30, 5)})
        self.reach(self.flat, "fibre", 2000, 1000)
        self.reach(self.flat, "radio", is_blocked=True)
        self.assertEqual(self.flat._bss_technologies(self.day), {"fibre": (2000, 1000)})
        self.assertEqual((self.flat.has_fibre, self.flat.has_radio, self.house.has_radio), (True, False, True))
        self.assertEqual(self.flat.technology_text, "Fibre 2000/1000")

    def test_technologies_begin_and_end(self):
        row = self.reach(self.street, date_start=self.day + timedelta(days=3))
        self.assertFalse(self.flat.has_fibre)
        self.assertEqual(self.flat._bss_technologies(self.day + timedelta(days=3)), {"fibre": (300, 50)})
        row.write({"date_start": False, "date_end": self.day - timedelta(days=1)})
        self.assertFalse(self.flat.has_fibre)
        self.assertEqual(self.flat._bss_technologies(self.day - timedelta(days=1)), {"fibre": (300, 50)})
        self.reach(self.street, down=900, date_start=self.day)
        self.assertTrue(self.flat.has_fibre)
        with self.assertRaises(ValidationError):
            self.reach(self.street, date_start=self.day + timedelta(days=9))

    def test_an_own_row_that_has_ended_means_not_here(self):
        self.reach(self.town)
        self.reach(self.house, date_end=self.day - timedelta(days=1))
        self.assertFalse(self.flat.has_fibre)
        self.assertTrue(self.street.has_fibre)

    def test_the_cron_turns_the_flags_of_the_day(self):
        row = self.reach(self.street)
        self.env.cr.execute(
            "UPDATE bss_location_technology SET date_end = %s WHERE id = %s", [self.day - timedelta(days=1), row.id]
        )
        self.env.invalidate_all()
        self.assertTrue(self.flat.has_fibre)
        self.env["bss.location"]._bss_cron_refresh_technologies()
        self.assertFalse(self.flat.has_fibre)

    def test_flags_can_be_written_and_searched(self):
        self.house.has_hfc = True
        self.flat.has_hfc = False
        here = self.env["bss.location"].search([("has_hfc", "=", True), ("id", "child_of", self.town.id)])
        self.assertEqual(here, self.house | self.stairs)
        self.flat.has_hfc = True
        self.assertTrue(self.flat.has_hfc)
        self.flat.has_hfc = False
        self.assertFalse(self.flat.has_hfc)

    def test_many_places_in_few_queries(self):
        self.reach(self.street)
        flats = self.env["bss.location"].create(
            [{"kind": "premises", "name": f"x{number}", "parent_id": self.stairs.id} for number in range(60)]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(2):
            found = flats._bss_technologies_by_location(self.day)
        self.assertEqual([found[one] for one in flats.ids], [{"fibre": (300, 50)}] * 60)

    # --- competitors and network

    def test_competitors_from_here_and_above(self):
        names = ("Tu", "Wyżej", "Dawno", "Gdzie indziej")
        here, above, gone, elsewhere = self.env["bss.competitor"].create([{"name": name} for name in names])
        other = self._make("building", "99", self.street)
        for competitor, place, vals in (
            (here, self.house, {}),
            (above, self.town, {"price": 49.9}),
            (gone, self.house, {"date_end": self.day - timedelta(days=1)}),
            (elsewhere, other, {}),
        ):
            competitor.offer_ids = [Command.create({"location_id": place.id, "down_mbps": 300, **vals})]
        self.assertEqual(self.flat._bss_competitors(self.day), here | above)
        self.assertEqual(self.flat._bss_competitors(self.day - timedelta(days=1)), here | above | gone)
        self.assertEqual(self.flat.competitor_count, 2)
        offers = self.env["bss.competitor.offer"].search(self.street.action_open_competitor_offers()["domain"])
        self.assertEqual(offers.competitor_id, here | above | gone | elsewhere)

    def test_nodes_and_ports(self):
        node = self.env["bss.network.node"].create({"code": "CM-1", "name": "CMTS", "kind": "cmts"})
        self.assertEqual(node.technology, "hfc")
        node.location_id = self.house
        node.port_ids = [Command.create({"name": "1", "location_id": self.flat.id}), Command.create({"name": "2"})]
        self.assertEqual(set(node.port_ids.mapped("technology")), {"hfc"})
        self.assertEqual((self.street.node_count, self.street.port_count, self.street.free_port_count), (1, 1, 1))
        with self.assertRaises(ValidationError):
            node.port_ids[0].location_id = self.stairs
        self.assertIn(node, self.env["bss.network.node"].search(self.town.action_open_nodes()["domain"]))

    def test_counts_of_a_town(self):
        self._make("premises", "6", self.house)
        self.town.invalidate_recordset()
        self.assertEqual((self.town.building_count, self.town.staircase_count, self.town.premises_count), (1, 1, 2))

    def test_roles_and_companies(self):
        other = self.env["res.company"].create({"name": "Other operator"})
        viewer, clerk, stranger = (
            new_test_user(self.env, f"t_place_{name}", groups=f"bss_catalog.group_bss_{role}", company_id=company.id)
            for name, role, company in (
                ("viewer", "viewer", self.company),
                ("clerk", "clerk", self.company),
                ("stranger", "clerk", other),
            )
        )
        row = self.reach(self.house)
        node = self.env["bss.network.node"].create({"code": "N-1", "name": "N", "company_id": self.company.id})
        port = node.port_ids.create({"node_id": node.id, "name": "1"})
        competitor = self.env["bss.competitor"].create({"name": "K", "company_id": self.company.id})
        offer = competitor.offer_ids.create(
            {"competitor_id": competitor.id, "location_id": self.house.id, "company_id": self.company.id}
        )
        for record in (self.flat, row, node, port, competitor, offer):
            with self.subTest(record._name):
                self.assertTrue(record.with_user(viewer).read(["display_name"]))
                with self.assertRaises(AccessError):
                    record.with_user(viewer).write({"write_date": False})
                with self.assertRaises(AccessError):
                    record.with_user(stranger).with_company(other).read(["display_name"])
        row.with_user(clerk).down_mbps = 400
        self.assertEqual(self.flat._bss_technologies(self.day), {"fibre": (400, 50)})
        self.flat.with_user(clerk).has_fibre = False
        self.assertFalse(self.flat.has_fibre)
