/** @odoo-module **/

import { Component, onWillDestroy, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const PAUSE = 2500; // ms between two questions
const PAUSE_AFTER_FAILURE = 10000;
const WINDOW = 60000; // ms over which the speed is measured

const STEPS = [
    { state: "pending", label: _t("To issue"), colour: "info" },
    { state: "issued", label: _t("Issued"), colour: "success" },
    { state: "held", label: _t("Held"), colour: "warning" },
    { state: "carried", label: _t("Carried over"), colour: "secondary" },
    { state: "empty", label: _t("Nothing to bill"), colour: "secondary" },
    { state: "error", label: _t("Errors"), colour: "danger" },
    { state: "cancelled", label: _t("Cancelled"), colour: "secondary" },
];

/** Funnel of a bill run; while its jobs work it asks the server every few seconds, then loads the form anew once. */
export class BillRunProgress extends Component {
    static template = "bss_contracts.BillRunProgress";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ figures: null, speed: 0 });
        this.samples = [];
        this.alive = true;
        onWillStart(() => this.ask(this.props.record));
        onWillUpdateProps((props) => this.onRecord(props.record));
        onWillDestroy(() => {
            this.alive = false;
            clearTimeout(this.timer);
        });
    }

    /** The form was loaded anew, perhaps after a button: a new stage measures its speed afresh. */
    async onRecord(record) {
        const seen = this.state.figures;
        const same =
            seen &&
            record.resId === this.resId &&
            record.data.stage === seen.stage &&
            record.data.state === seen.state &&
            record.data.is_paused === seen.paused;
        if (same && (this.timer || !record.data.waiting_job_count)) {
            const { item_count, issued_count, pending_count } = record.data;
            const { counts, total } = seen;
            if (item_count === total && issued_count === counts.issued && pending_count === counts.pending) {
                return;
            }
        }
        clearTimeout(this.timer);
        this.timer = null;
        this.samples = [];
        await this.ask(record);
    }

    async ask(record) {
        this.resId = record.resId;
        if (!this.resId) {
            this.state.figures = null;
            return;
        }
        let figures;
        try {
            figures = await this.orm.silent.call("bss.bill.run", "get_progress", [[this.resId]]);
        } catch {
            // the server is away for a moment: the figures stay, the question is asked again
            this.again(record, PAUSE_AFTER_FAILURE);
            return;
        }
        if (!this.alive || this.resId !== record.resId) {
            return;
        }
        const before = this.state.figures;
        this.state.figures = figures;
        this.measure(figures);
        if (figures.working || figures.documents) {
            this.again(record, PAUSE);
        }
        const ended = ["working", "documents"].some((work) => before?.[work] && !figures[work]);
        if (before && (before.stage !== figures.stage || ended)) {
            await this.reload(record);
        }
    }

    again(record, pause) {
        clearTimeout(this.timer);
        this.timer = null;
        if (this.alive) {
            this.timer = setTimeout(() => {
                this.timer = null;
                this.ask(record);
            }, pause);
        }
    }

    /** What somebody is typing is not thrown away: then the form stays as it is. */
    async reload(record) {
        if (this.alive && !(await record.isDirty())) {
            await record.load();
        }
    }

    measure(figures) {
        const now = Date.now();
        if (!figures.working) {
            this.samples = [];
        } else {
            if (this.samples.length && this.samples.at(-1).stage !== figures.stage) {
                this.samples = [];
            }
            this.samples.push({ now, done: figures.done, stage: figures.stage });
            while (this.samples.length > 2 && now - this.samples[0].now > WINDOW) {
                this.samples.shift();
            }
        }
        const first = this.samples[0];
        const seconds = first ? (now - first.now) / 1000 : 0;
        this.state.speed = seconds ? Math.max(0, figures.done - first.done) / seconds : 0;
    }

    get steps() {
        const { counts } = this.state.figures;
        return STEPS.filter((step) => counts[step.state] || ["pending", "issued"].includes(step.state)).map((step) => ({
            ...step,
            count: this.number(counts[step.state]),
        }));
    }

    get segments() {
        const { counts, total } = this.state.figures;
        return STEPS.filter((step) => counts[step.state] && step.state !== "pending").map((step) => ({
            ...step,
            width: (100 * counts[step.state]) / total,
        }));
    }

    get percent() {
        const { done, total } = this.state.figures;
        return total ? Math.floor((100 * done) / total) : 0;
    }

    get stageLabel() {
        return this.state.figures.stage === "collect" ? _t("Collecting charges") : _t("Issuing invoices");
    }

    get speedLabel() {
        const { speed } = this.state;
        return speed
            ? _t("%s per second", this.number(speed, speed < 10 ? 1 : 0))
            : _t("measuring the speed…");
    }

    /** Estimated end by the speed of the last minute. */
    get endLabel() {
        const { done, total } = this.state.figures;
        if (!this.state.speed) {
            return "";
        }
        const seconds = Math.ceil((total - done) / this.state.speed);
        const end = new Date(Date.now() + 1000 * seconds);
        const clock = end.toLocaleTimeString(this.locale, { hour: "2-digit", minute: "2-digit" });
        return seconds < 60
            ? _t("ends in %s s", seconds)
            : _t("ends in %(minutes)s min, about %(clock)s", { minutes: Math.ceil(seconds / 60), clock });
    }

    get locale() {
        return document.documentElement.lang || undefined;
    }

    number(value, digits = 0) {
        return (value || 0).toLocaleString(this.locale, {
            maximumFractionDigits: digits,
            minimumFractionDigits: digits,
            useGrouping: "always", // four digits too, as in the other fields of the form
        });
    }

    async open(state) {
        this.action.doAction(await this.orm.call("bss.bill.run", "action_view_state", [[this.resId], state]));
    }
}

registry.category("view_widgets").add("bss_bill_run_progress", {
    component: BillRunProgress,
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "stage", type: "selection" },
        { name: "is_paused", type: "boolean" },
        { name: "waiting_job_count", type: "integer" },
        { name: "item_count", type: "integer" },
        { name: "issued_count", type: "integer" },
        { name: "pending_count", type: "integer" },
    ],
});
