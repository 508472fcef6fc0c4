/** @odoo-module **/

import { Component, onWillDestroy, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const MODEL = "bss.dunning.today";
const PAUSE = 120000; // ms between two questions

/** Collections at a glance: what is overdue, what waits for people, what steps bring. Every number opens its list. */
export class CollectionsToday extends Component {
    static template = "bss_dunning.Today";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ figures: null, away: false });
        this.display = { controlPanel: {} };
        onWillStart(() => this.refresh());
        onWillDestroy(() => {
            this.gone = true;
            clearTimeout(this.timer);
        });
    }

    /** The figures anew; when the server is away for a moment, the old ones stay. */
    async refresh() {
        clearTimeout(this.timer);
        if (this.state.figures) {
            try {
                this.state.figures = await this.orm.silent.call(MODEL, "get_figures", []);
                this.state.away = false;
            } catch {
                this.state.away = true;
            }
        } else {
            this.state.figures = await this.orm.call(MODEL, "get_figures", []);
        }
        if (!this.gone) {
            clearTimeout(this.timer);
            this.timer = setTimeout(() => this.refresh(), PAUSE);
        }
    }

    number(value) {
        return (value || 0).toLocaleString(document.documentElement.lang || undefined, { useGrouping: "always" });
    }

    async open(method, key) {
        await this.action.doAction(await this.orm.call(MODEL, method, [key]));
    }

    worklist() {
        return this.action.doAction("bss_dunning.bss_dunning_worklist_action");
    }

    effect() {
        return this.action.doAction("bss_dunning.bss_dunning_effect_report_action");
    }

    async workbook() {
        await this.action.doAction(await this.orm.call("bss.dunning.workbook", "action_download", []));
    }
}

registry.category("actions").add("bss_dunning_today", CollectionsToday);
