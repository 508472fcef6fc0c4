/** @odoo-module **/

import { Component, onWillDestroy, onWillStart, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const MODEL = "bss.ksef.cockpit";
const PAUSE = 20000; // ms between two questions while something is under way
const PAUSE_QUIET = 120000;
const PAUSE_STARTED = 3000; // somebody has just started the sending and looks on
const LOOK_ON = 60000;

/** Tonight's e-invoices of one company at a glance: states, reasons, sessions, limits, login. */
export class KsefCockpit extends Component {
    static template = "bss_ksef.Cockpit";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.state = useState({ figures: null, companyId: false, hours: 24, busy: false, away: false, askedAt: "" });
        this.display = { controlPanel: {} };
        this.alive = true;
        this.lookOnUntil = 0;
        onWillStart(() => this.refresh());
        onWillDestroy(() => {
            this.alive = false;
            clearTimeout(this.timer);
        });
    }

    get windows() {
        return [
            { hours: 24, label: _t("24 hours") },
            { hours: 24 * 7, label: _t("7 days") },
            { hours: 24 * 31, label: _t("31 days") },
        ];
    }

    get total() {
        return this.state.figures.steps.reduce((sum, step) => sum + step.count, 0);
    }

    get shownSteps() {
        const always = ["to_send", "queued", "sent", "accepted"];
        return this.state.figures.steps.filter((step) => step.count || always.includes(step.state));
    }

    get segments() {
        const order = ["accepted", "sent", "queued", "to_send", "unknown", "late", "rejected"];
        const steps = Object.fromEntries(this.state.figures.steps.map((step) => [step.state, step]));
        return order
            .map((state) => steps[state])
            .filter((step) => step.count)
            .map((step) => ({ ...step, width: (100 * step.count) / this.total }));
    }

    get percent() {
        const accepted = this.count("accepted");
        return this.total ? Math.floor((100 * accepted) / this.total) : 0;
    }

    get isUnderWay() {
        const { sessions } = this.state.figures;
        return this.count("queued") + this.count("sent") + this.count("unknown") > 0 || sessions.some((each) => each.is_open);
    }

    count(state) {
        return this.state.figures.steps.find((step) => step.state === state)?.count || 0;
    }

    number(value) {
        return (value || 0).toLocaleString(document.documentElement.lang || undefined, { useGrouping: "always" });
    }

    /** The figures anew; when the server is away for a moment, the old ones stay. */
    async refresh() {
        clearTimeout(this.timer);
        const { companyId, hours } = this.state;
        if (this.state.figures) {
            try {
                this.state.figures = await this.orm.silent.call(MODEL, "get_figures", [companyId, hours]);
                this.state.away = false;
            } catch {
                this.state.away = true;
            }
        } else {
            this.state.figures = await this.orm.call(MODEL, "get_figures", [companyId, hours]);
        }
        if (!this.state.away) {
            this.state.askedAt = new Date().toLocaleTimeString(document.documentElement.lang || undefined);
        }
        if (this.alive) {
            clearTimeout(this.timer);
            this.timer = setTimeout(() => this.refresh(), this.pause);
        }
    }

    /** ms until the figures are asked for again. */
    get pause() {
        if (Date.now() < this.lookOnUntil) {
            return PAUSE_STARTED;
        }
        return this.isUnderWay ? PAUSE : PAUSE_QUIET;
    }

    async setCompany(ev) {
        this.state.companyId = Number(ev.target.value);
        await this.refresh();
    }

    async setHours(hours) {
        this.state.hours = hours;
        await this.refresh();
    }

    get companyId() {
        return this.state.figures.company.id;
    }

    async open(method, ...args) {
        await this.action.doAction(await this.orm.call(MODEL, method, [this.companyId, ...args]));
    }

    setUp() {
        return this.action.doAction("bss_ksef.action_bss_ksef_setup", { onClose: () => this.refresh() });
    }

    /** One button at a time; what the server says is shown, then the figures are asked for anew. */
    async run(method, args = []) {
        if (this.state.busy) {
            return null;
        }
        this.state.busy = method;
        try {
            return await this.orm.call(MODEL, method, [this.companyId, ...args]);
        } finally {
            this.state.busy = false;
            await this.refresh();
        }
    }

    async say(method, args) {
        const sentence = await this.run(method, args);
        if (sentence) {
            this.notification.add(sentence, { type: "info" });
        }
    }

    send() {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Send to KSeF"),
            body: _t("%s waiting documents go to KSeF now. What it accepts can only be corrected by a corrective invoice.", this.number(this.count("to_send"))),
            confirmLabel: _t("Send"),
            confirm: () => {
                this.lookOnUntil = Date.now() + LOOK_ON;
                return this.say("send_waiting");
            },
            cancel: () => {},
        });
    }

    repeat(reason) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Queue again"),
            body: _t("%s invoices wait for the next sending again. Do this when the reason is corrected: else they come back.", this.number(reason.count)),
            confirmLabel: _t("Queue again"),
            confirm: () => this.say("repeat_reason", [reason.state, reason.code, reason.element]),
            cancel: () => {},
        });
    }

    async testConnection() {
        const answer = await this.run("test_connection");
        if (answer) {
            this.notification.add(answer.message, { type: answer.ok ? "success" : "danger", sticky: !answer.ok });
        }
    }
}

registry.category("actions").add("bss_ksef_cockpit", KsefCockpit);
