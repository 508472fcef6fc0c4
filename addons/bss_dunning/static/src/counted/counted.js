/** @odoo-module **/

import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { GraphRenderer } from "@web/views/graph/graph_renderer";
import { graphView } from "@web/views/graph/graph_view";
import { PivotRenderer } from "@web/views/pivot/pivot_renderer";
import { pivotView } from "@web/views/pivot/pivot_view";

/** Until when the figures of a view are counted, and a button that counts what changed since. */
export class CountNow extends Component {
    static template = "bss_dunning.CountNow";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.state = useState({ asOf: "", busy: false });
        onWillStart(() => this.load());
    }

    async load() {
        this.state.asOf = await this.orm.call("bss.dunning.recount", "get_as_of", []);
    }

    async count() {
        this.state.busy = true;
        try {
            const { message, type } = await this.orm.call("bss.dunning.recount", "count_now", []);
            this.notification.add(message, { type });
            await this.load();
            this.env.searchModel.search();
        } finally {
            this.state.busy = false;
        }
    }
}

class CountedPivotRenderer extends PivotRenderer {
    static components = { ...PivotRenderer.components, CountNow };
}

class CountedGraphRenderer extends GraphRenderer {
    static components = { ...GraphRenderer.components, CountNow };
}

const views = registry.category("views");
views.add("bss_counted_pivot", {
    ...pivotView,
    Renderer: CountedPivotRenderer,
    buttonTemplate: "bss_dunning.CountedPivotButtons",
});
views.add("bss_counted_graph", {
    ...graphView,
    Renderer: CountedGraphRenderer,
    buttonTemplate: "bss_dunning.CountedGraphButtons",
});
