"""What a layout makes of the user's own file, counted anew while he edits it. Nothing is imported."""

import base64
import binascii
import io
import itertools
from collections import defaultdict

from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ..bank_core.formats import report, report_profile, report_rows
from ..bank_core.model import Transaction, Unreadable

#: bytes; a longer sample is looked at up to here
SAMPLE_LIMIT = 3_000_000
PREVIEW_ROWS = 12
PROBLEM_ROWS = 6
RAW_ROWS = 3
RAW_CHARACTERS = 300
#: characters of a row of fixed width that are shown
RULER = 400
_LAYOUT_FIELDS = (
    "layout", "separator", "quote", "encoding", "skip_first", "skip_last", "record_number", "record_width",
    "payment_records", "ignored_records", "date_format", "amount_format", "sign", "credit_marks", "debit_marks",
    "key_kind", "key_digits", "part_separator", "name_parts",
    *(
        f"{part}_{tail}"
        for part in ("header", "trailer")
        for tail in ("record", "count_number", "count_width", "total_number", "total_width", "is_required")
    ),
    "column_ids.content", "column_ids.number", "column_ids.width", "column_ids.sequence",
)  # fmt: skip
#: contents in the order of the preview; amounts are written as the user reads them
_SHOWN = {
    "date": lambda tx: tx.entry_date.isoformat(),
    "value_date": lambda tx: tx.value_date.isoformat(),
    "amount": None,
    "mark": lambda tx: tx.mark,
    "payer_key": lambda tx: tx.payer_key,
    "party_account": lambda tx: tx.party_account,
    "party_name": lambda tx: tx.party_name,
    "party_address": lambda tx: tx.party_address,
    "title": lambda tx: tx.title,
    "transaction_id": lambda tx: tx.bank_ref or tx.owner_ref,
}


