from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..bank_core.formats import report_profile


class AccountJournalReport(models.Model):
    _inherit = "account.journal"  # pylint: disable=consider-merging-classes-inherited

    bss_report_profile_id = fields.Many2one(
        "bss.bank.report.profile",
        string="Layout of Mass-Payment Reports",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="How this bank's reports of mass payments are read. Empty: recognised, where a shipped layout fits.",
    )

    @api.constrains("bss_report_profile_id")
    def _check_bss_report_profile_id(self):
        for journal in self:
            profile = journal.bss_report_profile_id
            faults = report_profile.faults(profile._bss_kernel()) if profile else []
            if faults:
                raise ValidationError(
                    self.env._(
                        "Layout %(name)s cannot be used yet: %(problem)s",
                        name=profile.name,
                        problem=profile._bss_problem_text(faults[0]),
                    )
                )

    def _bss_report_options(self):
        """Keyword arguments for ``formats.Options``: the layout of this journal's reports."""
        self.ensure_one()
        profile = self.bss_report_profile_id
        return {"profile": profile._bss_kernel()} if profile else {}
