"""Which charges go on which invoice to be: the items of a run claim them."""

from odoo import models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from .. import store

# items that keep what they have claimed
BINDING = ("pending", "held")
# items that take no charges any more
CLOSED = ("issued", "cancelled")
# from so many accounts on, statistics of before cost more than new ones
MANY = 500


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_claim_charges(self, account_ids):
        """Pending charges up to the end of the run belong to its items; repeating moves on what became free.

        One item per account, contract or group of services, as the account or its cycle says. What another item
        holds to issue it stays there, whichever run that is in; so nothing is billed twice.
        """
        self.env["bss.charge"].flush_model()
        self.env["bss.service"].flush_model(["invoice_group"])
        self.env["bss.account"].flush_model(["invoice_split", "bill_cycle_id"])
        self.env["bss.bill.cycle"].flush_model(["invoice_split"])
        self.env["bss.bill.run.item"].flush_model()
        if len(account_ids) >= MANY:
            store.refresh_statistics(
                self.env.cr, "bss_charge", ("account_id", "state", "bill_run_id", "bill_run_item_id")
            )
            store.refresh_statistics(self.env.cr, "bss_bill_run_item", ("run_id", "account_id", "group_key", "state"))
        self._bss_stage_free_charges(account_ids)
        store.refresh_statistics(self.env.cr, "bss_claim_stage")
        self._bss_split_items()
        self._bss_point_charges()
        self.env["bss.charge"].invalidate_model(["bill_run_id", "bill_run_item_id"])
        self.env["bss.bill.run.item"].invalidate_model()

    def _bss_stage_free_charges(self, account_ids):
        """Free charges with what tells their invoices apart, in a temporary table."""
        self.env.cr.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS bss_claim_stage"
            " (charge_id int, account_id int, is_split bool, group_key varchar, contract_id int) ON COMMIT DELETE ROWS"
        )
        self.env.cr.execute("DELETE FROM bss_claim_stage")
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO bss_claim_stage
                SELECT charge.id, charge.account_id, split.by != 'account',
                       CASE split.by WHEN 'contract' THEN COALESCE(charge.contract_id::varchar, '')
                                     WHEN 'service_group' THEN COALESCE(service.invoice_group, '')
                                     ELSE '' END,
                       CASE split.by WHEN 'contract' THEN charge.contract_id END
                  FROM bss_charge charge
                  JOIN bss_account account ON account.id = charge.account_id
             LEFT JOIN bss_bill_cycle cycle ON cycle.id = account.bill_cycle_id
             LEFT JOIN bss_service service ON service.id = charge.service_id
            CROSS JOIN LATERAL (SELECT COALESCE(account.invoice_split, cycle.invoice_split, 'account') AS by) split
                 WHERE charge.account_id = ANY(%(accounts)s)
                   AND charge.state = 'pending'
                   AND COALESCE(charge.date_start, charge.date_end, %(until)s) <= %(until)s
                   AND NOT EXISTS (SELECT FROM bss_bill_run_item other
                                    WHERE other.id = charge.bill_run_item_id
                                      AND other.state IN %(binding)s
                                      AND (other.run_id != %(run)s OR NOT %(is_collecting)s))
                """,
                accounts=list(account_ids),
                until=self._bss_claim_until(),
                binding=BINDING,
                run=self.id,
                is_collecting=self.stage == "collect",
            )
        )

    def _bss_split_items(self):
        """An item for each invoice; the account's first one, until now for everything, becomes that of the first."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_bill_run_item item
                   SET group_key = first.group_key, contract_id = first.contract_id
                  FROM (SELECT DISTINCT ON (account_id) account_id, group_key, contract_id
                          FROM bss_claim_stage WHERE group_key != ''
                      ORDER BY account_id, contract_id, group_key) first
                 WHERE item.run_id = %(run)s
                   AND item.account_id = first.account_id
                   AND item.group_key = ''
                   AND item.state NOT IN ('issued', 'cancelled', 'held')
                   AND NOT EXISTS (SELECT FROM bss_bill_run_item other
                                    WHERE other.run_id = %(run)s
                                      AND other.account_id = first.account_id
                                      AND other.group_key = first.group_key)
                """,
                run=self.id,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO bss_bill_run_item
                       (run_id, account_id, group_key, contract_id, company_id, state, create_uid, write_uid,
                        create_date, write_date, charge_count, amount_charges, amount_untaxed, amount_tax,
                        amount_total)
                SELECT DISTINCT %(run)s, stage.account_id, stage.group_key, stage.contract_id, %(company)s, 'pending',
                       %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC', 0, 0, 0, 0, 0
                  FROM bss_claim_stage stage
                 WHERE stage.group_key != '' OR NOT stage.is_split
              ORDER BY stage.account_id, stage.contract_id, stage.group_key
           ON CONFLICT (run_id, account_id, group_key) DO NOTHING
                """,
                run=self.id,
                company=self.company_id.id,
                uid=self.env.uid,
            )
        )

    def _bss_point_charges(self):
        """Charges point at their items; those without a contract or group at the account's first open one.

        A charge whose invoice of this run is issued already, or given up, waits for the next run. One small indexed
        look-up per charge: however wrong the planner is about rows written a moment ago, it is never more.
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_charge charge
                   SET bill_run_id = %(run)s, bill_run_item_id = target.item_id
                  FROM (SELECT stage.charge_id, first.item_id
                          FROM bss_claim_stage stage
                    CROSS JOIN LATERAL (SELECT MIN(item.id) AS item_id FROM bss_bill_run_item item
                                         WHERE item.run_id = %(run)s
                                           AND item.account_id = stage.account_id
                                           AND (item.group_key = stage.group_key
                                                OR stage.group_key = '' AND stage.is_split)
                                           AND item.state NOT IN %(closed)s) first) target
                 WHERE charge.id = target.charge_id
                   AND target.item_id IS NOT NULL
                   AND (charge.bill_run_id, charge.bill_run_item_id) IS DISTINCT FROM (%(run)s, target.item_id)
                """,
                run=self.id,
                closed=CLOSED,
            )
        )

    def _bss_refresh_items(self, account_ids, problems):
        """Counts, sums and states of the items after collecting; ``problems`` {account id: [text]}."""
        items = self.env["bss.bill.run.item"]
        items.flush_model()
        if len(account_ids) >= MANY:
            store.refresh_statistics(self.env.cr, "bss_charge", ("bill_run_item_id", "state"))
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_bill_run_item item
                   SET charge_count = found.charges,
                       amount_charges = found.amount,
                       error = NULL,
                       state = CASE WHEN found.charges = 0 THEN 'empty'
                                    WHEN item.state = 'held' THEN 'held'
                                    ELSE 'pending' END
                  FROM (SELECT own.id, sums.charges, sums.amount
                          FROM bss_bill_run_item own
                    CROSS JOIN LATERAL (SELECT COUNT(*) AS charges, COALESCE(SUM(charge.amount), 0) AS amount
                                          FROM bss_charge charge
                                         WHERE charge.bill_run_item_id = own.id AND charge.state = 'pending') sums
                         WHERE own.run_id = %(run)s AND own.account_id = ANY(%(accounts)s)
                           AND own.state NOT IN %(closed)s) found
                 WHERE item.id = found.id
                """,
                run=self.id,
                accounts=list(account_ids),
                closed=CLOSED,
            )
        )
        items.invalidate_model()
        self.invalidate_recordset()
        if not problems:
            return
        failed = items.search(
            [("run_id", "=", self.id), ("account_id", "in", list(problems)), ("state", "not in", CLOSED)]
        )
        for item in failed:
            item.write({"state": "error", "error": "\n".join(problems[item.account_id.id])})

    # -- small amounts ------------------------------------------------------------------------------

    def _bss_carry_over(self, account_ids):
        """Items below the minimum amount of the cycle wait, with their reason; their charges are free for the next run.

        Not for more bills in a row than the cycle allows, never where an invoice is reduced, and never on what may be
        the last bill: when no service of the account runs any more.
        """
        cycle = self.cycle_id
        if self.kind != "cycle" or not cycle.minimum_amount or not cycle.carry_months:
            return
        rows = self.env.execute_query(
            SQL(
                """
                SELECT item.id, before.bills
                  FROM bss_bill_run_item item
            CROSS JOIN LATERAL (
                       SELECT COUNT(*) AS bills FROM bss_bill_run_item old
                        WHERE old.account_id = item.account_id AND old.group_key = item.group_key
                          AND old.run_id != item.run_id AND old.state = 'carried'
                          AND old.id > COALESCE((SELECT MAX(issued.id) FROM bss_bill_run_item issued
                                                  WHERE issued.account_id = item.account_id
                                                    AND issued.group_key = item.group_key
                                                    AND issued.run_id != item.run_id
                                                    AND issued.state = 'issued'), 0)) before
                 WHERE item.run_id = %(run)s AND item.account_id = ANY(%(accounts)s) AND item.state = 'pending'
                   AND item.amount_charges > 0 AND item.amount_charges < %(minimum)s
                   AND before.bills < %(most)s
                   AND EXISTS (SELECT FROM bss_service service
                                WHERE service.account_id = item.account_id
                                  AND service.state IN ('pending', 'active', 'suspended')
                                  AND (service.date_end IS NULL OR service.date_end > %(end)s))
                   AND NOT EXISTS (SELECT FROM bss_charge charge
                                    JOIN bss_charge origin ON origin.id = charge.origin_charge_id
                                   WHERE charge.bill_run_item_id = item.id AND charge.state = 'pending'
                                     AND charge.amount < 0 AND origin.move_id IS NOT NULL)
                """,
                run=self.id,
                accounts=list(account_ids),
                minimum=cycle.minimum_amount,
                most=cycle.carry_months,
                end=self.date_end,
            )
        )
        by_count = {}
        for item_id, bills in rows:
            by_count.setdefault(bills + 1, []).append(item_id)
        for bills, item_ids in by_count.items():
            text = self.env._(
                "Below the minimum of %(minimum)s: carried over to the next bill (%(count)s of at most %(most)s).",
                minimum=formatLang(self.env, cycle.minimum_amount, currency_obj=self.currency_id),
                count=bills,
                most=cycle.carry_months,
            )
            self.env["bss.bill.run.item"].browse(item_ids).write({"state": "carried", "error": text})

    # -- other runs ---------------------------------------------------------------------------------

    def _bss_tell_other_runs(self, account_ids):
        """Items whose account another running run bills too say so: what that one has claimed is not here."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT item.id, MIN(run.name)
                  FROM bss_bill_run_item item
                  JOIN bss_bill_run_item other
                    ON other.account_id = item.account_id AND other.run_id != item.run_id AND other.state IN %(binding)s
                  JOIN bss_bill_run run ON run.id = other.run_id AND run.state = 'running'
                 WHERE item.run_id = %(run)s
                   AND item.account_id = ANY(%(accounts)s)
                   AND item.state IN ('pending', 'empty')
              GROUP BY item.id
                """,
                run=self.id,
                accounts=list(account_ids),
                binding=BINDING,
            )
        )
        by_run = {}
        for item_id, name in rows:
            by_run.setdefault(name, []).append(item_id)
        for name, item_ids in by_run.items():
            text = self.env._(
                "Bill run %(name)s bills the account at the same time; its charges stay there.", name=name
            )
            self.env["bss.bill.run.item"].browse(item_ids).write({"error": text})
