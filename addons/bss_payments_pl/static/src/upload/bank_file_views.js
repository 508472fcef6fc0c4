/** @odoo-module **/

import { FileUploadKanbanController } from "@account/views/file_upload_kanban/file_upload_kanban_controller";
import { FileUploadKanbanRenderer } from "@account/views/file_upload_kanban/file_upload_kanban_renderer";
import { fileUploadKanbanView } from "@account/views/file_upload_kanban/file_upload_kanban_view";
import { FileUploadListController } from "@account/views/file_upload_list/file_upload_list_controller";
import { FileUploadListRenderer } from "@account/views/file_upload_list/file_upload_list_renderer";
import { fileUploadListView } from "@account/views/file_upload_list/file_upload_list_view";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { onWillStart } from "@odoo/owl";

/** Who may import bank files; the server checks it again. */
async function mayImport() {
    const answers = await Promise.all([
        user.hasGroup("bss_catalog.group_bss_billing_manager"),
        user.hasGroup("account.group_account_invoice"),
    ]);
    return answers.some(Boolean);
}

const withUploadButton = (Controller) =>
    class extends Controller {
        setup() {
            super.setup();
            onWillStart(async () => {
                this.hideUploadButton = !(await mayImport());
            });
        }
    };

const withDropZone = (Renderer) =>
    class extends Renderer {
        setup() {
            super.setup();
            this.dropZoneTitle = _t("Drop bank files here");
            this.dropZoneDescription = _t("Statements and mass-payment reports, several at once");
            onWillStart(async () => {
                this.mayImport = await mayImport();
            });
        }

        onDragStart(ev) {
            if (this.mayImport) {
                super.onDragStart(ev);
            }
        }

        /** Text files are not pasted. */
        onPaste() {}
    };

registry.category("views").add("bss_bank_file_list", {
    ...fileUploadListView,
    Controller: withUploadButton(FileUploadListController),
    Renderer: withDropZone(FileUploadListRenderer),
});
registry.category("views").add("bss_bank_file_kanban", {
    ...fileUploadKanbanView,
    Controller: withUploadButton(FileUploadKanbanController),
    Renderer: withDropZone(FileUploadKanbanRenderer),
});