class BssBankReportProfilePreview(models.Model):
    _inherit = "bss.bank.report.profile"  # pylint: disable=consider-merging-classes-inherited

    preview_html = fields.Html(string="What Is Read", compute="_compute_preview_html", sanitize=False)

    @api.depends("sample_file", *_LAYOUT_FIELDS)
    @api.depends_context("lang")
    def _compute_preview_html(self):
        for profile in self:
            kernel = profile._bss_kernel()
            faults = report_profile.faults(kernel)
            content = profile._bss_sample()
            parts = []
            if faults:
                parts.append(profile._bss_alert("warning", [profile._bss_problem_text(p) for p in faults]))
            if not content:
                parts.append(
                    profile._bss_alert("info", [self.env._("Upload a file of your bank to see it read here.")])
                )
            elif not faults:
                parts += profile._bss_reading(content, kernel)
            elif profile._bss_can_cut(faults):
                parts.append(profile._bss_cells(content, kernel))
            profile.preview_html = Markup().join(parts)

    def _bss_sample(self):
        data = self.with_context(bin_size=False).sample_file
        try:
            return base64.b64decode(data or b"")[:SAMPLE_LIMIT]
        except (binascii.Error, ValueError):
            return b""

    def _bss_can_cut(self, faults):
        """The columns can be shown although what stands in them is not said yet."""
        cutting = {"PROFILE_ENCODING"}
        if self.layout != "fixed":
            cutting |= {"PROFILE_SEPARATOR", "PROFILE_QUOTE"}
        return not any(fault.code in cutting for fault in faults)

    # --- parts of the preview

    def _bss_reading(self, content, kernel):
        page = report.code_page(content, kernel)
        found = report.verify(report.rows(io.BytesIO(content), kernel, page), kernel)
        shown, unreadable = self._bss_shown_rows(
            report.payments(report.rows(io.BytesIO(content), kernel, page), kernel)
        )
        return [
            self._bss_totals(found, unreadable, kernel, page),
            self._bss_table(shown, kernel),
            self._bss_cells(content, kernel),
        ]

    def _bss_shown_rows(self, events):
        """The first payments and the first ones with a problem that come later; how many rows cannot be read."""
        shown, troubled, unreadable = [], 0, 0
        for event in events:
            is_bad = isinstance(event, Unreadable)
            unreadable += is_bad
            if len(shown) < PREVIEW_ROWS:
                shown.append(event)
            elif troubled < PROBLEM_ROWS and (not isinstance(event, Transaction) or event.problems):
                troubled += 1
                shown.append(event)
        return shown, unreadable

    def _bss_totals(self, found, unreadable, kernel, page):
        lines = [
            self.env._(
                "Payments: %(count)s, %(total)s in total; unreadable: %(bad)s; code page %(encoding)s.",
                count=found.count,
                total=self._bss_money(found.total),
                bad=unreadable,
                encoding=page.encoding,
            )
        ]
        if found.problem:
            lines.append(self._bss_problem_text(found.problem))
            return self._bss_alert("danger", lines)
        if found.is_checked:
            lines.append(self.env._("Count and sum agree with what the file says."))
        elif kernel.checks:
            lines.append(self.env._("The file says neither count nor sum: nothing was compared."))
        return self._bss_alert("success" if found.count and not unreadable else "warning", lines)

    def _bss_table(self, events, kernel):
        labels = dict(self.env["bss.bank.report.profile.column"]._fields["content"]._description_selection(self.env))
        shown = [field for field in _SHOWN if kernel.column(field)]
        head = [self.env._("Line"), self.env._("Problem"), *(labels[field] for field in shown)]
        body = [self._bss_row(event, shown) for event in events]
        return self._bss_html_table(self.env._("First payments"), head, body)

    def _bss_row(self, event, shown):
        if isinstance(event, Transaction):
            wrong = {problem.field for problem in event.problems}
            cells = Markup().join(
                Markup('<td class="%s">%s</td>')
                % ("table-warning" if field in wrong else self._bss_cell_class(field), self._bss_shown(field, event))
                for field in shown
            )
            text = " ".join(self._bss_problem_text(problem, False) for problem in event.problems)
            return Markup("<tr><td>%s</td><td>%s</td>%s</tr>") % (event.line, text, cells)
        raw = event.raw[:RAW_CHARACTERS] if isinstance(event, Unreadable) else ""
        problem = event.problem if isinstance(event, Unreadable) else event
        return Markup(
            '<tr class="%s"><td>%s</td><td>%s</td><td class="text-nowrap" colspan="%s"><code>%s</code></td></tr>'
        ) % (
            "table-danger" if raw else "table-warning",
            event.line,
            self._bss_problem_text(problem, False),
            len(shown),
            raw,
        )

    def _bss_shown(self, field, event):
        return formatLang(self.env, float(event.amount)) if field == "amount" else _SHOWN[field](event)

    def _bss_cells(self, content, kernel):
        """The first rows cut into columns, with the number of each and what it is said to hold."""
        page = report.code_page(content, kernel)
        rows = list(itertools.islice(report.rows(io.BytesIO(content), kernel, page), RAW_ROWS))
        title = self.env._("First rows of the file")
        if kernel.layout == "fixed":
            return Markup(
                '<h6 class="mt-3">%s</h6><pre class="small" style="white-space: pre; overflow-x: auto">%s</pre>'
            ) % (
                title,
                self._bss_ruled([row.text[:RULER] for row in rows], kernel),
            )
        labels = dict(self.env["bss.bank.report.profile.column"]._fields["content"]._description_selection(self.env))
        held = defaultdict(list)
        for column in kernel.columns:
            held[column.number].append(labels.get(column.field, ""))
        reader = report_rows.Reader(kernel) if not report_profile.faults(kernel) else None
        cut = [self._bss_cut(row, kernel, reader) for row in rows]
        count = min(max((len(cells) for cells in cut), default=0), 60)
        head = [Markup("%s<br/><small>%s</small>") % (n, ", ".join(held[n])) for n in range(1, count + 1)]
        body = [
            Markup("<tr>%s</tr>")
            % Markup().join(Markup('<td class="text-nowrap">%s</td>') % text[:60] for text in cells[:60])
            for cells in cut
        ]
        return self._bss_html_table(title, head, body)

    def _bss_ruled(self, texts, kernel):
        """Rows of fixed width under a ruler, and under the names of the columns where they stand."""
        width = min(max(map(len, texts), default=0) + 1, RULER)
        tens = "".join(f"{n:<10}" for n in range(1, width + 1, 10))
        names = [" "] * RULER
        labels = dict(self.env["bss.bank.report.profile.column"]._fields["content"]._description_selection(self.env))
        for column in kernel.columns:
            size = min(column.width, RULER)
            if 0 < column.number <= RULER and size > 0:
                shown = labels.get(column.field, "")[:size].ljust(size, "_")
                names[column.number - 1 : column.number - 1 + size] = list(shown)
        return "\n".join([tens, "|.........".ljust(10) * (width // 10 + 1), "".join(names[:RULER]).rstrip(), *texts])

    def _bss_cut(self, row, kernel, reader):
        try:
            return reader.cells(row) if reader else row.text.split(kernel.separator)
        except report_rows.Bad:
            return row.text.split(kernel.separator)

    # --- words and marks

    def _bss_problem_text(self, problem, with_line=True):
        labels = dict(self.env["bss.bank.report.profile.column"]._fields["content"]._description_selection(self.env))
        record = self.env["bss.bank.import.problem"].new({"code": problem.code, "params": dict(problem.params)})
        where = labels.get(problem.field, "")
        text = f"{where}: {record.message}" if where else record.message
        return (
            self.env._("Line %(line)s: %(text)s", line=problem.line, text=text) if problem.line and with_line else text
        )

    def _bss_alert(self, kind, lines):
        items = Markup("<br/>").join(Markup("%s") % line for line in lines)
        return Markup('<div class="alert alert-%s mb-2" role="status">%s</div>') % (kind, items)

    def _bss_html_table(self, title, head, body):
        cells = Markup().join(Markup("<th>%s</th>") % text for text in head)
        return Markup(
            '<h6 class="mt-3">%s</h6><div class="table-responsive"><table class="table table-sm table-striped">'
            "<thead><tr>%s</tr></thead><tbody>%s</tbody></table></div>"
        ) % (title, cells, Markup().join(body))

    def _bss_money(self, value):
        currency = (self.company_id or self.env.company).currency_id
        return currency.format(float(value))

    @api.model
    def _bss_cell_class(self, field):
        return "text-end text-nowrap" if field == "amount" else "text-nowrap" if field in ("date", "value_date") else ""
