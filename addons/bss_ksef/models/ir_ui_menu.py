from odoo import api, models


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    @api.model
    def _bss_ksef_place_menu(self):
        """Below the BSS application when there is one, else below Invoicing. Called on every install and update."""
        menu = self.env.ref("bss_ksef.menu_ksef_root")
        parent = self.env.ref("bss_catalog.menu_bss_root", raise_if_not_found=False)
        parent = parent or self.env.ref("account.menu_finance")
        if menu.parent_id != parent:
            menu.parent_id = parent
        return True
