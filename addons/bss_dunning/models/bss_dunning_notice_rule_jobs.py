"""Nightly work of a rule: one job selects, batches send."""

from odoo import models

from .bss_dunning_notice_send import CHANNEL


class BssDunningNoticeRuleJobs(models.Model):
    _inherit = "bss.dunning.notice.rule"  # pylint: disable=consider-merging-classes-inherited

    def _job_select(self, as_of):
        """Choose, take up what failed, and give the batches to jobs of their own."""
        self.ensure_one()
        if self.state != "running":
            return
        notices = self.env["bss.dunning.notice"].sudo()
        notices._bss_follow(self)
        notices._bss_select(self, as_of)
        for first, last in notices._bss_waiting_ranges(self):
            self.with_delay(
                channel=CHANNEL,
                identity_key=f"bss_dunning_notice:{self.id}:{as_of}:{first}",
                description=self.env._("Notices: %(name)s", name=self.name),
            )._job_send(first, last, as_of)

    def _job_send(self, first, last, as_of):
        """One batch, in the language of the company."""
        self.ensure_one()
        if self.state != "running":
            return
        company = self.company_id
        notices = self.env["bss.dunning.notice"].sudo().with_company(company).with_context(lang=company.partner_id.lang)
        domain = [("rule_id", "=", self.id), ("state", "=", "waiting"), ("id", ">=", first), ("id", "<=", last)]
        notices.search(domain, order="id")._bss_send(as_of)
