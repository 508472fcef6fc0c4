import json
import sys
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger
from requests import ReadTimeout

from .common import ContractsCommon

TESTS = Path(__file__).resolve().parents[3] / "tests"


def network(**options):
    """The strict network simulator of this repository."""
    if str(TESTS) not in sys.path:
        sys.path.insert(0, str(TESTS))
    from simulators.provisioning import NetworkSimulator

    return NetworkSimulator("network-secret", **options)


class ProvisioningCommon(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "queue_job__no_delay": True})
        cls.today = cls.env["bss.service.order"]._bss_today()

    def connect(self, sim, **vals):
        return self.env["bss.provisioning.adapter"].create(
            {
                "name": "Fibre network",
                "kind": "push",
                "service_type": "internet",
                "url": sim.url,
                "token": sim.token,
                "timeout_s": 1,
                "max_attempts": 3,
                "company_id": self.company.id,
                "responsible_id": self.env.ref("base.user_admin").id,
                **vals,
            }
        )

    def order_activation(self, product=None, msisdn=None):
        account = self.make_account()
        contract = self.env["bss.contract"].create({"account_id": account.id, "date_start": self.today})
        service = self.make_service(contract, product or self.fibre, state="pending", msisdn=msisdn)
        service.new_identifier = service.new_identifier or f"user{service.id}"
        contract.action_activate()
        return service, service.order_ids


