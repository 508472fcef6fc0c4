"""Which strategy takes a new case of an account: one query for all accounts of a company."""

import ast

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..planning.arrays import ids
from .bss_dunning_persistent import AMONG, AS_OF
from .bss_dunning_strategy import CUSTOMER_KINDS


class BssDunningStrategyChoice(models.Model):
    _inherit = "bss.dunning.strategy"  # pylint: disable=consider-merging-classes-inherited

    @api.constrains("domain")
    def _check_domain(self):
        for strategy in self:
            try:
                with self.env.cr.savepoint():
                    self.env["bss.account"].sudo().search(strategy._bss_domain(), limit=1)
            # whatever a wrong condition makes Python, the ORM or PostgreSQL say, the reader needs it as a sentence
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "Strategy %(name)s: its condition on billing accounts cannot be used: %(error)s",
                        name=strategy.name,
                        error=str(error).split("\n")[0],
                    )
                ) from error

    def _bss_domain(self):
        """Condition on billing accounts as a list, empty when there is none."""
        self.ensure_one()
        return ast.literal_eval((self.domain or "").strip() or "[]")

    @api.model
    def _bss_choice_query(self, company, as_of=None, account_ids=None):
        """Strategy of every billing account of a company, if one takes it: set-based, at most one row per account.

        A strategy set on the account wins, in the version that takes cases now; else the first active one that fits
        the kind of customer and the account: the company's own before shared ones, by sequence.

        :param as_of: day as of which the conditions of the strategies are looked at; today without one
        :param account_ids: only these accounts
        :return: SQL of rows (account_id, strategy_id, first_stage_id)
        """
        self.flush_model()
        self.env["bss.dunning.stage"].flush_model()
        self.env["bss.account"].flush_model()
        self.env["res.partner"].flush_model(["bss_customer_kind"])
        among = {AMONG: tuple(account_ids)} if account_ids is not None else {}
        accounts = self.env["bss.account"].sudo().with_company(company).with_context(**{AS_OF: as_of}, **among)
        only = SQL("AND account.id = ANY(%s)", ids(account_ids)) if account_ids is not None else SQL()
        cases = [
            SQL("WHEN %s THEN %s", condition, strategy.id)
            for strategy in self._bss_taking_cases(company)
            if (condition := strategy._bss_fit_sql(accounts)) is not None
        ]
        fitting = SQL("CASE %s END", SQL(" ").join(cases)) if cases else SQL("NULL::int")
        return SQL(
            """
            SELECT choice.account_id, choice.strategy_id, first_stage.id AS first_stage_id
              FROM (SELECT account.id AS account_id, COALESCE(current_version.id, %(fitting)s) AS strategy_id
                      FROM bss_account account
                      LEFT JOIN bss_dunning_strategy wanted ON wanted.id = account.dunning_strategy_id
                      LEFT JOIN bss_dunning_strategy current_version
                             ON current_version.code = wanted.code AND current_version.state = 'active'
                            AND current_version.active
                            AND current_version.company_id IS NOT DISTINCT FROM wanted.company_id
                     WHERE account.company_id = %(company)s %(only)s
                   ) choice
              LEFT JOIN (SELECT DISTINCT ON (strategy_id) strategy_id, id
                           FROM bss_dunning_stage ORDER BY strategy_id, sequence, id
                        ) first_stage ON first_stage.strategy_id = choice.strategy_id
             WHERE choice.strategy_id IS NOT NULL
            """,
            fitting=fitting,
            company=company.id,
            only=only,
        )

    def _bss_fit_sql(self, accounts):
        """Condition in SQL on ``account``, None when the strategy is for nobody."""
        self.ensure_one()
        kinds = [kind for kind in CUSTOMER_KINDS if self[f"for_{kind}"]]
        if not kinds:
            return None
        condition = SQL("account.customer_kind = ANY(%s)", kinds)
        if not self._bss_domain():
            return condition
        found = accounts._search(Domain("company_id", "=", accounts.env.company.id) & Domain(self._bss_domain()))
        return SQL("%s AND account.id IN %s", condition, found.subselect())
