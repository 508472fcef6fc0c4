"""Whom a bill run bills: a cycle, a part of it, or one account."""

from odoo import api, fields, models
from odoo.addons.bss_catalog.adapters import CUSTOMER_KINDS
from odoo.tools import SQL

NARROWING = (*(f"for_{kind}" for kind in CUSTOMER_KINDS), "location_ids", "reseller_id", "account_ids")


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    kind = fields.Selection(
        [("cycle", "Bill cycle"), ("immediate", "Immediate bill"), ("final", "Final bill")],
        required=True,
        default="cycle",
        readonly=True,
        index=True,
        help="An immediate bill takes everything that is due on one account up to a day; a final bill settles an "
        "account whose services have all ended.",
    )
    location_ids = fields.Many2many(
        "bss.location",
        "bss_bill_run_location_rel",
        "run_id",
        "location_id",
        string="Places",
        check_company=True,
        help="Only accounts with a service in these towns, streets or buildings. Empty: everywhere.",
    )
    for_consumer = fields.Boolean(string="Consumers")
    for_sole_trader = fields.Boolean(string="Sole Traders")
    for_company = fields.Boolean(string="Companies")
    for_public = fields.Boolean(string="Public Bodies")
    customer_kinds = fields.Char(
        compute="_compute_customer_kinds", string="Kinds of Customers", help="Codes; empty: every kind."
    )
    reseller_id = fields.Many2one("res.partner", help="Only accounts of this reseller. Empty: all accounts.")
    account_ids = fields.Many2many(
        "bss.account",
        "bss_bill_run_account_rel",
        "run_id",
        "account_id",
        string="Picked Accounts",
        check_company=True,
        domain="[('bill_cycle_id', '=', cycle_id)]",
        help="Only these accounts of the cycle. Empty: all of them.",
    )
    is_whole_cycle = fields.Boolean(
        string="Whole Cycle",
        compute="_compute_is_whole_cycle",
        store=True,
        help="The run bills every account of its cycle; the next period is planned after such runs only.",
    )

    @api.depends(*(f"for_{kind}" for kind in CUSTOMER_KINDS))
    def _compute_customer_kinds(self):
        for run in self:
            run.customer_kinds = ",".join(kind for kind in CUSTOMER_KINDS if run[f"for_{kind}"])

    @api.depends("kind", "is_test", *NARROWING)
    def _compute_is_whole_cycle(self):
        for run in self:
            narrowed = any(run[name] for name in NARROWING)
            run.is_whole_cycle = run.kind == "cycle" and not run.is_test and not narrowed

    def _bss_select_accounts(self):
        """SELECT of id, company_id and name of the accounts that the run bills."""
        self.ensure_one()
        for model in ("bss.account", "bss.service", "bss.charge", "bss.bill.run"):
            self.env[model].flush_model()
        conditions = [
            SQL("account.company_id = %s", self.company_id.id),
            SQL(
                "(account.active AND account.state = 'active' OR EXISTS (SELECT FROM bss_charge charge"
                " WHERE charge.account_id = account.id AND charge.state = 'pending'))"
            ),
        ]
        if self.kind == "cycle":
            conditions.append(SQL("account.active AND account.bill_cycle_id = %s", self.cycle_id.id))
        if self.account_ids or self.kind != "cycle":
            conditions.append(SQL("account.id = ANY(%s)", self.account_ids.ids))
        if self.customer_kinds:
            conditions.append(SQL("account.customer_kind = ANY(%s)", self.customer_kinds.split(",")))
        if self.reseller_id:
            conditions.append(SQL("account.reseller_id = %s", self.reseller_id.id))
        if self.location_ids:
            conditions.append(self._bss_in_places())
        return SQL(
            "SELECT account.id, account.company_id, account.name FROM bss_account account WHERE %s",
            SQL(" AND ").join(conditions),
        )

    def _bss_in_places(self):
        """Condition: a service of the account is in the places of the run or inside them."""
        self.env["bss.location"].flush_model(["parent_path"])
        return SQL(
            """
            EXISTS (SELECT FROM bss_service service
                      JOIN bss_location place ON place.id = service.location_id
                      JOIN bss_location above ON place.parent_path LIKE above.parent_path || '%%'
                     WHERE service.account_id = account.id AND above.id = ANY(%s))
            """,
            self.location_ids.ids,
        )

    def _bss_make_items(self, account_ids=None):
        """One item for each account of the run; accounts already in the run stay. More follow with the charges.

        :param account_ids: only these of them
        """
        items = self.env["bss.bill.run.item"]
        items.flush_model()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO bss_bill_run_item
                       (run_id, account_id, group_key, company_id, state, create_uid, write_uid, create_date,
                        write_date, charge_count, amount_charges, amount_untaxed, amount_tax, amount_total)
                SELECT %(run)s, account.id, '', account.company_id, 'pending', %(uid)s, %(uid)s,
                       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC', 0, 0, 0, 0, 0
                  FROM (%(accounts)s) account
                 WHERE (%(only)s::int[] IS NULL OR account.id = ANY(%(only)s::int[]))
                   AND NOT EXISTS (SELECT FROM bss_bill_run_item item
                                    WHERE item.run_id = %(run)s AND item.account_id = account.id)
              ORDER BY account.name
           ON CONFLICT (run_id, account_id, group_key) DO NOTHING
                """,
                run=self.id,
                accounts=self._bss_select_accounts(),
                only=account_ids,
                uid=self.env.uid,
            )
        )
        items.invalidate_model()
        self.invalidate_recordset(["item_ids"])
