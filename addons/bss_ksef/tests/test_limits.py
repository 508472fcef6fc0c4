from datetime import UTC, datetime

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..ksef_core.transport import limits
from ..ksef_core.transport.limits import Group
from ..models.bss_ksef_limit import GROUPS, DatabaseLimiter
from .common import KsefCommon, simulator


@tagged("post_install", "-at_install")
class TestLimits(KsefCommon):
    """One account of calls for everybody who calls for a tax number."""

    def setUp(self):
        super().setUp()
        # cursors of its own share the connection of the test from here on, and nothing stays
        self.enterContext(self.enter_registry_test_mode())
        self.limiter = self.env["bss.ksef.limit"]._bss_limiter(self.company)

    def _row(self, group, window="minute"):
        self.env.invalidate_all()
        return self.env["bss.ksef.limit"].search(
            [("company_id", "=", self.company.id), ("call_group", "=", group), ("window", "=", window)]
        )

    def test_every_group_has_a_name(self):
        self.assertEqual({name for name, _label in GROUPS}, {group.value for group in Group})

    def test_two_workers_and_two_companies_of_one_tax_number_share(self):
        sister = self.env["res.company"].create({"name": "Sister", "vat": f"PL{self.NIP}"})
        sister.bss_ksef_environment = self.company.bss_ksef_environment
        other = self.env["bss.ksef.limit"]._bss_limiter(sister)
        for _call in range(5):
            self.assertEqual(self.limiter.take(Group.BATCH_OPEN), 0)
            self.assertEqual(other.take(Group.BATCH_OPEN), 0)
        self.assertGreater(self.limiter.take(Group.BATCH_OPEN), 0, "ten a second")
        self.assertGreater(other.take(Group.BATCH_OPEN), 0)
        self.assertEqual((self._row("batchSession").used, self._row("batchSession").free), (10, 10))
        stranger = DatabaseLimiter(self.env.registry, "test", "5265877635")
        self.assertEqual(stranger.take(Group.BATCH_OPEN), 0, "another tax number has its own count")

    def test_windows_slide(self):
        self._calls(Group.BATCH_OPEN, 20, seconds_ago=50)
        self.assertTrue(9 < self.limiter.take(Group.BATCH_OPEN) <= 10.5)
        self._calls(Group.SESSION_LIST, 60, seconds_ago=1800)
        self.assertTrue(1799 < self.limiter.take(Group.SESSION_LIST) <= 1800.5)
        self._calls(Group.METADATA, 20, seconds_ago=3601)
        self.assertEqual(self.limiter.take(Group.METADATA), 0)
        self.assertEqual((self._row("batchSession").used, self._row("batchSession").free), (20, 0))
        self.assertEqual(self._row("batchSession", "second").used, 0)
        self.assertEqual(self._row("sessionList", "hour").free, 0)

    def test_clock_that_was_put_back(self):
        self._calls(Group.BATCH_OPEN, 19, seconds_ago=-3600)
        self.assertTrue(0 < self.limiter.take(Group.BATCH_OPEN) <= 1.5, "as if they were called just now")

    def test_a_block_holds_everybody(self):
        self.limiter.block(Group.SESSION, 30)
        self.limiter.block(Group.SESSION, 5)
        again = self.env["bss.ksef.limit"]._bss_limiter(self.company)
        self.assertTrue(29 < again.take(Group.SESSION) <= 30)
        self.assertEqual(again.take(Group.BATCH_OPEN), 0)
        self.assertTrue(self._row("sessionMisc").blocked_until)
        self.assertFalse(self._row("batchSession").blocked_until)

    def test_all_calls_together_have_a_limit_too(self):
        for group in (Group.SESSION, Group.OTHER, Group.EXPORT_STATUS):
            self._calls(group, 25, seconds_ago=0)
        self.assertGreater(self.limiter.take(Group.DOWNLOAD), 0)

    def test_effective_limits_are_asked_for_once_a_day(self):
        with simulator() as sim:  # ten times the published limits
            self._aim(sim)
            move = self._make_moves(self.business)
            self._send(move)
            self.assertEqual(move.bss_ksef_state, "accepted")
            asked = [call for call in sim.requests if call["path"].endswith("/rate-limits")]
            self.assertEqual(len(asked), 1)
            self.assertEqual(self._row("batchSession").allowed, 200)
            self.assertEqual(self._row("batchSession").used, 1)
            self.assertFalse(self._row("global"), "no limit by the minute")
            self.assertIsNone(self.company._bss_ksef_test_connection())
            asked = [call for call in sim.requests if call["path"].endswith("/rate-limits")]
            self.assertEqual(len(asked), 1)

    @mute_logger("odoo.addons.bss_ksef.models.bss_ksef_session_send")
    def test_a_full_window_leaves_the_session_waiting(self):
        with simulator() as sim:
            self._aim(sim)
            limiter = self.env["bss.ksef.limit"]._bss_limiter(self.company)
            limiter.block(Group.BATCH_OPEN, 120)
            move = self._make_moves(self.business)
            session = self.env["bss.ksef.session"]._bss_prepare(self.company, move)
            failure = session._bss_transmit()
            self.assertTrue(110 < failure.retry_after <= 120)
            self.assertEqual((session.state, move.bss_ksef_state), ("draft", "queued"))
            self.assertRegex(session.error, r"\b\d+ s\b")
            self.assertFalse([call for call in sim.requests if call["path"].endswith("/sessions/batch")])

    def test_rows_are_seen_by_the_own_company_only_and_changed_by_nobody(self):
        self.limiter.take(Group.BATCH_OPEN)
        stranger = new_test_user(
            self.env,
            "limits_stranger",
            groups="account.group_account_invoice",
            company_id=self.env.ref("base.main_company").id,
            company_ids=[(6, 0, self.env.ref("base.main_company").ids)],
        )
        self.assertFalse(
            self.env["bss.ksef.limit"]
            .with_user(stranger)
            .with_context(allowed_company_ids=[])
            .search([("company_id", "=", self.company.id)])
        )
        clerk = new_test_user(
            self.env,
            "limits_clerk",
            groups="account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        mine = self.env["bss.ksef.limit"].with_user(clerk).search([("company_id", "=", self.company.id)])
        self.assertEqual(len(mine), 3 * 15 + 2, "fifteen groups of three windows, two of one")
        with self.assertRaises(AccessError):
            mine[:1].check_access("write")

    def _calls(self, group, count, seconds_ago):
        self.env.cr.execute(
            "INSERT INTO bss_ksef_call SELECT %s, %s, %s, clock_timestamp() - %s * interval '1 second'"
            " FROM generate_series(1, %s)",
            [self.company.bss_ksef_environment, self.NIP, group.value, seconds_ago, count],
        )


@tagged("post_install", "-at_install")
class TestLimiterOfProcesses(KsefCommon):
    """Real connections: what one has called the other sees before it is asked."""

    def test_calls_of_many_threads_never_exceed_a_window(self):
        from concurrent.futures import ThreadPoolExecutor

        scope = f"thread test {datetime.now(UTC).timestamp()}"

        def one(_number):
            return DatabaseLimiter(self.env.registry, scope, self.NIP).take(Group.BATCH_OPEN)

        try:
            with ThreadPoolExecutor(4) as pool:
                waits = list(pool.map(one, range(40)))
        finally:
            with self.env.registry.cursor() as cr:
                cr.execute("DELETE FROM bss_ksef_call WHERE scope = %s", [scope])
        self.assertLessEqual(waits.count(0.0), limits.PUBLISHED[Group.BATCH_OPEN].per_minute)
        self.assertGreaterEqual(waits.count(0.0), limits.PUBLISHED[Group.BATCH_OPEN].per_second)