@tagged("post_install", "-at_install")
class TestPush(ProvisioningCommon):
    def setUp(self):
        super().setUp()
        self.env.company.partner_id.lang = "en_US"

    def test_a_new_order_has_a_title(self):
        self.assertEqual(self.env["bss.service.order"].new({"action": "message"}).display_name, "New service order")

    def test_network_does_it_at_once(self):
        with network() as sim:
            adapter = self.connect(sim)
            service, order = self.order_activation()
        self.assertEqual((order.adapter_id, order.state, order.external_ref), (adapter, "done", "NET-1"))
        self.assertEqual((service.state, service.date_start), ("active", self.today))
        sent = sim.received[0].body
        self.assertEqual(sent["service"]["offering_code"], "T-NET300")
        self.assertEqual(sent["service"]["identifiers"], [{"kind": "login", "value": service.main_identifier}])
        self.assertEqual(sim.refused, [])

    def test_other_services_stay_with_the_technicians(self):
        tv = self.make_offering("T-TV", 39.0, service="tv")
        with network() as sim:
            self.connect(sim)
            _service, order = self.order_activation(tv)
        self.assertEqual(
            (order.adapter_id, order.state), (self.env.ref("bss_contracts.provisioning_adapter_manual"), "sent")
        )
        self.assertEqual(sim.requests, 0)

    def test_order_is_sent_again_until_the_network_takes_it(self):
        with network() as sim:
            self.connect(sim)
            sim.faults.extend([503, "drop"])
            service, order = self.order_activation()
            self.assertEqual((order.state, order.attempts, order.last_error), ("queued", 1, "HTTP 503"))
            self.assertGreater(order.next_attempt_at, fields.Datetime.now())
            order._bss_push()
            # the network has it already, but nobody here knows
            self.assertEqual((order.state, order.attempts, len(sim.received)), ("queued", 2, 1))
            self.assertEqual(service.state, "pending")
            order._bss_push()
        self.assertEqual((order.state, service.state, len(sim.received)), ("done", "active", 1))

    def test_time_out_and_garbage_are_no_answer(self):
        with network() as sim:
            self.connect(sim)
            # Odoo lengthens time-outs under test: the client's own error stands for one
            with patch("requests.request", side_effect=ReadTimeout):
                _service, order = self.order_activation()
            self.assertEqual((order.state, order.last_error, sim.requests), ("queued", "no answer within 1 s", 0))
            sim.faults.append("garbage")
            order._bss_push()
            self.assertEqual((order.state, order.last_error), ("queued", "HTTP 200: NOT_JSON"))
            order._bss_push()
        self.assertEqual((order.state, len(sim.received)), ("done", 1))

    def test_gives_up_with_an_alarm(self):
        with network() as sim:
            adapter = self.connect(sim)
            sim.faults.extend([500] * 3)
            service, order = self.order_activation()
            order._bss_push()
            order._bss_push()
            self.assertEqual((order.state, service.state), ("failed", "pending"))
            self.assertIn("HTTP 500", order.response)
            self.assertEqual(adapter.activity_ids.user_id, self.env.ref("base.user_admin"))
            self.assertIn(order.name, adapter.message_ids[0].body)
            self.assertEqual(adapter.failed_count, 1)
            order.action_send_again()
        self.assertEqual((order.state, service.state), ("done", "active"))
        with self.assertRaises(UserError):
            order.action_send_again()

    def test_refusal_is_final_and_says_why(self):
        with network() as sim:
            self.connect(sim)
            sim.refusal = "port 7 is taken"
            service, order = self.order_activation()
        self.assertEqual((order.state, order.response, order.attempts), ("failed", "HTTP 422: port 7 is taken", 0))
        self.assertEqual(service.state, "pending")

    def test_conflicting_orders_go_one_after_another(self):
        with network(mode="accepted") as sim:
            self.connect(sim)
            service, activation = self.order_activation()
            self.assertEqual(activation.state, "sent")
            self.env["bss.service.order"]._bss_request(service, "terminate", "changed his mind")
            termination = service.order_ids - activation
            self.assertEqual((termination.state, len(sim.received)), ("queued", 1))
            activation._bss_done()
            self.assertEqual(sim.states(), [("activate", str(service.id)), ("terminate", str(service.id))])
            self.assertEqual(termination.state, "sent")
            termination._bss_done()
        self.assertEqual(service.state, "terminated")

    def test_orders_ahead_wait_for_their_day(self):
        with network() as sim:
            self.connect(sim)
            service, order = self.order_activation()
            later = self.today + timedelta(days=5)
            orders = self.env["bss.service.order"]._bss_request(service, "suspend", "holiday", valid_from=later)
            self.assertEqual((orders.state, len(sim.received)), ("queued", 1))
            orders._bss_push()
            self.assertEqual((orders.state, len(sim.received)), ("queued", 1))

    def test_alarm_on_orders_unanswered(self):
        with network(mode="accepted") as sim:
            adapter = self.connect(sim, answer_hours=2)
            _service, first = self.order_activation()
            _service, second = self.order_activation()
        orders = self.env["bss.service.order"]
        now = fields.Datetime.now()
        self.assertFalse((first | second) & orders._bss_alarm_unanswered(now + timedelta(hours=1)))
        self.assertEqual((first | second) & orders._bss_alarm_unanswered(now + timedelta(hours=30)), first | second)
        self.assertFalse((first | second) & orders._bss_alarm_unanswered(now + timedelta(hours=31)))
        self.assertEqual((adapter.unanswered_count, len(adapter.activity_ids)), (2, 1))
        found = orders.search([("state", "in", ("queued", "sent")), ("alarmed_at", "!=", False)])
        self.assertLessEqual(first | second, found)

    def test_connection_test(self):
        with network() as sim:
            adapter = self.connect(sim)
            self.assertEqual(adapter.action_test()["params"]["type"], "success")
            adapter.token = "wrong"
            with self.assertRaisesRegex(UserError, "401"):
                adapter.action_test()
        with self.assertRaisesRegex(UserError, "no connection"):
            adapter.action_test()
        with self.assertRaises(ValidationError):
            adapter.url = "ftp://network"
        with self.assertRaises(ValidationError):
            adapter.kind = "pull"

    def test_token_follows_no_new_address(self):
        with network() as sim:
            adapter = self.connect(sim)
        admin = new_test_user(self.env, "net_moves", groups="bss_catalog.group_bss_admin", company_id=self.company.id)
        viewer = new_test_user(self.env, "net_asks", groups="bss_catalog.group_bss_viewer", company_id=self.company.id)
        adapter.with_user(admin).write({"url": sim.url, "answer_hours": 5})
        self.assertEqual(adapter.token, sim.token, "the same address keeps its token")
        adapter.with_user(admin).url = "http://network.example"
        self.assertFalse(adapter.token)
        with patch("requests.request") as sent:
            sent.return_value.status_code = 200
            with self.assertRaises(AccessError):
                adapter.with_user(viewer).action_test()
            self.assertFalse(sent.called)
            adapter.with_user(admin).action_test()
            self.assertNotIn("Authorization", sent.call_args.kwargs["headers"])

    def test_token_needs_https_outside_this_machine(self):
        with network() as sim:
            adapter = self.connect(sim)
        for url in ("http://network.example", "http://10.0.0.7", "http://169.254.169.254", "http://localhost.example"):
            with self.assertRaisesRegex(ValidationError, "https"):
                adapter.write({"url": url, "token": "secret"})
        for url in ("https://network.example", "http://localhost:8080", "http://127.0.0.1", "http://[::1]:8080"):
            adapter.write({"url": url, "token": "secret"})

    def test_dead_network_writes_one_message(self):
        with network() as sim:
            adapter = self.connect(sim, max_attempts=1)
            before = adapter.message_ids
            sim.faults.extend([500] * 3)
            orders = [self.order_activation()[1] for _number in range(3)]
        self.assertEqual([order.state for order in orders], ["failed"] * 3)
        self.assertTrue(all(order.alarmed_at for order in orders))
        told = (adapter.message_ids - before).filtered("partner_ids")
        self.assertEqual((len(told), len(adapter.activity_ids)), (1, 1))

    def test_token_is_for_system_users_only(self):
        with network() as sim:
            adapter = self.connect(sim)
        admin = new_test_user(self.env, "net_admin", groups="bss_catalog.group_bss_admin", company_id=self.company.id)
        viewer = new_test_user(
            self.env, "net_viewer", groups="bss_catalog.group_bss_viewer", company_id=self.company.id
        )
        adapter.with_user(admin).answer_hours = 3
        for user in (admin, viewer):
            self.assertNotIn("token", adapter.with_user(user).read()[0])
            with self.assertRaises(AccessError):
                adapter.with_user(user).read(["token"])
        with self.assertRaises(AccessError):
            adapter.with_user(viewer).answer_hours = 4
        other = self.env["res.company"].create({"name": "Other operator"})
        stranger = new_test_user(
            self.env,
            "net_stranger",
            groups="bss_catalog.group_bss_admin",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.assertNotIn(
            adapter,
            self.env["bss.provisioning.adapter"]
            .with_user(stranger)
            .with_context(allowed_company_ids=other.ids)
            .search([]),
        )


@tagged("post_install", "-at_install")
class TestPull(ProvisioningCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env,
            "fibre_network",
            groups="base.group_user",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.stranger = new_test_user(cls.env, "other_network", groups="base.group_user", company_id=cls.company.id)
        cls.adapter = cls.env["bss.provisioning.adapter"].create(
            {
                "name": "Fibre network",
                "kind": "pull",
                "service_type": "internet",
                "user_id": cls.user.id,
                "company_id": cls.company.id,
            }
        )
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        keys = cls.env["res.users.apikeys"]
        cls.key = keys.with_user(cls.user)._generate(None, "network", tomorrow)
        cls.other_key = keys.with_user(cls.stranger)._generate(None, "network", tomorrow)

    def call(self, path, body=None, key=None):
        headers = {"Authorization": f"Bearer {key or self.key}"}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        self.env.flush_all()
        response = self.url_open(f"/bss/provisioning/v1/orders{path}", data=data, headers=headers)
        self.env.invalidate_all()
        return response

    def test_fetch_and_answer(self):
        service, order = self.order_activation()
        self.assertEqual(order.state, "queued")
        body = self.call("").json()["orders"]
        mine = [one for one in body if one["idempotency_key"] == order.idempotency_key]
        self.assertEqual([(one["order"], one["action"]) for one in mine], [(order.name, "activate")])
        path = f"/{order.idempotency_key}/answer"
        accepted = self.call(path, {"state": "accepted", "reference": "T-9"})
        self.assertEqual((accepted.status_code, order.state, order.external_ref), (200, "sent", "T-9"))
        done = {"state": "done", "effective_date": self.today.isoformat()}
        for _twice in range(2):
            self.assertEqual(self.call(path, done).json(), {"order": order.name, "state": "done"})
        self.assertEqual((service.state, service.date_start), ("active", self.today))
        self.assertEqual(self.call(path, {"state": "failed"}).status_code, 409)
        self.assertEqual(order.state, "done")
        self.assertNotIn(order.name, [one["order"] for one in self.call("").json()["orders"]])

    def test_one_order_of_a_service_at_a_time(self):
        service, order = self.order_activation()
        self.env["bss.service.order"]._bss_request(service, "terminate", "changed his mind")
        names = {one["order"] for one in self.call("?limit=500").json()["orders"]}
        self.assertEqual(names & set(service.order_ids.mapped("name")), {order.name})

    def test_bad_answers_change_nothing(self):
        _service, order = self.order_activation()
        path = f"/{order.idempotency_key}/answer"
        tomorrow = (self.today + timedelta(days=1)).isoformat()
        for body, status, code in (
            (b"nonsense", 400, "NOT_JSON"),
            ({"state": "maybe"}, 400, "BAD_STATE"),
            ({"state": "done", "when": "now"}, 400, "UNKNOWN_FIELD"),
            ({"state": "done", "effective_date": tomorrow}, 422, "FUTURE"),
            (b"x" * 70_000, 413, "TOO_LONG"),
        ):
            with self.subTest(code=code):
                response = self.call(path, body)
                self.assertEqual((response.status_code, response.json()["error"]["code"]), (status, code))
        self.assertEqual(order.state, "queued")
        self.assertEqual(self.call("?limit=0").status_code, 400)

    @mute_logger("odoo.http")
    def test_only_the_network_of_the_order(self):
        _service, order = self.order_activation()
        path = f"/{order.idempotency_key}/answer"
        self.assertEqual(self.call("", key=self.other_key).status_code, 403)
        self.assertEqual(self.call(path, {"state": "done"}, key=self.other_key).status_code, 404)
        self.assertIn(self.call("", key="guess").status_code, (401, 403))
        self.assertEqual(order.state, "queued")
