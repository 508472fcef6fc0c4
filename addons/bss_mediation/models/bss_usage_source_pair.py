import logging

from odoo import api, fields, models
from odoo.tools import SQL

from .. import adapters, store
from ..mediation_core import get_format
from ..mediation_core.formats.legs import no_legs

_logger = logging.getLogger(__name__)

EVENTS_AT_ONCE = 20_000


class BssUsageSource(models.Model):
    """Formats whose records become events only together: INVITE and BYE of a call, Start and Stop of a session."""

    _inherit = "bss.usage.source"  # pylint: disable=consider-merging-classes-inherited

    paired_at = fields.Datetime(string="Halves Last Joined", readonly=True, copy=False)
    has_legs = fields.Boolean(compute="_compute_has_legs", help="Several records of the format make one event.")
    keep_legs_days = fields.Integer(
        string="Keep Joined Halves (days)",
        default=400,
        help="Halves of calls and sessions that are joined are forgotten after so many days. Their events stay. 0: never.",
    )

    _keep_legs_check = models.Constraint("CHECK(keep_legs_days >= 0)", "Days are not negative.")

    @api.depends("format")
    def _compute_has_legs(self):
        for source in self:
            source.has_legs = bool(source.format and get_format(source.format).pair)

    def _bss_take_turn(self):
        """One transaction at a time joins legs of a source: each must see what the one before left.

        Who comes second fails with a conflict and is tried again, as its snapshot is older than what it waited for.
        """
        self.ensure_one()
        self.flush_recordset()
        now = fields.Datetime.now()
        self.env.execute_query(
            SQL("UPDATE bss_usage_source SET paired_at = %s WHERE id = %s RETURNING id", now, self.id)
        )
        self.invalidate_recordset(["paired_at"], flush=False)

    def _bss_join_legs(self):
        """Make events of the waiting legs that have found each other, and give up those that waited too long.

        :return: {(file id, line): fate} of the legs that do not wait any more; None: lost
        """
        self.ensure_one()
        self.env.flush_all()
        cr = self.env.cr
        legs = store.open_legs(cr, self.id)
        if legs.is_empty():
            return {}
        paired = get_format(self.format).pair(legs, no_legs(), adapters.source_profile(self), fields.Datetime.now())
        fates = dict.fromkeys(paired.used.select("file_id", "line_no").rows(), "merged")
        directory = store.Directory(cr, self.company_id.id)
        for events in paired.events.iter_slices(EVENTS_AT_ONCE):
            fates |= self._bss_store_joined(events, directory)
        fates |= self._bss_suspend_legs(paired.problems)
        self._bss_note_legs(legs, paired)
        lost = [place for place, fate in fates.items() if not fate]
        if lost:
            _logger.error("Usage source %s: %s joined records were neither stored nor known", self.code, len(lost))
        return fates

    def _bss_store_joined(self, events, directory):
        cr, company_id = self.env.cr, self.company_id.id
        frame = adapters.joined_events(events)
        rows, rater = self._bss_rows(frame, directory)
        store.ensure_partitions(cr, adapters.months(rows))
        store.copy_to_stage(cr, rows)
        store.insert_events(cr, company_id, self.id)
        rater.finish()
        store.insert_suspense_of_stage(cr, company_id, self.id, self.env.uid)
        return {(file_id, line_no): fate for file_id, line_no, _suspense, fate in store.stage_fates(cr, self.id)}

    def _bss_suspend_legs(self, problems):
        rows = adapters.suspense_rows(problems, self)
        suspended = (
            store.reopen_suspense(self.env.cr, rows) | store.insert_suspense(self.env.cr, rows) if rows else set()
        )
        places = {(problem.params["file_id"], problem.line_no): problem.dedupe_key for problem in problems}
        self.env["bss.usage.suspense"].invalidate_model()
        fates = dict.fromkeys(places, "suspended")
        for file_id, line_no in set(places) - suspended:
            own = [(line_no, places[file_id, line_no])]
            if store.count_suspense_twins(self.env.cr, self.id, file_id, own):
                fates[file_id, line_no] = "duplicate"
        return fates

    def _bss_note_legs(self, legs, paired):
        """Write down which legs wait, are used, or are remembered."""
        cr = self.env.cr
        bases = paired.legs_left.filter(role="base")
        waiting = set(paired.legs_left.filter(paired.legs_left["role"] != "base")["leg_key"])
        store.close_legs(cr, self.id, set(legs["leg_key"]) - waiting - set(bases["leg_key"]))
        store.remember_legs(cr, self.id, bases)

    @api.model
    def _cron_pair(self):
        """Sessions that are over by now, and halves whose other half has not come in time."""
        for source in self.sudo().browse(store.sources_with_open_legs(self.env.cr)):
            source._bss_take_turn()
            self.env["bss.usage.file"]._bss_recount(adapters.changes_of_counts(source._bss_join_legs()))
            self.env["bss.usage.event"].invalidate_model()
            if not adapters.in_test():
                self.env.cr.commit()  # pylint: disable=invalid-commit

    @api.model
    def _cron_forget_legs(self):
        """Joined halves that are old enough are deleted, source by source."""
        today = fields.Datetime.now()
        for source in self.sudo().with_context(active_test=False).search([("keep_legs_days", ">", 0)]):
            before = fields.Datetime.subtract(today, days=source.keep_legs_days)
            forgotten = store.forget_legs(self.env.cr, source.id, before)
            if forgotten:
                _logger.info("Usage source %s: %s joined records forgotten", source.code, forgotten)
            if not adapters.in_test():
                self.env.cr.commit()  # pylint: disable=invalid-commit
