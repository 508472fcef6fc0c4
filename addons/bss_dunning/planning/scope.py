"""Which accounts are looked at: a range of ids of a company, or some of them by name."""

from __future__ import annotations

from dataclasses import dataclass

from odoo.tools import SQL

from .arrays import ids

# accounts of one transaction: some seconds of work, some tens of megabytes
RANGE = 5000


@dataclass(frozen=True)
class Scope:
    """Accounts of a company from ``first`` to ``last``, or exactly ``account_ids``."""

    company_id: int
    first: int = 0
    last: int = 0
    account_ids: tuple[int, ...] | None = None

    @classmethod
    def of_accounts(cls, company_id, account_ids):
        return cls(company_id, account_ids=tuple(sorted(set(account_ids))))

    def condition(self, column):
        """SQL condition on a column that holds the id of an account."""
        if self.account_ids is None:
            return SQL("%s BETWEEN %s AND %s", column, self.first, self.last)
        return SQL("%s = ANY(%s)", column, ids(self.account_ids))


def ranges(env, company_id, size=RANGE):
    """Scopes that hold every account of the company, ``size`` accounts each, in order."""
    env["bss.account"].flush_model(["company_id"])
    rows = env.execute_query(
        SQL(
            """
            SELECT MIN(id), MAX(id)
              FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / %s AS part
                      FROM bss_account WHERE company_id = %s) numbered
             GROUP BY part ORDER BY part
            """,
            size,
            company_id,
        )
    )
    return [Scope(company_id, first, last) for first, last in rows]
