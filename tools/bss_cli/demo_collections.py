"""The months in which the demo operator collected what was late: a run every week, and what its desk did in between.

The outside world is played here: customers pay after the step that moves them, the post delivers, the network obeys,
an operator of text messages takes them. Everything else is done by the addons' own methods, under the date of its day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from . import demo_clock, demo_desk
from .demo_debtors import MONTHS, Debtors

WEEK = timedelta(days=7)
POSTED = timedelta(days=4)  # a registered letter is with its reader after so many days
THINKS = timedelta(days=5)  # a customer pays so many days after the step that moves him
APPROVES_UNTIL = timedelta(days=6)  # what came up in the last days still waits for approval
SMS_TOKEN = "demo-sms-token"
SMS_PRICE, MINUTE_PRICE, POSTAGE = 0.085, 0.49, {"plain": 6.10, "registered": 11.40, "receipt": 15.90}
EURO = 4.2613  # a mid rate as good as any for sample notes
Bar = Callable[[int, int], None]


class Collecting:
    """One span of the past, week by week; ``end`` is the last day of the whole story."""

    def __init__(self, env: Any, debtors: Debtors, end: date, operator: Any) -> None:
        self.env = env
        self.debtors = debtors
        self.end = end
        self.operator = operator
        self.desk = demo_desk.Desk(env, debtors, end)

    @property
    def company(self) -> Any:
        return self.env.company

    def work(self, first: date, last: date, bar: Bar) -> None:
        """Every week from ``first`` to ``last``; commits after each."""
        days = list(self._days(first, last))
        for done, day in enumerate(days):
            bar(done, len(days))
            with demo_clock.turned(day):
                self._week(day)
            self.env.cr.commit()
            self.env.invalidate_all()
        bar(len(days), len(days))

    def _days(self, first: date, last: date) -> Iterator[date]:
        """Weekly working days that end on the last one: on free days nobody is called or written to."""
        from odoo.addons.bss_dunning import adapters

        calendar = adapters.free_days(self.env)
        day = last - (last - first) // WEEK * WEEK
        while day <= last:
            yield calendar.last_working_day_before(day + timedelta(days=1))
            day += WEEK

    def _week(self, day: date) -> None:
        self._post_delivers(day)
        self._customers_pay(day)
        self.desk.before_the_run(day)
        self.env.flush_all()
        self.env["bss.dunning.run"].create({"as_of": day})._bss_run(day)
        rules = self.env["bss.dunning.notice.rule"].search([("company_id", "=", self.company.id)])
        rules.filtered(lambda rule: rule.state == "running").action_run()
        self._texts_go_out()
        self._mails_are_sent()
        self.desk.after_the_run(day)
        self._approve(day)
        self._network_obeys(day)
        self.env.flush_all()
        if (day + WEEK).month != day.month:
            self.env["bss.dunning.kpi"]._bss_snapshot(self.company, day)

    # The outside world

    def _post_delivers(self, day: date) -> None:
        """Notices of the law come with a return receipt; one is still on its way."""
        restricted = self.debtors.account("restricted")
        late = self.env["bss.dunning.action"].search(
            [
                ("state", "=", "done"),
                ("step_id.legal_notice", "!=", False),
                ("document_id.delivered_at", "=", False),
                ("date_done", "<=", day - POSTED),
                ("company_id", "=", self.company.id),
            ]
        )
        for action in late:
            if action.account_id == restricted and action.legal_notice != "n1":
                continue
            on = action.date_done + POSTED
            number = f"R 00 {7301:04d} {action.document_id.id:06d}"
            action.document_id._bss_register_delivery(on, "receipt", number)

    def _customers_pay(self, day: date) -> None:
        """Those whom the last step moved; they pay whatever is overdue."""
        for role, account in self.debtors.roles.items():
            case = account.dunning_case_id
            if role.pays_after and case and case.state != "closed":
                moved = case.action_ids.filtered(
                    lambda action, code=role.pays_after: action.state == "done" and action.step_id.code == code
                )
                if moved and moved[:1].date_done + THINKS <= day:
                    self.desk.pay(account, case.line_ids, day - timedelta(days=1))

    def _texts_go_out(self) -> None:
        """The log of messages has transactions of its own: it sees what is committed, and we what it committed."""
        self.env.cr.commit()
        self.env["sms.sms"]._process_queue()
        self.env.cr.commit()
        for message in self.operator.sent:
            message.status = message.status or "DELIVERED"
        self.env["bss.sms.gateway"]._cron_reports()

    def _mails_are_sent(self) -> None:
        """The mail server of the months gone by took them all."""
        self.env["mail.mail"].sudo().search([("state", "=", "outgoing")]).write({"state": "sent"})

    def _approve(self, day: date) -> None:
        """Blocks that the law allows are approved; contracts are not ended, that waits for the manager."""
        waiting = self.env["bss.dunning.action"].search(
            [("state", "=", "planned"), ("by_hand", "=", True), ("activity_id", "=", False)]
        )
        if day <= self.end - APPROVES_UNTIL:
            waiting.filtered(
                lambda action: action.step_id.channel in ("restrict", "suspend") and action.case_id.state == "open"
            ).action_execute()

    def _network_obeys(self, day: date) -> None:
        orders = self.env["bss.service.order"].search(
            [("cause", "=", "debt"), ("state", "in", ("draft", "queued", "sent")), ("company_id", "=", self.company.id)]
        )
        orders._bss_done(response="OK", effective=day)


def prepare(env: Any, debtors: Debtors, first: date, operator: Any) -> None:
    """Prices, rates of the euro, the operator of text messages and the ladder that begins with them."""
    company = env.company
    company.write(
        {
            "bss_call_minute_price": MINUTE_PRICE,
            "bss_dunning_bureau": "Biuro Informacji Gospodarczej Przykład S.A. w Warszawie",
        }
    )
    env["bss.dunning.postage"].create(
        [
            {"date_start": first, "franking": franking, "price": price, "company_id": company.id}
            for franking, price in POSTAGE.items()
        ]
    )
    ladder = env.ref("bss_dunning.strategy_household_sms")
    if ladder.state == "draft":
        ladder.action_activate()
    for account in debtors.on_sms_ladder():
        account.dunning_strategy_id = ladder
    _euro_rates(env, first)
    with demo_clock.turned(first):
        rules = env["bss.dunning.notice.rule"].create(
            [{"company_id": company.id, "way": "email", "min_amount": 50.0, **vals} for vals in _notices(env)]
        )
        rules.action_count()
        rules.action_start()
    env["bss.sms.gateway"].create(
        {
            "name": "SMSAPI (demo)",
            "provider": "smsapi",
            "url": operator.address,
            "token": operator.token,
            "sender": "BSS",
            "company_id": company.id,
            "price_ids": [(0, 0, {"date_start": first, "price": SMS_PRICE})],
        }
    )


def _notices(env: Any) -> list[dict[str, Any]]:
    rules = env["bss.dunning.notice.rule"]

    parts = {"subject": "subject", "email_text": "email", "sms_text": "sms"}

    def words(kind: str) -> dict[str, str]:
        return {"kind": kind, **{name: rules._default_text(kind, part) for name, part in parts.items()}}

    private = "[('customer_kind', '=', 'consumer')]"
    return [
        {"name": "Przypomnienie przed terminem płatności", "days": 7, "domain": private, **words("due")},
        {"name": "Podziękowanie za spłatę zaległości", **words("thanks")},
    ]


def _euro_rates(env: Any, first: date) -> None:
    """Rates of the euro of the last working days of months, which compensation is converted by."""
    from odoo.addons.bss_dunning import adapters

    euro, calendar = env.ref("base.EUR"), adapters.free_days(env)
    day = first.replace(day=1)
    days = []
    for _month in range(MONTHS + 1):
        days.append(calendar.last_working_day_before(day))
        day = (day + timedelta(days=32)).replace(day=1)
    rates = env["res.currency.rate"]
    known = set(rates.search([("currency_id", "=", euro.id), ("company_id", "=", env.company.id)]).mapped("name"))
    rates.create(
        [
            {"currency_id": euro.id, "name": one, "company_id": env.company.id, "inverse_company_rate": EURO}
            for one in days
            if one not in known
        ]
    )


def hang_up(env: Any) -> None:
    """Nobody is at the other end once the story is told: the gateway is archived, with what went through it."""
    env["bss.sms.gateway"].search([("company_id", "=", env.company.id)]).active = False
