from typing import NamedTuple

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .bss_virtual_account_pool import MAX_NUMBER

_NRB = """lpad((98 - mod((%(prefix)s || lpad(%(number)s, %(width)s, '0') || '252100')::numeric, 97))::text, 2, '0')
          || %(prefix)s || lpad(%(number)s, %(width)s, '0')"""
_INSERT = """INSERT INTO bss_virtual_account
                    (nrb, pool_id, company_id, account_id, is_main, create_uid, write_uid, create_date, write_date)
             SELECT nrb, %(pool)s, %(company)s, id, true, %(uid)s, %(uid)s, %(now)s, %(now)s FROM chosen
          RETURNING id, nrb"""


class Given(NamedTuple):
    """Ids of the virtual accounts made, and [(billing account id, its number)] of those that could not get one."""

    ids: list
    misfits: list


class BssVirtualAccountPool(models.Model):
    _inherit = "bss.virtual.account.pool"

    def _bss_give(self, accounts=None):
        """A number for each billing account without any; one statement, however many there are.

        The pool's row is locked until the commit: two people at once give no number twice.

        :param accounts: billing accounts of the pool's company; without them all active ones
        :return: ``Given``; only account numbers can misfit, a sequence that ends raises
        :raises UserError: the sequence has fewer numbers left than there are accounts
        """
        self.ensure_one()
        self.flush_recordset(["next_number", "prefix", "number_source", "company_id"])
        self.env["bss.account"].flush_model(["name", "company_id", "state"])
        self.env["bss.virtual.account"].flush_model()
        # written, not only locked: who waited here saw the numbers as they were before and has to begin again
        self.env.cr.execute(SQL("UPDATE bss_virtual_account_pool SET write_date = write_date WHERE id = %s", self.id))
        self.invalidate_recordset(["next_number"])
        missing = self._bss_missing_query(accounts)
        given = self._bss_give_numbers_of_accounts(missing) if self.number_source == "account" else None
        given = given or self._bss_give_sequence(missing)
        self.env["bss.virtual.account"].invalidate_model()
        self.invalidate_model(["virtual_account_ids", "virtual_account_count", "missing_count"])
        self.env["bss.account"].invalidate_model(["virtual_account_ids", "payment_nrb", "has_virtual_account"])
        return given

    def _bss_missing_query(self, accounts):
        chosen = (
            SQL("account.state = 'active' AND account.active")
            if accounts is None
            else SQL("account.id = ANY(%s)", list(accounts.ids))
        )
        return SQL(
            """SELECT account.id, account.name FROM bss_account account
                WHERE account.company_id = %s AND %s
                  AND NOT EXISTS (SELECT FROM bss_virtual_account given WHERE given.account_id = account.id)""",
            self.company_id.id,
            chosen,
        )

    def _bss_nrb_query(self, number):
        """SQL of the 26 digits for the payer number ``number`` (SQL of a text)."""
        return SQL(_NRB, prefix=self.prefix, number=number, width=self.payer_length)

    def _bss_insert_query(self):
        return SQL(_INSERT, pool=self.id, company=self.company_id.id, uid=self.env.uid, now=fields.Datetime.now())

    def _bss_give_sequence(self, missing):
        wanted = self.env.execute_query(SQL("SELECT count(*) FROM (%s) missing", missing))[0][0]
        if not wanted:
            return Given([], [])
        # numbers entered by hand (taken over from an older system) lie in the way: so many more are looked at
        taken = self.env.execute_query(
            SQL(
                "SELECT count(*) FROM bss_virtual_account WHERE pool_id = %s AND right(nrb, %s)::bigint >= %s",
                self.id,
                self.payer_length,
                self.next_number,
            )
        )[0][0]
        last = min(self.next_number + wanted + taken, self.capacity) - 1
        rows = self.env.execute_query(
            SQL(
                """
                WITH missing AS (
                    SELECT id, row_number() OVER (ORDER BY id) AS place FROM (%(missing)s) missing
                ), free AS (
                    SELECT nrb, row_number() OVER (ORDER BY number) AS place
                      FROM (SELECT number, %(nrb)s AS nrb
                              FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number) candidate
                     WHERE NOT EXISTS (SELECT FROM bss_virtual_account given WHERE given.nrb = candidate.nrb)
                ), chosen AS (
                    SELECT missing.id, free.nrb FROM missing JOIN free USING (place)
                ), made AS (%(insert)s)
                SELECT array_agg(id), count(*), max(right(nrb, %(width)s)::bigint) FROM made
                """,
                missing=missing,
                nrb=self._bss_nrb_query(SQL("number::text")),
                first=self.next_number,
                last=int(last),
                insert=self._bss_insert_query(),
                width=self.payer_length,
            )
        )
        ids, made, highest = rows[0]
        if made < wanted:
            raise UserError(
                self.env._(
                    "Pool %(name)s is used up: %(left)s numbers are left for %(wanted)s accounts.",
                    name=self.display_name,
                    left=made,
                    wanted=wanted,
                )
            )
        self.next_number = min(highest + 1, MAX_NUMBER)
        self.flush_recordset(["next_number"])
        return Given(ids, [])

    def _bss_give_numbers_of_accounts(self, missing):
        """The digits of the billing account's own number; what does not fit or would come twice is told."""
        rows = self.env.execute_query(
            SQL(
                """
                WITH missing AS (
                    SELECT id, name, regexp_replace(name, '\\D', '', 'g') AS digits FROM (%(missing)s) missing
                ), candidate AS (
                    SELECT id, %(nrb)s AS nrb FROM missing WHERE length(digits) BETWEEN 1 AND %(width)s
                ), chosen AS (
                    SELECT id, nrb FROM (SELECT *, count(*) OVER (PARTITION BY nrb) AS same FROM candidate) candidate
                     WHERE same = 1
                       AND NOT EXISTS (SELECT FROM bss_virtual_account given WHERE given.nrb = candidate.nrb)
                ), made AS (%(insert)s)
                SELECT (SELECT array_agg(id) FROM made),
                       (SELECT array_agg(ARRAY[id::text, name] ORDER BY id) FROM missing
                         WHERE id NOT IN (SELECT id FROM chosen))
                """,
                missing=missing,
                nrb=self._bss_nrb_query(SQL("digits")),
                width=self.payer_length,
                insert=self._bss_insert_query(),
            )
        )
        ids, misfits = rows[0]
        return Given(ids or [], [(int(account), name) for account, name in misfits or []])
