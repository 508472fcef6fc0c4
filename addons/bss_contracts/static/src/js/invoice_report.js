import { download } from "@web/core/network/download";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { getReportUrl } from "@web/webclient/actions/reports/utils";

/**
 * Invoices of billing accounts are made without wkhtmltopdf: download them at once,
 * also where the client would show HTML because that program is missing.
 */
async function bssInvoiceReportHandler(action, options, env) {
    const ids = action.context?.active_ids || [];
    const isInvoice = (action.report_name || "").startsWith("account.report_invoice");
    if (action.report_type !== "qweb-pdf" || !isInvoice || !ids.length) {
        return false;
    }
    const own = await env.services.orm.call("account.move", "bss_print_own_pdf", [ids, action.report_name]);
    if (!own) {
        return false;
    }
    env.services.ui.block();
    try {
        await download({
            url: "/report/download",
            data: {
                data: JSON.stringify([getReportUrl(action, "pdf"), action.report_type]),
                context: JSON.stringify({ ...user.context, ...action.context }),
            },
        });
    } finally {
        env.services.ui.unblock();
    }
    return true;
}

registry.category("ir.actions.report handlers").add("bss_invoice", bssInvoiceReportHandler);
