"""The end of the login certificate: seen in time, told to somebody, and a clear stop when it has passed."""

from odoo import api, fields, models
from odoo.tools import format_datetime

from ..ksef_core.transport.result import Failure, Fault

#: Days before the end on which somebody is told (again).
WARNING_DAYS = (30, 14, 7, 1)


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    bss_ksef_certificate_state = fields.Selection(
        [("ok", "Valid"), ("soon", "Expires soon"), ("expired", "Expired"), ("missing", "Missing")],
        string="KSeF Login State",
        compute="_compute_bss_ksef_certificate_state",
        compute_sudo=True,
    )
    bss_ksef_certificate_warned = fields.Integer(
        string="KSeF Certificate Warning (days)",
        copy=False,
        help="Somebody was told that the certificate ends within so many days; 0 means it has ended.",
        default=-1,
    )

    @api.depends(
        "bss_ksef_auth", "bss_ksef_token", "bss_ksef_certificate", "bss_ksef_key", "bss_ksef_certificate_until"
    )
    def _compute_bss_ksef_certificate_state(self):
        for company in self:
            if company.bss_ksef_auth == "token":
                company.bss_ksef_certificate_state = "ok" if company.bss_ksef_token else "missing"
                continue
            if not company.bss_ksef_certificate or not company.bss_ksef_key:
                company.bss_ksef_certificate_state = "missing"
                continue
            threshold = company._bss_ksef_certificate_threshold()
            company.bss_ksef_certificate_state = "ok" if threshold is None else "soon" if threshold else "expired"

    def _bss_ksef_certificate_threshold(self):
        """The warning that is due: days of `WARNING_DAYS`, 0 when the certificate has ended, None when there is time."""
        self.ensure_one()
        if self.bss_ksef_auth != "certificate" or not self.bss_ksef_certificate_until:
            return None
        left = self.bss_ksef_certificate_until - fields.Datetime.now()
        if left.total_seconds() <= 0:
            return 0
        return min((days for days in WARNING_DAYS if left.total_seconds() <= days * 86400), default=None)

    def _bss_ksef_login(self):
        self.ensure_one()
        company = self.sudo()
        if company._bss_ksef_certificate_threshold() == 0:
            return Failure(
                Fault.REFUSED,
                self.env._(
                    "The KSeF login certificate expired on %(date)s. Nothing is sent until a new one is set; the invoices "
                    "wait and nothing is lost.",
                    date=format_datetime(self.env, company.bss_ksef_certificate_until, tz="Europe/Warsaw"),
                ),
            )
        return super()._bss_ksef_login()

    def _bss_ksef_login_problem(self):
        """Why this company cannot log in at all, in words; empty when nothing is known to be in the way."""
        self.ensure_one()
        login = self._bss_ksef_login()
        return login.text if isinstance(login, Failure) else ""

    # ------------------------------------------------------------------ telling somebody

    @api.model
    def _cron_bss_ksef_certificates(self):
        """Daily: an activity for whoever runs accounting 30, 14, 7 and 1 days before the end, and at the end."""
        companies = self.sudo().search([("bss_ksef_enabled", "=", True), ("bss_ksef_auth", "=", "certificate")])
        for company in companies:
            due = company._bss_ksef_certificate_threshold()
            if due is None:
                company.bss_ksef_certificate_warned = -1
            elif due != company.bss_ksef_certificate_warned:
                company._bss_ksef_warn_certificate(due)
                company.bss_ksef_certificate_warned = due
            self.env["ir.cron"]._commit_progress(1)

    def _bss_ksef_warn_certificate(self, days):
        self.ensure_one()
        partner = self.partner_id.with_env(self.env["bss.ksef.document"]._bss_in_polish().env)
        words = partner.env
        until = format_datetime(words, self.bss_ksef_certificate_until, tz="Europe/Warsaw")
        if days:
            summary = words._("KSeF certificate of %(company)s ends on %(date)s", company=self.name, date=until)
        else:
            summary = words._("KSeF certificate of %(company)s ended on %(date)s", company=self.name, date=until)
        self._bss_ksef_alert(
            partner,
            summary,
            words._(
                "Get a new authentication certificate from KSeF and set it in the settings before the next sending."
            ),
        )

    def _bss_ksef_alert(self, record, summary, note):
        """One open activity on `record` for the person who answers for sending; an earlier one gives way."""
        self.ensure_one()
        kind = "bss_ksef.mail_activity_type_ksef"
        record.activity_unlink([kind])
        record.activity_schedule(kind, summary=summary, note=note, user_id=self._bss_ksef_responsible().id)

    def _bss_ksef_responsible(self):
        """An accounting manager of this company, else an administrator."""
        self.ensure_one()
        for group in ("account.group_account_manager", "base.group_system"):
            users = (
                self.env.ref(group)
                .sudo()
                .all_user_ids.filtered(lambda user: user.active and not user.share and self in user.company_ids)
            )
            if users:
                return users.sorted(lambda user: (user.company_id != self, user.id))[0]
        return self.env.ref("base.user_admin")
