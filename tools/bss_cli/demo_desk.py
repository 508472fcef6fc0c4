"""What the collectors of the demo operator did with the cases of its stories, each on its day."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any

from .demo_debtors import Debtors

_logger = logging.getLogger(__name__)
# results of calls, by the name of the story; whoever is not here was reached and promised nothing
CALLED = {
    "suspended": ("refuse", "Twierdzi, że nie ma z czego zapłacić."),
    "writeoff": ("wrong_number", "Numer należy do kogoś innego."),
    "restricted": ("no_answer", ""),
    "noticed": ("no_answer", ""),
    "promise_broken": ("reached", "Prosi o kontakt po wypłacie."),
}
REACHED = ("reached", "Zna zaległość, sprawdzi przelewy.")
CALLS_UNTIL = 6  # calls of the last days are still to be made


class Desk:
    """Chapters are told once, as soon as no more than so many days are left to the end of the story."""

    def __init__(self, env: Any, debtors: Debtors, end: date) -> None:
        self.env = env
        self.debtors = debtors
        self.end = end
        self.told: set[str] = set()
        self.collector = self._collector()

    def _collector(self) -> Any:
        users = self.env["res.users"].with_context(no_reset_password=True)
        return users.create(
            {
                "name": "Dział windykacji",
                "login": "windykacja",
                "email": "windykacja@operator.example",
                "lang": "pl_PL",
                "tz": "Europe/Warsaw",
                "company_id": self.env.company.id,
                "company_ids": [(6, 0, self.env.company.ids)],
                "group_ids": [
                    (4, self.env.ref("base.group_user").id),
                    (4, self.env.ref("bss_catalog.group_bss_collector").id),
                ],
            }
        )

    def before_the_run(self, day: date) -> None:
        """Money that comes in by agreement or at last."""
        for name, left in (("resumed", 24), ("unrestricted", 6)):
            self._tell(name, left, day, lambda case: self.pay(case.account_id, case.line_ids, day - timedelta(days=1)))
        self._promise_is_kept(day)
        self._instalments_come_in(day)

    def after_the_run(self, day: date) -> None:
        chapters: tuple[tuple[str, int, Callable[[Any], None]], ...] = (
            ("instalments", 36, self._agree_on_instalments),
            ("promise_kept", 50, lambda case: self._promise(case, day, "Wypłata dziesiątego, zapłaci całość.")),
            ("promise_broken", 36, lambda case: self._promise(case, day, "Zapłaci po powrocie z zagranicy.")),
            ("answered", 45, lambda case: self._complain(case, day, "Naliczone połączenia, których nie było")),
            ("answered: rejected", 31, self._reject_complaint),
            ("disputing", 30, self._dispute),
            ("interest", 20, self._issue_notes),
            ("complaining", 9, lambda case: self._complain(case, day, "Opłata za usługę, która nie działała")),
            ("writeoff", 7, self._ask_for_writeoff),
        )
        for name, left, chapter in chapters:
            self._tell(name, left, day, chapter)
        self._record_calls(day)
        self._share_cases()

    def this_morning(self, today: date) -> None:
        """An open promise, calls to make, letters at the print house, the figures of the last day."""
        made = today - timedelta(days=4)
        self._tell("promised", 0, self.end, lambda case: self._promise(case, made, "Zapłaci w dniu wypłaty."))
        for name in ("noticed", "promise_broken", "restricted"):
            account = self.debtors.account(name)
            if account and account.dunning_case_id:
                self._by(self.env.ref("base.user_admin"), account.dunning_case_id).action_plan_call()
        self._hand_letters_over()
        # not of today, which may be weeks after the last bill of the story
        figures = self.env["bss.dunning.kpi"]
        figures._bss_snapshot(self.env.company, self.end)
        figures._bss_refresh(self.env.company, self.end)

    def _hand_letters_over(self) -> None:
        batch = self.env["bss.dunning.print.batch"].create({})
        batch._bss_build()
        if batch.letter_count:
            batch.action_hand_over()

    def _tell(self, name: str, left: int, day: date, chapter: Callable[[Any], None]) -> None:
        from odoo.exceptions import UserError

        if name in self.told or (self.end - day).days > left:
            return
        account = self.debtors.account(name.split(":")[0])
        case = account.dunning_case_id if account else None
        if not case:
            return
        try:
            with self.env.cr.savepoint():
                chapter(case)
        except UserError as refusal:  # the rules of the company say not this week: it is tried in the next one
            _logger.info("%s of the demo: %s", name, refusal)
            return
        self.told.add(name)

    # Money

    def pay(self, account: Any, lines: Any, day: date, amount: float = 0.0) -> None:
        """A transfer of a customer for these documents, the oldest first; without an amount for all that is open."""
        lines = lines.filtered(lambda line: not line.reconciled and line.amount_residual > 0)
        amount = amount or round(sum(lines.mapped("amount_residual")), 2)
        if not lines or not amount:
            return
        pool = self.env["bss.virtual.account.pool"].search([("company_id", "=", self.env.company.id)], limit=1)
        payer = {"partner_id": account.partner_id.commercial_partner_id.id, "name": f"Wpłata {account.name}"}
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": pool.journal_id.id,
                "date": day,
                "ref": f"Przelew {account.name}",
                "bss_account_id": account.id,
                "line_ids": [
                    (0, 0, {**payer, "account_id": pool.journal_id.default_account_id.id, "debit": amount}),
                    (0, 0, {**payer, "account_id": lines[0].account_id.id, "credit": amount}),
                ],
            }
        )
        entry.action_post()
        credit = entry.line_ids.filtered("credit")
        credit.bss_account_id = account
        (credit | lines).reconcile()
        self.env.cr.precommit.run()  # cases follow the money when the transaction ends; here that is now

    def _promise(self, case: Any, day: date, words: str) -> None:
        self._by(self.collector, case)._bss_promise(case.amount_demanded, day + timedelta(days=10), "phone", words)

    def _by(self, user: Any, records: Any) -> Any:
        """The records in the hands of a person, with that person's rights."""
        return records.with_user(user).with_company(self.env.company)

    def _promise_is_kept(self, day: date) -> None:
        account = self.debtors.account("promise_kept")
        promise = account.dunning_case_id.promise_ids.filtered(lambda one: one.state == "open") if account else None
        if promise and promise.date_made < day:
            self.pay(account, promise.case_id.line_ids, min(day - timedelta(days=1), promise.date))

    def _agree_on_instalments(self, case: Any) -> None:
        from odoo import fields
        from odoo.addons.bss_dunning.dunning_core.policy.instalment import PlanWish

        today = fields.Date.today()
        total = Decimal(str(round(sum(case._bss_instalment_lines().values()), 2)))
        count = max(2, min(6, int(total // 60)))
        first = today + timedelta(days=14)
        wish = PlanWish(made=today, total=total, count=count, first=first, monthly_day=min(first.day, 28))
        plan = self._by(self.collector, case)._bss_instalment_plan(
            wish, note="Ugoda zawarta w salonie, dłużnik uznał dług."
        )
        plan.action_sign()

    def _instalments_come_in(self, day: date) -> None:
        """Each in time, as are the bills that the plan does not hold; what falls due after the story is left open."""
        account = self.debtors.account("instalments")
        plan = account.dunning_case_ids.plan_ids.filtered(lambda one: one.state == "active") if account else None
        if not plan:
            return
        before = min(day + timedelta(days=7), self.end)
        agreed = plan.document_line_ids.move_line_id
        if plan.date_next and plan.date_next < before:
            self.pay(account, agreed, day - timedelta(days=1), round(plan.amount_next, 2))
        others = self.env["account.move.line"].search(
            [
                ("bss_account_id", "=", account.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("date_maturity", "<", before),
            ]
        )
        self.pay(account, others - agreed, day - timedelta(days=1))

    # Complaints, disputes

    def _complain(self, case: Any, day: date, subject: str) -> None:
        line = case.line_ids[-1:]
        complaint = self.env["bss.complaint"].create(
            {
                "account_id": case.account_id.id,
                "kind": "billing",
                "subject": subject,
                "description": "Klient kwestionuje ostatnią fakturę i prosi o jej korektę.",
                "channel": "email",
                "received_on": day - timedelta(days=2),
                "user_id": self.collector.id,
                "line_ids": [(0, 0, {"move_line_id": line.id, "amount": round(line.amount_residual / 2, 2)})],
            }
        )
        complaint.action_confirm()

    def _reject_complaint(self, case: Any) -> None:
        complaint = self.env["bss.complaint"].search([("account_id", "=", case.account_id.id)], limit=1)
        complaint.write(
            {
                "decision": "rejected",
                "decision_text": "Billing potwierdza wykonanie wszystkich zakwestionowanych połączeń z Państwa numeru.",
            }
        )
        complaint.action_answer()

    def _dispute(self, case: Any) -> None:
        line = case.line_ids[:1]
        words = "Spór o protokół odbioru łącza, w wyjaśnieniu u opiekuna klienta"
        case._bss_hold(False, words, kind="dispute", lines={line: round(line.amount_residual / 2, 2)})

    # Notes and write-offs

    def _issue_notes(self, case: Any) -> None:
        for action in (case.action_interest_note(), case.action_compensation_note()):
            self.env["bss.dunning.note"].browse(action["res_id"]).action_issue()

    def _ask_for_writeoff(self, case: Any) -> None:
        """Above the limit of a collector: it waits for somebody who may."""
        from odoo import fields

        self._by(self.collector, self.env["bss.dunning.writeoff"]).create(
            {
                "account_id": case.account_id.id,
                "date": fields.Date.today(),
                "reason_id": self.env.ref("bss_dunning.writeoff_reason_enforcement").id,
                "line_ids": [
                    (0, 0, vals) for vals in self.env["bss.dunning.writeoff"]._bss_default_lines(case.account_id)
                ],
            }
        ).action_confirm()

    # Calls and the desk itself

    def _record_calls(self, day: date) -> None:
        from odoo import fields
        from odoo.addons.bss_dunning.dunning_core.contact.results import CallResult

        if (self.end - day).days <= CALLS_UNTIL:
            return
        now = fields.Datetime.now()
        for call in self.env["bss.dunning.call"].search([("state", "=", "open"), ("next_at", "<=", now)]):
            role = self.debtors.role_of(call.account_id)
            result, words = CALLED.get(role.name if role else "", REACHED)
            call._bss_record(
                CallResult(
                    call.id,
                    call._bss_next_number(),
                    result,
                    now.replace(tzinfo=UTC),
                    phone=call.phone or "",
                    minutes=Decimal("0.5") if result == "no_answer" else Decimal("3.5"),
                    note=words,
                )
            )

    def _share_cases(self) -> None:
        """Two thirds of the cases have an owner, in turn the administrator and the collector."""
        admin = self.env.ref("base.user_admin")
        for case in self.env["bss.dunning.case"].search([("state", "!=", "closed"), ("user_id", "=", False)]):
            owner = (admin, self.collector, None)[case.id % 3]
            if owner:
                case.user_id = owner
