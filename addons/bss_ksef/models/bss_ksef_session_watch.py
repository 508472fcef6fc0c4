"""Sessions that KSeF does not finish, and invoices that it cancelled by itself: watched, told, sent again where that is safe."""

from datetime import timedelta

from odoo import api, fields, models

CANCELLED_AGAIN = 5  # times that an invoice cancelled by KSeF goes again without anybody being asked
FIRST_PAUSE = 300  # seconds before it goes again; doubled with every time


class BssKsefSessionWatch(models.Model):
    _name = "bss.ksef.session"
    _inherit = ["bss.ksef.session", "mail.thread", "mail.activity.mixin"]

    _mail_post_access = "read"  # an accountant may note something, but nobody changes a session

    stuck_since = fields.Datetime(
        readonly=True, copy=False, help="KSeF has not finished the session in time; somebody was told."
    )

    def _bss_watch(self):
        """Tells somebody once when KSeF takes longer than the company allows. Nothing is ever sent again for that."""
        self.ensure_one()
        begun = self.closed_at or self.opening_at
        if self.state not in ("processing", "unknown") or self.stuck_since or not begun:
            return
        company = self.company_id
        hours = company.bss_ksef_stuck_hours
        if fields.Datetime.now() - begun < timedelta(hours=hours):
            return
        self.stuck_since = fields.Datetime.now()
        words = self.with_env(self.env["bss.ksef.document"]._bss_in_polish().env)
        summary = words.env._("KSeF has not finished %(name)s for %(hours)s hours", name=self.name, hours=hours)
        note = words.env._(
            "%(count)s invoices have no number yet. The server goes on asking and sends nothing again, because KSeF may still "
            "process them. If it lasts, report the reference %(name)s to the Ministry.",
            count=self.document_count,
            name=self.name,
        )
        words.message_post(body=note)
        company._bss_ksef_alert(words, summary, note)

    def _bss_to(self, state, **values):
        result = super()._bss_to(state, **values)
        if self.stuck_since and self.state in ("done", "done_errors", "failed"):
            self.activity_unlink(["bss_ksef.mail_activity_type_ksef"])
        return result

    # ------------------------------------------------------------------ cancelled by KSeF

    @api.model
    def _bss_send_again(self, documents):
        """Queues the invoices of `documents`, which KSeF cancelled without a fault of theirs, after a pause.

        After a few times in vain they wait for a person: something is wrong that sending does not cure.
        """
        if not documents or self.env.context.get("queue_job__no_delay"):
            return  # whoever sends without jobs decides when to send again
        counted = dict(
            documents.sudo()._read_group(
                [("move_id", "in", documents.move_id.ids), ("error_code", "in", ("405", "500", "550"))],
                ["move_id"],
                ["__count"],
            )
        )
        again = documents.move_id.filtered(lambda m: counted.get(m, 1) < CANCELLED_AGAIN)
        for times, moves in again.grouped(lambda m: counted.get(m, 1)).items():
            for company, group in moves.grouped("company_id").items():
                if not company._bss_ksef_login_problem():
                    pause = FIRST_PAUSE * 2 ** (times - 1)
                    self.with_context(bss_ksef_pause=pause)._bss_queue(company, group)


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    bss_ksef_stuck_hours = fields.Integer(
        string="Report Slow KSeF Sessions After (hours)",
        default=3,
        help="When KSeF has not finished a session for so long, somebody gets an activity. Nothing is sent again.",
    )

    _bss_ksef_stuck_hours_positive = models.Constraint(
        "CHECK(bss_ksef_stuck_hours > 0)", "Give at least one hour before a KSeF session counts as slow."
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    bss_ksef_stuck_hours = fields.Integer(related="company_id.bss_ksef_stuck_hours", readonly=False)
