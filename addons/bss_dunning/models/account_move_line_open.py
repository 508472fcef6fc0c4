from odoo import models


class AccountMoveLineOpen(models.Model):
    _inherit = "account.move.line"  # pylint: disable=consider-merging-classes-inherited

    # What planning reads of an account: its few open items among all that were ever posted
    _bss_open_index = models.Index(
        "(bss_account_id, date_maturity) WHERE bss_account_id IS NOT NULL AND parent_state = 'posted'"
        " AND reconciled IS NOT TRUE AND amount_residual != 0"
    )
