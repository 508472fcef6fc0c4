from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import SQL

from ..mediation_core.pickup import deviation

WEEKS = 4
FEWEST_ROWS = 20  # of less, one bad row is a high rate


class BssUsageSource(models.Model):
    _inherit = "bss.usage.source"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _cron_watch(self):
        """Silence of sources now; volumes of yesterday once that day is over."""
        for source in self.search([("active", "=", True)]):
            source._bss_watch_silence()
            source._bss_watch_volume(polish_day.today() - timedelta(days=1))

    def _bss_watch_silence(self):
        self.ensure_one()
        if not self.alarm_silence_hours:
            return
        last = self.last_file_at or self.create_date
        if last < fields.Datetime.now() - timedelta(hours=self.alarm_silence_hours):
            self._bss_alarm(
                "missing_file",
                self.env._(
                    "No file has come for more than %(hours)s hours; the last one on %(last)s.",
                    hours=self.alarm_silence_hours,
                    last=fields.Datetime.context_timestamp(self, last).strftime("%Y-%m-%d %H:%M"),
                ),
            )
        else:
            self._bss_calm("missing_file")

    def _bss_watch_volume(self, day):
        """Compare the rows received on ``day`` with the same weekday of the weeks before."""
        self.ensure_one()
        if not self.alarm_volume_percent:
            return
        rows = self._bss_rows_of_days([day - timedelta(weeks=week) for week in range(WEEKS + 1)])
        earlier = [count for other, count in rows.items() if other != day]
        found = deviation(rows.get(day, 0), earlier, self.alarm_volume_percent)
        if found is None:
            self._bss_calm("volume")
            return
        self._bss_alarm(
            "volume",
            self.env._(
                "On %(day)s %(rows)s rows came; such days usually bring %(usual)s (%(percent)+d %%).",
                day=day.isoformat(),
                rows=found.rows,
                usual=found.usual,
                percent=found.percent,
            ),
        )

    def _bss_rows_of_days(self, days):
        found = self.env.execute_query(
            SQL(
                """SELECT ((received_at AT TIME ZONE 'UTC') AT TIME ZONE 'Europe/Warsaw')::date AS day, sum(count_rows)
                     FROM bss_usage_file
                    WHERE source_id = %s AND received_at >= %s AND state <> 'rejected'
                    GROUP BY 1""",
                self.id,
                min(days) - timedelta(days=1),
            )
        )
        return {day: int(rows) for day, rows in found if day in days}

    def _bss_watch_file(self, file):
        """After a load: rejected, too many in suspense, counts that do not add up."""
        self.ensure_one()
        if file.state == "rejected":
            self._bss_alarm(
                "file_rejected", self.env._("File %(file)s: %(error)s", file=file.name, error=file.error), file
            )
            return
        self._bss_calm("missing_file")
        if file.warnings:
            self._bss_alarm("warning", self.env._("File %(file)s: %(text)s", file=file.name, text=file.warnings), file)
        if file.count_difference:
            self._bss_alarm(
                "audit",
                self.env._("File %(file)s: the counts miss %(rows)s rows.", file=file.name, rows=file.count_difference),
                file,
            )
        bad = file.count_suspended + file.count_rejected
        limit = self.alarm_error_percent
        if limit and file.count_rows >= FEWEST_ROWS and 100.0 * bad > limit * file.count_rows:
            self._bss_alarm(
                "error_rate",
                self.env._(
                    "File %(file)s: %(bad)s of %(rows)s rows are in suspense.",
                    file=file.name,
                    bad=bad,
                    rows=file.count_rows,
                ),
                file,
            )
