"""What tonight's sending will look like: how many sessions, when they open, and whether that is before midnight."""

from datetime import UTC

from odoo import api, models
from odoo.tools import SQL, format_datetime

from ..ksef_core import plan

#: Sessions of the last days whose pace tells how fast this installation is; smaller ones tell nothing.
MEASURED_DAYS = 30
MEASURED_SHARE = 0.5


class BssKsefSessionPlan(models.Model):
    _inherit = "bss.ksef.session"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_forecast(self, company):
        """When what waits in `company` will have been sent.

        {waiting: invoices, sessions: number, fits: invoices in sessions opened before midnight in Warsaw, left: the
        others, ready_at: datetime (UTC, naive) of the last results, before_midnight: bool, reason: sentence for people}
        """
        load = self._bss_load(company)
        allowance, opened, blocked_until = self.env["bss.ksef.limit"].sudo()._bss_openings(company)
        made = plan.make(load, self._bss_now(), self._bss_pace(company), allowance, opened, blocked_until)
        waiting = load.waiting + sum(load.ready)
        return {
            "waiting": waiting,
            "sessions": len(made.opens),
            "fits": made.fits,
            "left": made.left,
            "ready_at": made.ready_at.astimezone(UTC).replace(tzinfo=None, microsecond=0),
            "before_midnight": made.before_midnight,
            "reason": self._bss_forecast_words(company, waiting, made),
        }

    @api.model
    def _bss_load(self, company):
        """Invoices that wait for sending and documents that wait in sessions KSeF has not heard of."""
        self.env["account.move"].flush_model(["bss_ksef_state"])
        self.flush_model(["state", "document_count"])
        self.env.cr.execute(
            "SELECT COUNT(*) FROM account_move"
            " WHERE company_id = %s AND bss_ksef_state = 'to_send' AND state = 'posted'",
            [company.id],
        )
        waiting = self.env.cr.fetchone()[0]
        self.env.cr.execute(
            "SELECT document_count FROM bss_ksef_session WHERE company_id = %s AND state = 'draft' ORDER BY id",
            [company.id],
        )
        ready = tuple(count for (count,) in self.env.cr.fetchall() if count)
        return plan.Load(ready, waiting, company.bss_ksef_batch_size)

    @api.model
    def _bss_pace(self, company):
        """The pace of the last big sessions of `company`; careful guesses where nothing was measured."""
        guess = plan.Pace()
        (sending, results), *_none = self.env.execute_query(
            SQL(
                """
                SELECT EXTRACT(EPOCH FROM AVG(closed_at - opening_at))::float8,
                       EXTRACT(EPOCH FROM AVG(finished_at - closed_at))::float8
                  FROM bss_ksef_session
                 WHERE company_id = %s AND state IN ('done', 'done_errors') AND kind = 'batch'
                   AND closed_at > NOW() AT TIME ZONE 'UTC' - %s * interval '1 day'
                   AND document_count >= %s
                """,
                company.id,
                MEASURED_DAYS,
                company.bss_ksef_batch_size * MEASURED_SHARE,
            )
        )
        return plan.Pace(
            guess.invoices_per_second,
            guess.seconds_per_session if sending is None else max(sending, 1.0),
            guess.seconds_to_results if results is None else max(results, 1.0),
        )

    @api.model
    def _bss_forecast_words(self, company, waiting, made):
        if not waiting:
            return self.env._("Nothing waits for sending.")
        problem = company._bss_ksef_login_problem()
        if problem:
            return problem

        def clock(moment):
            return format_datetime(self.env, moment.replace(tzinfo=None), tz="Europe/Warsaw", dt_format="HH:mm")

        if made.before_midnight:
            return self.env._(
                "%(waiting)s invoices in %(sessions)s sessions: the last one opens about %(time)s, before midnight.",
                waiting=waiting,
                sessions=len(made.opens),
                time=clock(made.opens[-1]),
            )
        return self.env._(
            "%(fits)s of %(waiting)s invoices fit before midnight; for %(left)s the sessions would open only from "
            "%(time)s on, and KSeF would mark them Offline.",
            fits=made.fits,
            waiting=waiting,
            left=made.left,
            time=clock(next(m for m in made.opens if m + plan.CLOSING_TIME > made.midnight)),
        )
