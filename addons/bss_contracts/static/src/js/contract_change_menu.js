/** @odoo-module **/

import { Component, onWillStart } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** One button with the kinds of change a contract can have; each opens the form of a new change. */
export class ContractChangeMenu extends Component {
    static template = "bss_contracts.ContractChangeMenu";
    static components = { Dropdown, DropdownItem };
    static props = { ...standardWidgetProps, string: { type: String } };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        onWillStart(async () => {
            const fields = await this.orm.cache().call("bss.contract.change", "fields_get", [
                ["kind"],
                ["selection"],
            ]);
            this.kinds = fields.kind.selection.map(([code, label]) => ({ code, label }));
        });
    }

    /** A suspended contract is resumed, a running one suspended. */
    get offered() {
        const hidden = { active: "resumption", suspended: "suspension" }[this.props.record.data.state];
        return this.kinds.filter((kind) => kind.code !== hidden || kind.code === "resumption");
    }

    async open(kind) {
        const { record } = this.props;
        if (await record.save()) {
            this.action.doAction(await this.orm.call("bss.contract", "action_new_change", [[record.resId], kind]));
        }
    }
}

registry.category("view_widgets").add("bss_change_menu", {
    component: ContractChangeMenu,
    extractProps: ({ attrs }) => ({ string: attrs.string }),
    fieldDependencies: [{ name: "state", type: "selection" }],
});
