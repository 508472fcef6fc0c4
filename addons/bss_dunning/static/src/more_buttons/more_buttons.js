/** @odoo-module **/

import { registry } from "@web/core/registry";
import { FormRenderer } from "@web/views/form/form_renderer";
import { formView } from "@web/views/form/form_view";
import { StatusBarButtons } from "@web/views/form/status_bar_buttons/status_bar_buttons";

/** So many buttons stand beside the status; what follows them in the view is one click away. */
const BESIDE = 4;

/** Buttons of a form with many of them: the first visible ones, in the order of the view, and a menu of the rest. */
export class MoreButtons extends StatusBarButtons {
    static template = "bss_dunning.MoreButtons";

    get beside() {
        const names = this.visibleSlotNames;
        return this.env.isSmall ? names.slice(0, 1) : names.slice(0, names.length === BESIDE + 1 ? BESIDE + 1 : BESIDE);
    }

    get more() {
        return this.visibleSlotNames.slice(this.beside.length);
    }
}

export class MoreButtonsRenderer extends FormRenderer {
    static components = { ...FormRenderer.components, StatusBarButtons: MoreButtons };
}

registry.category("views").add("bss_more_buttons_form", { ...formView, Renderer: MoreButtonsRenderer });
