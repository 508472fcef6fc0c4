import io
from collections import OrderedDict

from odoo import models

VISUALISATION = "bss_ksef.report_visualisation"


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        """The visualisation needs no engine of the system: the same PDF in tests, workers and the web client."""
        ids = [res_ids] if isinstance(res_ids, int) else list(res_ids or [])
        if ids and self._get_report(report_ref).report_name == VISUALISATION:
            return self._bss_ksef_streams(ids), "pdf"
        return super()._pre_render_qweb_pdf(report_ref, res_ids=res_ids, data=data)

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        if res_ids and self._get_report(report_ref).report_name == VISUALISATION:
            return self._bss_ksef_streams(res_ids)
        return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=res_ids)

    def _get_rendering_context(self, report, docids, data):
        """An invoice in KSeF is issued: no proforma, also while Odoo has printed no PDF of it (its portal says so)."""
        context = super()._get_rendering_context(report, docids, data)
        if context.get("proforma") and report.model == "account.move":
            moves = self.env["account.move"].sudo().browse(docids)
            context["proforma"] = not all(moves.mapped("bss_ksef_number"))
        return context

    def _bss_ksef_streams(self, res_ids):
        moves = self.env["account.move"].browse(res_ids)
        moves.check_access("read")
        return OrderedDict(
            (move.id, {"stream": io.BytesIO(move._bss_ksef_pdf()), "attachment": None}) for move in moves
        )
