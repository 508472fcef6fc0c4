import re
from typing import NamedTuple

from odoo.addons.bss_mediation import store
from odoo.addons.bss_mediation.adapters import filed_events

from .common import OCTOBER, RatingCommon

RESULT = ("state", "reason", "plan_id", "zone_id", "prefix", "rate_id", "billed_units", "free_units", "amount_e4")


class Outcome(NamedTuple):
    """Results of the events, uses of the allowances, notices of spending."""

    events: list
    uses: list
    notices: list


class OnLoadCommon(RatingCommon):
    """Compares what is rated on load and by a run after it with what a rating run alone makes of the same usage."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.bss_rate_on_load = True

    def open_runs(self):
        return self.env["bss.rating.run"].search([("is_continuous", "=", True), ("company_id", "=", self.company.id)])

    def results(self, file):
        return self.events(file).mapped(
            lambda event: (
                event.dedupe_key,
                *(event[name] for name in RESULT),
                # ids of allowances are of another attempt
                re.sub(r'"id":\d+', "", event.explanation or ""),
                event.explanation_html,
            )
        )

    def assertSame(self, rows):
        """The same results, uses of allowances and notices either way.

        :param rows: columns of records that differ from those of a call to a fixed line
        :return: whether each was rated "at once" or "later", and the ``Outcome``
        """
        waited, by_run = self._stored_and_rated(False, rows)
        states, by_both = self._stored_and_rated(True, rows)
        # to be called at home is free before anything is rated
        free = [row.get("direction") == "in" and not row.get("network") for row in rows]
        self.assertEqual(waited, ["at once" if one else "later" for one in free])
        self.assertEqual(by_both, by_run)
        return states, by_run

    def _stored_and_rated(self, on_load, rows):
        """When they were rated, and their results, by way of the stage and a rating run."""
        self.company.bss_rate_on_load = on_load
        usual = {"a_number": "48501000001", "charged_number": "48501000001", "b_number": "48221234567"}
        frame = self.event_frame(
            *({**usual, "dedupe_key": f"k{line}", "line_no": line, **row} for line, row in enumerate(rows, 1))
        )
        with self.env.cr.savepoint() as point:
            file = self.receive(self.row())
            events, rater = self.source._bss_rows(
                filed_events(frame, file.id), store.Directory(self.env.cr, self.company.id)
            )
            store.ensure_partitions(self.env.cr, [OCTOBER[0]])
            store.copy_to_stage(self.env.cr, events)
            self.assertEqual(store.insert_events(self.env.cr, self.company.id, self.source.id), len(rows))
            rater.finish()
            self.env["bss.usage.event"].invalidate_model()
            loaded = self.events(file).sorted("line_no")
            states = ["later" if state == "guided" else "at once" for state in loaded.mapped("state")]
            self.rate()
            outcome = Outcome(self.results(file), self._uses(), self._notices())
            point.rollback()
            self.env.invalidate_all()
        return states, outcome

    def _uses(self):
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT allowance.service_id, allowance.offering_allowance_id, allowance.promotion_step_id, allowance.date_start,
                      allowance.is_carried, allowance.used, event.identity, used.units
                 FROM bss_allowance allowance
                 JOIN bss_usage_use used ON used.allowance_id = allowance.id
                 JOIN bss_usage_event event ON event.id = used.event_id AND event.started_at = used.started_at
                ORDER BY 1, 2, 3, 4, 5, 7"""
        )
        return self.env.cr.fetchall()

    def _notices(self):
        """What was used when a threshold was noted depends on when that was."""
        notices = self.env["bss.usage.notice"].search([])
        return sorted((one.service_id.id, one.date_start, one.percent, one.quantity) for one in notices)
