import logging
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .. import adapters, store
from ..mediation_core import get_format

_logger = logging.getLogger(__name__)

BY_HAND = {"raw"}
CLERK = "bss_catalog.group_bss_clerk"  # whom somebody called is secret
AFTER_REPLAY = {
    "loaded": "count_loaded",
    "merged": "count_merged",
    "waiting": "count_waiting",
    "duplicate": "count_duplicate",
    "ignored": "count_ignored",
}


class BssUsageSuspense(models.Model):
    """A row that could not become an event, with the reason; fixed and replayed, or written off."""

    _name = "bss.usage.suspense"
    _description = "Usage Suspense"
    _order = "id desc"
    _check_company_auto = True

    file_id = fields.Many2one("bss.usage.file", required=True, readonly=True, index=True, ondelete="cascade")
    source_id = fields.Many2one("bss.usage.source", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    line_no = fields.Integer(string="Line", readonly=True, aggregator=None)
    raw = fields.Text(string="Record", required=True, groups=CLERK, help="The row as received; correct it and replay.")
    raw_original = fields.Text(string="Record as Received", readonly=True, copy=False, groups=CLERK)
    reason_code = fields.Selection("_selection_reason_code", string="Reason", required=True, readonly=True, index=True)
    field_name = fields.Char(string="Field", readonly=True)
    value = fields.Char(readonly=True, groups=CLERK)
    params = fields.Json(readonly=True)
    message = fields.Char(compute="_compute_message")
    a_number = fields.Char(string="Caller", readonly=True, index="btree_not_null")
    b_number = fields.Char(string="Called Number", readonly=True, groups=CLERK)
    started_at = fields.Datetime(string="Start", readonly=True)
    dedupe_key = fields.Char(string="Identity", required=True, readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("replayed", "Replayed"), ("written_off", "Written off")],
        required=True,
        default="open",
        readonly=True,
        index=True,
    )
    result = fields.Selection(
        [
            ("loaded", "Became an event"),
            ("merged", "Became part of an event"),
            ("waiting", "Waits for its other half"),
            ("duplicate", "Was known already"),
            ("ignored", "Nothing to bill"),
        ],
        readonly=True,
        help="What the replay made of the row.",
    )
    replayed_at = fields.Datetime(readonly=True)
    replayed_by = fields.Many2one("res.users", readonly=True)
    written_off_at = fields.Datetime(readonly=True)
    written_off_by = fields.Many2one("res.users", readonly=True)
    written_off_reason = fields.Char(readonly=True)

    _identity_unique = models.Constraint("UNIQUE(source_id, dedupe_key)", "This row waits in suspense already.")

    @api.model
    def _selection_reason_code(self):
        labels = {
            "INVALID_FORMAT": self.env._("Broken row"),
            "TOO_FEW_COLUMNS": self.env._("Columns missing"),
            "UNKNOWN_COLUMN": self.env._("Unknown column"),
            "UNREADABLE_DATE": self.env._("Unreadable date"),
            "DATE_OUT_OF_RANGE": self.env._("Impossible date"),
            "NONEXISTENT_TIME": self.env._("Time skipped by the clock change"),
            "NOT_A_NUMBER": self.env._("Not a whole number"),
            "NEGATIVE_DURATION": self.env._("Negative duration"),
            "NEGATIVE_VALUE": self.env._("Negative value"),
            "NOT_AN_AMOUNT": self.env._("Not an amount"),
            "DURATION_TOO_LONG": self.env._("Duration too long"),
            "DURATION_MISMATCH": self.env._("Durations contradict"),
            "UNKNOWN_VALUE": self.env._("Unknown value"),
            "INVALID_NUMBER": self.env._("Not a phone number"),
            "UNPAIRED": self.env._("Other half missing"),
            "ACCESS_NOT_FOUND": self.env._("Unknown caller"),
            "ACCESS_INVALID_DATE": self.env._("Caller not valid on that day"),
            "SERVICE_NOT_ACTIVATED": self.env._("Service not activated"),
            "SERVICE_TERMINATED": self.env._("Service terminated"),
            "EVENT_IN_FUTURE": self.env._("In the future"),
            "EVENT_TOO_OLD": self.env._("Too old"),
        }
        return list(labels.items())

    @api.model
    def _bss_message_templates(self):
        return {
            "INVALID_FORMAT": self.env._("Line %(line)s: the row cannot be split into columns (%(detail)s)."),
            "TOO_FEW_COLUMNS": self.env._("Line %(line)s: %(columns)s columns, at least %(least)s are needed."),
            "UNKNOWN_COLUMN": self.env._(
                "Line %(line)s: %(columns)s columns, column %(field)s with value “%(value)s” is unknown (at most %(most)s)."
            ),
            "UNREADABLE_DATE": self.env._(
                "Line %(line)s, field %(field)s: “%(value)s” is no date in the layout that the source expects."
            ),
            "DATE_OUT_OF_RANGE": self.env._(
                "Line %(line)s, field %(field)s: “%(value)s” cannot be the date of a call."
            ),
            "NONEXISTENT_TIME": self.env._(
                "Line %(line)s, field %(field)s: at “%(value)s” the clocks were moved forward; check the time zone of the source."
            ),
            "NOT_A_NUMBER": self.env._("Line %(line)s, field %(field)s: “%(value)s” is no whole number of seconds."),
            "NEGATIVE_DURATION": self.env._("Line %(line)s, field %(field)s: a duration of %(value)s s is below zero."),
            "NEGATIVE_VALUE": self.env._("Line %(line)s, field %(field)s: “%(value)s” is below zero."),
            "NOT_AN_AMOUNT": self.env._(
                "Line %(line)s, field %(field)s: “%(value)s” is no amount with at most six decimals."
            ),
            "DURATION_TOO_LONG": self.env._("Line %(line)s, field %(field)s: %(value)s s is longer than any call."),
            "DURATION_MISMATCH": self.env._(
                "Line %(line)s, field %(field)s: %(value)s s of conversation are more than the whole call lasted."
            ),
            "UNKNOWN_VALUE": self.env._("Line %(line)s, field %(field)s: value “%(value)s” is unknown."),
            "INVALID_NUMBER": self.env._(
                "Line %(line)s, field %(field)s: “%(value)s” is no phone number by the numbering profile of the source."
            ),
            "UNPAIRED": self.env._(
                "Line %(line)s: half of a call or session (%(value)s); the other half has not come for %(days)s days."
            ),
            "ACCESS_NOT_FOUND": self.env._(
                "Line %(line)s, field %(field)s: no service uses the number, account code, login or IMSI “%(value)s”."
            ),
            "ACCESS_INVALID_DATE": self.env._(
                "Line %(line)s, field %(field)s: “%(value)s” is known, but no service used it on the day of the call."
            ),
            "SERVICE_NOT_ACTIVATED": self.env._(
                "Line %(line)s, field %(field)s: the service of “%(value)s” was not active yet on the day of the call."
            ),
            "SERVICE_TERMINATED": self.env._(
                "Line %(line)s, field %(field)s: the service of “%(value)s” had ended before the day of the call."
            ),
            "EVENT_IN_FUTURE": self.env._(
                "Line %(line)s: the event begins at %(value)s, in the future. Check the clock and the time zone of the switch."
            ),
            "EVENT_TOO_OLD": self.env._(
                "Line %(line)s: the event of %(value)s is older than the source allows. Check the clock of the switch; if it is right, raise the limit and replay."
            ),
        }

    @api.depends("reason_code", "field_name", "value", "params", "line_no")
    @api.depends_context("lang", "uid")
    def _compute_message(self):
        templates = self._bss_message_templates()
        open_hand = self.env.su or self.env.user.has_group(CLERK)
        # What was found after the row was read has no column of the file: it goes by the name that users know.
        labels = self.env["bss.usage.mapping.column"]._bss_target_labels()
        for row in self:
            value = (row.value or "") if open_hand else "…"
            field = labels.get(row.field_name, row.field_name or "")
            values = {"line": row.line_no, "field": field, "value": value}
            values |= row.params or {}
            row.message = templates[row.reason_code] % values if row.reason_code else False

    @api.depends("file_id", "line_no")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.file_id.name}:{row.line_no}"

    def write(self, vals):
        if not self.env.su and set(vals) - BY_HAND:
            raise AccessError(self.env._("Only the record itself can be corrected by hand."))
        if "raw" in vals:
            if any(row.state != "open" for row in self):
                raise UserError(self.env._("Only open rows can be corrected."))
            for row in self.filtered(lambda row: not row.raw_original):
                super(BssUsageSuspense, row.sudo()).write({"raw_original": row.raw})
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_file(self):
        raise UserError(self.env._("Suspended rows are replayed or written off, not deleted."))

    def export_data(self, fields_to_export):
        """Every export is written down."""
        self.env["bss.usage.export"]._bss_log(self, fields_to_export)
        return super().export_data(fields_to_export)

    # --- replay

    def action_replay(self):
        """Try the open rows again and say what became of them."""
        self.check_access("write")
        open_rows = self.filtered(lambda row: row.state == "open")
        if not open_rows:
            raise UserError(self.env._("There is no open row to replay."))
        results = open_rows._bss_replay()
        results["left"] = len(open_rows) - sum(results.values())
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if results["left"] else "success",
                "message": self._bss_replayed_text(results),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _bss_replayed_text(self, results):
        """What became of replayed rows, in words; what happened to none of them is not told."""
        texts = {
            "loaded": self.env._("Became events: %s."),
            "merged": self.env._("Joined with their other half: %s."),
            "waiting": self.env._("Wait for their other half: %s."),
            "duplicate": self.env._("Were known already: %s."),
            "ignored": self.env._("Have nothing to bill: %s."),
            "left": self.env._("Stay in suspense: %s."),
        }
        return " ".join(text % results[name] for name, text in texts.items() if results[name])

    def _bss_replay(self):
        """Parse, guide and store the open rows again; counts of their files follow.

        :return: {result: how many}; the others stay open with their new reason
        """
        results = dict.fromkeys(AFTER_REPLAY, 0)
        rows = self.filtered(lambda row: row.state == "open").sorted("id").sudo()
        rows.lock_for_update()
        self.env.flush_all()
        for source, group in rows.grouped("source_id").items():
            for result, done in group._bss_replay_source(source).items():
                results[result] += len(done)
        self.env["bss.usage.event"].invalidate_model()
        return results

    def _bss_replay_source(self, source):
        done = defaultdict(set)
        chunk = get_format(source.format).replay([row.raw for row in self], adapters.source_profile(source))
        for problem in chunk.problems:
            self[problem.line_no - 1]._bss_note(problem.code, problem.field, problem.value, problem.params, problem)
        frame = adapters.replay_frame(chunk.events, self)
        legs = adapters.replay_frame(chunk.legs, self)
        seen = {self[problem.line_no - 1].id for problem in chunk.problems}
        seen |= {*frame["suspense_id"], *legs["suspense_id"]}
        ignored = chunk.ignored
        if not frame.is_empty():
            self._bss_replay_events(source, frame, done)
        if not legs.is_empty():
            self._bss_replay_legs(source, legs, done)
        # Neither an event nor a problem: the corrected row is an unanswered call.
        rest = set(self.ids) - seen
        if len(rest) == ignored:
            done["ignored"].update(rest)
        else:
            _logger.error(
                "Replay at %s: %s rows ignored, %s left over; they stay open", source.code, ignored, len(rest)
            )
        for result, ids in done.items():
            self.browse(ids)._bss_close(result)
        return done

    def _bss_replay_events(self, source, frame, done):
        cr = self.env.cr
        rows, rater = source._bss_rows(frame, store.Directory(cr, source.company_id.id))
        store.ensure_partitions(cr, adapters.months(rows))
        store.copy_to_stage(cr, rows)
        store.insert_events(cr, source.company_id.id, source.id)
        rater.finish()
        fates = {suspense_id: fate for _file, _line, suspense_id, fate in store.stage_fates(cr, source.id)}
        for event in rows.iter_rows(named=True):
            suspense_id = event["suspense_id"]
            fate = fates.get(suspense_id)
            if fate == "suspended":
                row = self.browse(suspense_id)
                row.write({name: event[name] for name in ("a_number", "b_number", "started_at")})
                row._bss_note(event["reason"], event["field"], event["value"], {})
            elif fate:
                done[fate].add(suspense_id)
            else:
                _logger.error("Suspended row %s was neither stored nor known; it stays open", suspense_id)

    def _bss_replay_legs(self, source, legs, done):
        """Let halves wait again, and join them with what has come since."""
        cr = self.env.cr
        source._bss_take_turn()
        store.insert_legs(cr, source.company_id.id, source.id, legs)
        fates = source._bss_join_legs()
        own = {(row["file_id"], row["line_no"]): row["suspense_id"] for row in legs.iter_rows(named=True)}
        self.env["bss.usage.file"]._bss_recount(adapters.changes_of_counts(fates, leave_out=own))
        waiting = store.waiting_places(cr, source.id, own)
        for place, suspense_id in own.items():
            fate = "waiting" if place in waiting else fates.get(place, "duplicate")
            if fate and fate != "suspended":
                done[fate].add(suspense_id)

    def _bss_note(self, code, field_name, value, params, problem=None):
        vals = {"reason_code": code, "field_name": field_name, "value": value, "params": params}
        if problem:
            vals |= {"a_number": problem.a_number, "b_number": problem.b_number, "started_at": problem.started_at}
        self.write(vals)

    def _bss_close(self, result):
        self.write(
            {
                "state": "replayed",
                "result": result,
                "replayed_at": fields.Datetime.now(),
                "replayed_by": self.env.uid,
            }
        )
        for file, rows in self.grouped("file_id").items():
            column = AFTER_REPLAY[result]
            file.write({column: file[column] + len(rows), "count_suspended": file.count_suspended - len(rows)})

    # --- write off

    def action_write_off(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Write off"),
            "res_model": "bss.usage.write.off",
            "view_mode": "form",
            "target": "new",
            "context": {"default_suspense_ids": self.filtered(lambda row: row.state == "open").ids},
        }

    def _bss_write_off(self, reason):
        """Give the open rows up; they stay counted as suspended in their files."""
        if not self.env.su and not self.env.user.has_group("bss_catalog.group_bss_billing_manager"):
            raise AccessError(self.env._("Writing off usage is up to the billing manager."))
        self.filtered(lambda row: row.state == "open").sudo().write(
            {
                "state": "written_off",
                "written_off_at": fields.Datetime.now(),
                "written_off_by": self.env.uid,
                "written_off_reason": reason,
            }
        )
