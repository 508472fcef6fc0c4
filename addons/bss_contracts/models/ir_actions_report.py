import io
from collections import OrderedDict

from odoo import models


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        ids = [res_ids] if isinstance(res_ids, int) else list(res_ids or [])
        own = self._bss_own_records(report_ref, ids)
        if ids and len(own) == len(set(ids)):
            # No engine of the system takes part: the same PDF in tests, workers, the portal and the web client.
            return self._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=ids), "pdf"
        return super()._pre_render_qweb_pdf(report_ref, res_ids=res_ids, data=data)

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """Invoices of billing accounts and telecom offers print their own document; all others stay with Odoo."""
        own = self._bss_own_records(report_ref, res_ids or [])
        if not own:
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=res_ids)
        others = [res_id for res_id in res_ids if res_id not in own.ids]
        streams = super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=others) if others else {}
        collected = OrderedDict()
        for res_id in res_ids:
            if res_id in own.ids:
                collected[res_id] = {"stream": io.BytesIO(self._bss_own_pdf(own.browse(res_id))), "attachment": None}
            elif res_id in streams:
                collected[res_id] = streams[res_id]
        return collected

    def _get_rendering_context(self, report, docids, data):
        """Odoo calls proforma what has no PDF of its own making; our posted invoices have theirs in the archive."""
        context = super()._get_rendering_context(report, docids, data)
        if context.get("proforma") and report.model == "account.move":
            moves = self.env["account.move"].sudo().browse(docids)
            context["proforma"] = not all(move.state == "posted" and move._bss_prints_itself() for move in moves)
        return context

    def _bss_own_records(self, report_ref, res_ids):
        """Records among ``res_ids`` whose document is made by this addon instead of ``report_ref``."""
        if res_ids and self._is_invoice_report(report_ref):
            return self.env["account.move"].browse(res_ids).filtered(lambda move: move._bss_prints_itself())
        if res_ids and self._is_sale_order_report(report_ref):
            return self.env["sale.order"].browse(res_ids).filtered("bss_is_telecom")
        return self.env["account.move"]

    def _bss_own_pdf(self, record):
        return record._bss_offer_pdf() if record._name == "sale.order" else record._bss_invoice_pdf()
