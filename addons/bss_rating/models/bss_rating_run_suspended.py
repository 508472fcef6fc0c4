"""Suspended usage is tried again with each rating, so that curing the catalogue or the service is all there is to do."""

from odoo import api, fields, models

from .. import adapters, event_store, store
from ..plan_book import PlanBook
from ..tariff_cache import compiled
from .bss_rating_run import BEFORE_EVERYTHING, CHUNK_EVENTS


class BssRatingRun(models.Model):
    _inherit = "bss.rating.run"  # pylint: disable=consider-merging-classes-inherited

    count_stuck = fields.Integer(
        string="Suspended until Then",
        compute="_compute_count_stuck",
        help="Events up to the end of the period that no run could rate. They are tried again with each rating.",
    )

    @api.depends("date_end", "company_id", "count_suspended")
    def _compute_count_stuck(self):
        cr = self.env.cr
        for run in self:
            complete = run.date_end and run.company_id
            end = store.utc_end(cr, run.date_end) if complete else None
            run.count_stuck = store.count_in_state(cr, run.company_id.id, "suspended", end) if complete else 0

    @api.model
    def _bss_take_up_suspended(self, company, end, services=None):
        """Suspended events before ``end`` that have a price by now, or another reason, wait to be rated again.

        They are tried without allowances: these change what an event costs, never whether it has a price. What comes out
        as before is only read, so that usage nobody can cure costs next to nothing.

        :param services: ids, only of these
        :return: how many events wait again
        """
        cr = self.env.cr
        self.env.flush_all()
        if not store.has_suspended(cr, company.id, end):
            return 0
        event_ids = None if services is None else store.events_of(cr, services, end, "suspended")
        if event_ids == []:
            return 0
        self._bss_lock_company(company)
        tariff, book = compiled(company), PlanBook(cr, company.id)
        after, found = BEFORE_EVERYTHING, 0
        while len(
            stuck := event_store.next_events(cr, company.id, end, after, CHUNK_EVENTS, event_ids, state="suspended")
        ):
            events = adapters.engine_frame(book.attach(stuck), tariff.reading)
            tried = tariff.engine.rate(events, counters=self._bss_counters(tariff.engine, events))
            found += store.take_up(cr, adapters.result_frame(tried))
            after = stuck.select("started_at", "identity", "id").row(-1)
        if found:
            self.env["bss.usage.event"].invalidate_model()
            self.search([("company_id", "=", company.id), ("count_suspended", ">", 0)])._bss_count_suspended()
        return found

    def _bss_count_suspended(self):
        """Counts of runs of which suspended events were taken up; what they rated is as it was."""
        left = store.count_suspended(self.env.cr, self.ids)
        for run in self:
            suspended = left.get(run.id, 0)
            if suspended == run.count_suspended:
                continue
            run.count_suspended = suspended
            run.count_events = run.count_rated + run.count_free + suspended
            if run.state == "done_errors" and not suspended:
                run.state = "done"
