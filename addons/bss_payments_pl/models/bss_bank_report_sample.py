"""Files of a bank that a user sets a layout up with. They hold people's payments: each is its company's alone."""

from datetime import timedelta

from odoo import api, fields, models

#: days; a sample is kept no longer than it is needed
KEPT_DAYS = 30


class BssBankReportSample(models.Model):
    _name = "bss.bank.report.sample"
    _description = "Sample of a Mass-Payment Report"
    _order = "uploaded_at desc, id desc"

    profile_id = fields.Many2one("bss.bank.report.profile", string="Layout", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", index=True)
    content = fields.Binary(attachment=True, required=True)
    name = fields.Char(string="File Name")
    uploaded_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)

    _one_of_a_company = models.Constraint(
        "UNIQUE(profile_id, company_id)", "A company has one sample of a layout at a time."
    )

    @api.autovacuum
    def _gc_samples(self):
        self.search([("uploaded_at", "<", fields.Datetime.now() - timedelta(days=KEPT_DAYS))]).unlink()


class BssBankReportProfile(models.Model):
    _inherit = "bss.bank.report.profile"

    sample_file = fields.Binary(
        string="Your Sample File",
        compute="_compute_sample_file",
        inverse="_inverse_sample_file",
        help="Only to look at while you set the layout up: nothing of it is imported. Other companies do not see it. "
        "Forgotten after 30 days.",
    )
    sample_name = fields.Char(compute="_compute_sample_file", inverse="_inverse_sample_name")

    # not by the company: a form that changes it keeps the file that was just chosen
    @api.depends_context("company")
    def _compute_sample_file(self):
        for profile in self:
            sample = profile._bss_own_sample()
            profile.sample_file = sample.content
            profile.sample_name = sample.name

    def _inverse_sample_file(self):
        samples = self.env["bss.bank.report.sample"]
        for profile in self:
            profile._bss_own_sample().unlink()
            if profile.sample_file:
                samples.create(
                    {
                        "profile_id": profile.id,
                        "company_id": profile._bss_sample_company().id,
                        "content": profile.sample_file,
                        "name": profile.sample_name,
                    }
                )

    def _inverse_sample_name(self):
        for profile in self:
            profile._bss_own_sample().name = profile.sample_name

    def _bss_sample_company(self):
        """A layout of all companies bears a sample for each of them."""
        return self.company_id or self.env.company

    def _bss_own_sample(self):
        self.ensure_one()
        return self.env["bss.bank.report.sample"].search(
            [("profile_id", "=", self._origin.id), ("company_id", "=", self._bss_sample_company().id)]
        )
