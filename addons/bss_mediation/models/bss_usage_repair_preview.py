from markupsafe import Markup
from odoo import api, fields, models

from .. import adapters
from ..mediation_core import get_format
from ..mediation_core.row_fix import BadPattern

ROWS = 10
CLERK = "bss_catalog.group_bss_clerk"


class BssUsageRepair(models.Model):
    """What a bulk work would make of the first rows, before it is done."""

    _inherit = "bss.usage.repair"  # pylint: disable=consider-merging-classes-inherited

    preview_html = fields.Html(string="First Rows", compute="_compute_preview_html", groups=CLERK, sanitize=True)

    @api.depends(
        "action", "find", "replacement", "row_ids", "source_id", "file_id", "reason_code", "value", "contains",
        "received_from", "received_to", "company_id", "state",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_preview_html(self):
        for repair in self:
            repair.preview_html = repair._bss_preview_html() if repair.state == "draft" else False

    def _bss_preview_html(self):
        rows = self.env["bss.usage.suspense"].search(self._bss_domain(), order="id", limit=ROWS)
        if not rows:
            return Markup('<p class="text-muted">%s</p>') % self.env._("No open row.")
        raws = rows.mapped(lambda row: row.raw)
        fixed = raws
        if self.action in ("text", "regex") and self.find:
            try:
                fixed = self._bss_replaced(raws)
            except BadPattern as error:
                text = self.env._("“%(find)s” cannot be looked for (%(why)s).", find=self.find, why=error)
                return Markup('<div class="alert alert-warning">%s</div>') % text
        outcomes = self._bss_outcomes(rows, fixed)
        head = (self.env._("Row"), self.env._("Record"), self.env._("Result"))
        return Markup('<table class="table table-sm"><thead><tr>%s</tr></thead><tbody>%s</tbody></table>') % (
            Markup().join(Markup("<th>%s</th>") % text for text in head),
            Markup().join(
                self._bss_preview_row(row, old, new, outcomes[row.id])
                for row, old, new in zip(rows, raws, fixed, strict=True)
            ),
        )

    def _bss_outcomes(self, rows, raws):
        """Code of what is still wrong with each row as a record, "" where it can be read."""
        outcomes = {}
        new = dict(zip(rows.ids, raws, strict=True))
        for source, group in rows.grouped("source_id").items():
            replay = get_format(source.format).replay
            chunk = replay([new[row.id] for row in group], adapters.source_profile(source))
            problems = {problem.line_no: problem for problem in chunk.problems}
            for place, row in enumerate(group, start=1):
                outcomes[row.id] = problems.get(place)
        return outcomes

    def _bss_preview_row(self, row, old, new, problem):
        if new != old:
            record = Markup('<code class="text-muted text-decoration-line-through">%s</code><br/><code>%s</code>') % (
                old,
                new,
            )
        else:
            record = Markup("<code>%s</code>") % old
        if problem:
            labels = dict(row._fields["reason_code"]._description_selection(self.env))
            result = Markup('<span class="text-danger">%s</span> %s: %s') % (
                labels.get(problem.code, problem.code),
                problem.field or "",
                problem.value or "",
            )
        else:
            result = Markup('<span class="text-success">%s</span>') % self.env._("Readable")
        return Markup('<tr><td>%s</td><td class="text-break">%s</td><td>%s</td></tr>') % (
            row.display_name,
            record,
            result,
        )
