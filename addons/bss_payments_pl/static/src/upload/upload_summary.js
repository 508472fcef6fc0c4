/** @odoo-module **/

import { Component, onWillDestroy, onWillStart, useState } from "@odoo/owl";
import { formatCurrency } from "@web/core/currency";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const MODEL = "bss.bank.import";
const PAUSE = 1500; // ms between two questions while a job imports
const STATE_COLOURS = { imported: "success", rejected: "danger", blocked: "danger", waiting: "warning", shown: "info" };

/** What became of the bank files just received, file by file, until the last one is done. */
export class UploadSummary extends Component {
    static template = "bss_payments_pl.UploadSummary";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.state = useState({ files: [] });
        const { import_ids: ids, refused } = this.props.action.params || {};
        this.ids = ids || [];
        this.refused = refused || [];
        this.alive = true;
        onWillStart(() => this.refresh());
        onWillDestroy(() => {
            this.alive = false;
            clearTimeout(this.timer);
        });
    }

    async refresh() {
        if (this.ids.length) {
            this.state.files = await this.orm.silent.call(MODEL, "get_summary", [this.ids]);
        }
        if (this.alive && this.state.files.some((file) => file.working)) {
            this.timer = setTimeout(() => this.refresh(), PAUSE);
        }
    }

    /** Over all files, of the currency of the first. */
    get total() {
        const files = this.state.files;
        const sum = (kind, name) => files.reduce((all, file) => all + file[kind][name], 0);
        return {
            booked: sum("counts", "booked"),
            to_decide: sum("counts", "to_decide") + sum("counts", "returns"),
            known: sum("counts", "known"),
            unreadable: sum("counts", "unreadable"),
        };
    }

    colour(file) {
        return STATE_COLOURS[file.state] || "secondary";
    }

    /** Parts of the credits, as widths of one bar. */
    bars(file) {
        const { credits, booked, to_decide, rejected } = file.amounts;
        const width = (part) => (credits ? (100 * part) / credits : 0);
        return [
            { name: "booked", width: width(booked), colour: "success" },
            { name: "to_decide", width: width(to_decide), colour: "warning" },
            { name: "rejected", width: width(rejected), colour: "secondary" },
        ].filter((bar) => bar.width > 0);
    }

    /** Some of the file could not be read or does not agree with itself. */
    torn(file) {
        return Boolean(file.counts.unreadable) || file.problems.some((problem) => problem.severity === "error");
    }

    money(file, minor) {
        return formatCurrency(minor / file.unit, file.currency);
    }

    day(text) {
        return text ? formatDate(deserializeDate(text)) : "";
    }

    number(value) {
        return (value || 0).toLocaleString(document.documentElement.lang || undefined, { useGrouping: "always" });
    }

    severity(problem) {
        return { error: _t("Error"), warning: _t("Warning"), info: _t("Note") }[problem.severity];
    }

    open(file) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: MODEL,
            res_id: file.id,
            views: [[false, "form"]],
        });
    }

    async show(file, method) {
        this.action.doAction(await this.orm.call(MODEL, method, [[file.id]]));
    }

    /** The file was held back for a gap before it, and the bank has nothing else. */
    async importAnyway(file) {
        await this.orm.call(MODEL, "action_import_anyway", [[file.id]]);
        await this.refresh();
    }

    decide() {
        this.action.doAction("bss_payments_pl.bss_payment_inbox_action");
    }

    more() {
        this.action.doAction("bss_payments_pl.bss_bank_import_action", { clearBreadcrumbs: true });
    }
}

registry.category("actions").add("bss_payments_pl.upload_summary", UploadSummary);
