"""Holds of cases: put on, released, expired; the state of the case follows its active holds."""

from odoo import fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..planning.arrays import ids
from .bss_dunning_hold import DOCUMENT_KINDS, PERSONAL_KINDS, RULED_KINDS

SHADOW = ["state", "hold_until", "hold_reason"]


class BssDunningCaseHold(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    hold_ids = fields.One2many("bss.dunning.hold", "case_id", string="Holds", readonly=True)
    active_hold_ids = fields.One2many(
        "bss.dunning.hold", "case_id", string="Active Holds", readonly=True, domain=[("state", "=", "active")]
    )

    # Buttons

    def action_hold(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_hold_action")
        action["context"] = {"default_case_ids": self.ids}
        return action

    def action_release(self):
        """End whatever stops the whole case; documents in dispute or in instalments stay withheld."""
        self.check_access("write")
        holds = self.sudo().active_hold_ids.filtered(lambda hold: hold.scope == "case")
        holds._bss_end("released")

    def _bss_disputed_of(self, lines):
        """What active disputes withhold of these receivables, at most what is left of each."""
        disputes = self.active_hold_ids.filtered(lambda hold: hold.kind == "dispute")
        held = disputes.line_ids.filtered(lambda line: line.move_line_id in lines)
        return sum(min(line.amount, line.amount_residual) for line in held)

    # Putting on hold

    def _bss_hold(self, until, reason, kind="manual", lines=None):
        """The one way in which holds begin. A new hold takes the place of the case's older one of the same kind.

        Bankruptcy and death are the customer's: his other open cases are held as well, new ones from their beginning.

        :param until: last day, empty: until released
        :param lines: for disputes and instalments: ``account.move.line`` records (all that is left of them) or
            ``{account.move.line: amount}``; without, everything open of the case
        :return: the holds, one for each case that is not closed
        """
        self.check_access("write")
        cases = self.sudo().filtered(lambda case: case.state != "closed")
        if kind in PERSONAL_KINDS:
            cases |= cases._bss_of_same_customers()
        if kind not in DOCUMENT_KINDS:
            before = cases.active_hold_ids.filtered(lambda hold: hold.kind == kind and hold.kind not in RULED_KINDS)
            before.write({"state": "released", "date_ended": polish_day.today()})
        holds = (
            self.env["bss.dunning.hold"]
            .sudo()
            .create(
                [
                    {
                        "case_id": case.id,
                        "kind": kind,
                        "date_until": until,
                        "reason": reason,
                        "user_id": self.env.uid,
                        "line_ids": case._bss_hold_lines(kind, lines),
                    }
                    for case in cases
                ]
            )
        )
        cases._bss_log_holds(holds)
        stopped = cases if kind not in DOCUMENT_KINDS else cases.browse()
        stopped.action_ids._bss_withdraw_calls()
        cases._bss_apply_holds()
        cases._bss_replan()
        return holds

    def _bss_of_same_customers(self):
        """Open cases of all accounts of the customers of these cases."""
        found = self.browse()
        for company, cases in self.grouped("company_id").items():
            found |= self.search(
                [
                    ("state", "!=", "closed"),
                    ("company_id", "=", company.id),
                    ("partner_id.commercial_partner_id", "in", cases.partner_id.commercial_partner_id.ids),
                ]
            )
        return found

    def _bss_hold_lines(self, kind, lines):
        """Commands for what is withheld of the documents of this case."""
        if kind not in DOCUMENT_KINDS:
            return []
        if lines is None:
            lines = self.line_ids
        amounts = lines if isinstance(lines, dict) else {line: line.amount_residual for line in lines}
        if not amounts:
            raise UserError(self.env._("%(case)s: there is no open document to withhold.", case=self.name))
        return [
            fields.Command.create({"move_line_id": line.id, "amount": float(amount)})
            for line, amount in amounts.items()
            if amount
        ]

    def _bss_log_holds(self, holds):
        kinds = dict(self.env["bss.dunning.hold"]._fields["kind"]._description_selection(self.env))
        self.browse(holds.case_id.ids).sudo()._message_log_batch(
            bodies={
                hold.case_id.id: self.env._(
                    "On hold (%(kind)s): %(reason)s", kind=kinds[hold.kind], reason=hold.reason or ""
                )
                for hold in holds
            }
        )

    def _bss_is_held(self, as_of):
        self.ensure_one()
        return self.state == "hold" and (not self.hold_until or as_of <= self.hold_until)

    # The state of cases, out of their active holds, in one pass

    def _bss_apply_holds(self):
        """Make state, last day and reason of open cases what their active holds say.

        :return: the cases that changed
        """
        if not self:
            return self
        self.env["bss.dunning.hold"].flush_model()
        self.flush_model(SHADOW)
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE bss_dunning_case dunning
                   SET state = CASE WHEN held.case_id IS NULL THEN 'open' ELSE 'hold' END,
                       hold_until = held.date_until, hold_reason = held.reason,
                       write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
                  FROM unnest(%(ids)s) AS wanted(id)
                  LEFT JOIN (
                        SELECT DISTINCT ON (hold.case_id) hold.case_id, hold.date_until, hold.reason
                          FROM bss_dunning_hold hold
                         WHERE hold.case_id = ANY(%(ids)s) AND hold.state = 'active' AND hold.scope = 'case'
                         ORDER BY hold.case_id, hold.date_until DESC NULLS FIRST, hold.id DESC
                       ) held ON held.case_id = wanted.id
                 WHERE dunning.id = wanted.id AND dunning.state != 'closed'
                   AND (dunning.state, dunning.hold_until, dunning.hold_reason) IS DISTINCT FROM (
                        CASE WHEN held.case_id IS NULL THEN 'open' ELSE 'hold' END, held.date_until, held.reason)
                RETURNING dunning.id
                """,
                uid=self.env.uid,
                ids=ids(self.ids),
            )
        )
        changed = self.browse(row[0] for row in rows)
        changed.invalidate_recordset(SHADOW, flush=False)
        changed.modified(SHADOW)
        return changed

    def _bss_release_expired(self, as_of):
        """Holds that are over end by themselves; promises and plans are decided by their own rules.

        :return: the cases that go on
        """
        if not self:
            return self
        holds = self.env["bss.dunning.hold"].sudo()
        holds.flush_model()
        self.env["bss.dunning.hold.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                WITH over AS (
                    UPDATE bss_dunning_hold
                       SET state = 'expired', date_ended = date_until,
                           write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
                     WHERE state = 'active' AND date_until < %(as_of)s AND kind != ALL(%(ruled)s)
                       AND case_id = ANY(%(ids)s)
                    RETURNING id, case_id
                ), documents AS (
                    UPDATE bss_dunning_hold_line line SET state = 'expired' FROM over WHERE line.hold_id = over.id
                )
                SELECT DISTINCT case_id FROM over
                """,
                uid=self.env.uid,
                as_of=as_of,
                ruled=list(RULED_KINDS),
                ids=ids(self.ids),
            )
        )
        if rows:
            holds.invalidate_model()
            self.env["bss.dunning.hold.line"].invalidate_model()
        return self.sudo().browse(row[0] for row in rows)._bss_apply_holds()

    # Closing and opening: facts about the customer go on with his next case

    def _bss_close(self, as_of, reason):
        result = super()._bss_close(as_of, reason)
        if reason == "paid":
            manual = self.sudo().active_hold_ids.filtered(lambda hold: hold.kind == "manual")
            manual.write({"state": "released", "date_ended": as_of})
        return result

    def _bss_open_new(self, *args, **kwargs):
        opened = super()._bss_open_new(*args, **kwargs)
        opened._bss_inherit_holds()
        return opened

    def _bss_reopen(self, as_of):
        result = super()._bss_reopen(as_of)
        self._bss_inherit_personal()
        return result

    def _bss_inherit_holds(self):
        """Active holds of the closed cases of the same accounts are those of the new cases from now on."""
        if not self:
            return
        holds = self.env["bss.dunning.hold"].sudo()
        holds.flush_model()
        self.flush_model(["account_id", "state"])
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE bss_dunning_hold hold
                   SET case_id = fresh.id
                  FROM bss_dunning_case fresh
                 WHERE fresh.id = ANY(%s) AND hold.account_id = fresh.account_id AND hold.state = 'active'
                   AND hold.case_id != fresh.id
                RETURNING hold.id
                """,
                ids(self.ids),
            )
        )
        if rows:
            holds.invalidate_model(["case_id"])
            holds.browse(row[0] for row in rows).modified(["case_id"])  # promises and plans go with their holds
            self.invalidate_model(["hold_ids", "active_hold_ids"])
            self._bss_apply_holds()
        self._bss_inherit_personal()

    def _bss_inherit_personal(self):
        """What is recorded of the customers with other accounts of theirs stops these cases, too."""
        if not self:
            return
        holds = self.env["bss.dunning.hold"].sudo()
        holds.flush_model()
        self.flush_model(["account_id", "partner_id", "company_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (fresh.id, hold.kind) fresh.id, hold.id
                  FROM bss_dunning_hold hold
                  JOIN bss_account told ON told.id = hold.account_id
                  JOIN res_partner teller ON teller.id = told.partner_id
                  JOIN res_partner customer ON customer.commercial_partner_id = teller.commercial_partner_id
                  JOIN bss_dunning_case fresh ON fresh.partner_id = customer.id AND fresh.company_id = hold.company_id
                 WHERE fresh.id = ANY(%s) AND hold.state = 'active' AND hold.kind = ANY(%s)
                   AND NOT EXISTS (
                       SELECT 1 FROM bss_dunning_hold own
                        WHERE own.case_id = fresh.id AND own.state = 'active' AND own.kind = hold.kind)
                 ORDER BY fresh.id, hold.kind, hold.date_until DESC NULLS FIRST, hold.id DESC
                """,
                ids(self.ids),
                list(PERSONAL_KINDS),
            )
        )
        if not rows:
            return
        copied = ("kind", "date_from", "date_until", "reason")
        known = [(case_id, holds.browse(hold_id)) for case_id, hold_id in rows]
        made = holds.create(
            [
                {"case_id": case_id, "user_id": hold.user_id.id, **{name: hold[name] for name in copied}}
                for case_id, hold in known
            ]
        )
        self.invalidate_model(["hold_ids", "active_hold_ids"])
        made.case_id._bss_log_holds(made)
        made.case_id._bss_apply_holds()
