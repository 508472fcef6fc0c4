from odoo import models

from ..adapters.facts import MATCH_KEY


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    # titles name documents with and without their separators: a batch of payments asks for the keys it holds
    _bss_match_key = models.Index(
        f"(company_id, ({MATCH_KEY.format(column='name')})) WHERE bss_account_id IS NOT NULL AND state = 'posted'"
    )


class BssContract(models.Model):
    _inherit = "bss.contract"

    _bss_match_key = models.Index(f"(({MATCH_KEY.format(column='name')}))")
