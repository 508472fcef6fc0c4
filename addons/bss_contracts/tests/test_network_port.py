from datetime import date

from odoo.addons.bss_contracts.tests.common import ContractsCommon
from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestNetworkPort(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        places = cls.env["bss.location"]
        cls.building = places.create({"kind": "building", "name": "Prosta 1", "city": "Kutno", "has_fibre": True})
        cls.flats = places.create(
            [{"kind": "premises", "name": str(number), "parent_id": cls.building.id} for number in range(1, 5)]
        )
        cls.node = cls.env["bss.network.node"].create({"code": "OLT-T", "name": "OLT", "kind": "olt"})
        cls.ports = cls.env["bss.network.port"].create(
            [{"node_id": cls.node.id, "name": flat.name, "location_id": flat.id} for flat in cls.flats]
        )
        cls.account = cls.make_subscriber()
        cls.service = cls.account.service_ids
        cls.service.location_id = cls.flats[0]

    def test_the_port_follows_its_service(self):
        waiting = self.make_service(self.account.contract_ids, self.fibre, "pending", location_id=self.flats[1].id)
        self.ports[0].service_id = self.service
        self.ports[1].service_id = waiting
        self.assertEqual(self.ports.mapped("state"), ["used", "reserved", "free", "free"])
        waiting._bss_apply_order("activate", date(2026, 11, 1))
        self.assertEqual(self.ports[1].state, "used")
        self.service._bss_apply_order("suspend", date(2026, 11, 1))
        self.assertEqual(self.ports[0].state, "used")

    def test_the_end_of_the_service_frees_the_port(self):
        waiting = self.make_service(self.account.contract_ids, self.fibre, "pending", location_id=self.flats[1].id)
        self.ports[0].service_id = self.service
        self.ports[1].service_id = waiting
        waiting._bss_end(date(2026, 11, 20), "test")
        self.service._bss_apply_order("terminate", date(2026, 11, 20))
        self.assertFalse(self.ports.service_id)
        self.assertEqual(set(self.ports.mapped("state")), {"free"})

    def test_a_faulty_port_serves_nobody_and_stays_faulty(self):
        self.ports[0].service_id = self.service
        self.ports[0].state = "faulty"
        self.ports[0].service_id = False
        self.assertEqual(self.ports[0].state, "faulty")
        with self.assertRaises(ValidationError):
            self.ports[0].service_id = self.service

    def test_states_that_contradict_the_service(self):
        with self.assertRaises(ValidationError):
            self.ports[2].state = "used"
        self.ports[0].service_id = self.service
        with self.assertRaises(ValidationError):
            self.ports[0].state = "free"

    def test_a_port_of_another_flat_is_refused_one_of_the_building_is_taken(self):
        with self.assertRaises(ValidationError):
            self.ports[3].service_id = self.service
        self.ports[3].location_id = self.building
        self.ports[3].service_id = self.service
        self.assertEqual(self.service.port_ids, self.ports[3])

    def test_a_clerk_may_end_a_service_with_a_port(self):
        self.ports[0].service_id = self.service
        clerk = new_test_user(
            self.env, "t_port_clerk", groups="bss_catalog.group_bss_clerk", company_id=self.company.id
        )
        self.service.with_user(clerk)._bss_apply_order("terminate", date(2026, 11, 20))
        self.assertEqual(self.ports[0].state, "free")

    def test_penetration(self):
        self.assertEqual((self.building.service_count, self.building.served_premises_count), (1, 1))
        self.assertEqual(self.building.penetration_percent, 25.0)
        self.make_service(self.account.contract_ids, self.fibre, location_id=self.flats[0].id)
        self.make_service(self.account.contract_ids, self.fibre, location_id=self.flats[1].id)
        self.building.invalidate_recordset()
        self.assertEqual((self.building.service_count, self.building.penetration_percent), (3, 50.0))
        found = self.env["bss.service"].search(self.building.action_open_services()["domain"])
        self.assertEqual(len(found), 3)
