from itertools import permutations
from unittest.mock import patch

from odoo.tests import tagged

from ..models import bss_rating_run
from .common import RatingCommon


@tagged("post_install", "-at_install")
class TestRatingOrder(RatingCommon):
    """Calls that begin at the same second share what is free by what they are, not by where they stand in the file."""

    def outcome(self, rows, chunk):
        """{identity: free seconds, amount} of the rated rows; undone afterwards."""
        with self.cr.savepoint() as undone:
            file = self.load(*rows)
            with patch.object(bss_rating_run, "CHUNK_EVENTS", chunk):
                self.rate()
            found = {event.dedupe_key: (event.free_units, event.amount_e4) for event in self.events(file)}
            undone.close(rollback=True)
        self.env.invalidate_all()
        return found

    def test_equal_instants_in_any_order_and_in_any_chunk(self):
        self.give_minutes(5)
        rows = [self.call(seconds) for seconds in (70, 130, 190, 250)]
        usual = self.outcome(rows, 1_000)
        self.assertTrue(any(free for free, _amount in usual.values()))
        self.assertTrue(any(amount for _free, amount in usual.values()), "not all of them find something free")
        for number, order in enumerate(permutations(rows)):
            self.assertEqual(self.outcome(order, (1_000, 1, 3)[number % 3]), usual)
