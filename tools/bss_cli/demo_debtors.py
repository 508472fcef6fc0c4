"""Who of the demo operator's customers pays late, and how each of them behaves once he is reminded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MONTHS = 4  # bills before the cycle's own


@dataclass(frozen=True)
class Role:
    """``since``: the first bill that he leaves unpaid, 0 for the oldest; ``kind``: of the customer.

    ``pays_after``: code of the step after which he pays all; empty: his part of the story says when he does, if ever.
    ``sms``: his account is on the ladder that begins with a friendly SMS.
    """

    name: str
    since: int
    kind: str = "consumer"
    pays_after: str = ""
    sms: bool = False
    every: int = 1  # he is late with each first of so many bills
    until: int = 99  # with later ones he is in time


STORIES = (
    Role("suspended", 0),
    Role("resumed", 0),
    Role("unrestricted", 1),
    Role("restricted", 2),
    Role("noticed", 3),
    Role("promised", 2),
    Role("promise_kept", 1),
    Role("promise_broken", 2),
    Role("instalments", 0, until=2),
    Role("complaining", 3),
    Role("answered", 2),
    Role("disputing", 2, "company"),
    Role("interest", 1, "company"),
    Role("writeoff", 0),
)
HABITS = (
    Role("after the SMS", 0, pays_after="sms", sms=True),
    Role("after the SMS, now and then", 1, pays_after="sms", sms=True, every=2),
    Role("after the second SMS", 0, pays_after="sms-again", sms=True),
    Role("after the reminder", 0, pays_after="reminder"),
    Role("after the reminder, now and then", 1, pays_after="reminder", every=2),
    Role("firm after the reminder", 0, "company", pays_after="reminder"),
    Role("firm after the demand", 1, "sole_trader", pays_after="demand"),
    Role("after the demand", 0, pays_after="demand", every=2),
    Role("after the call", 1, pays_after="call", every=2),
    Role("after the notice", 1, pays_after="n1", every=4),
)
#: these never pay within the story, so that their bill of the cycle stays open too
NEVER_PAY = frozenset(role.name for role in STORIES) - {"resumed", "unrestricted", "promise_kept"}


class Debtors:
    """The accounts that play the roles; the same ones whenever the demo is made."""

    def __init__(self, roles: dict[Role, Any]) -> None:
        self.roles = roles
        self._role_of = {account.id: role for role, account in roles.items()}

    @classmethod
    def choose(cls, env: Any, first_bill: Any) -> Debtors:
        """Customers of the first bill who have a service that can be blocked, each for one role."""
        services = env["bss.service"].search(
            [("state", "=", "active"), ("date_start", "<", first_bill), ("company_id", "=", env.company.id)], order="id"
        )
        free = list(services.account_id.sorted("id"))
        roles = {}
        for role in (*STORIES, *HABITS):
            account = next((one for one in free if one.customer_kind == role.kind), None)
            if account is not None:
                free.remove(account)
                roles[role] = account
        return cls(roles)

    def account(self, name: str) -> Any:
        """The account of a story, None in a base too small for it."""
        return next((account for role, account in self.roles.items() if role.name == name), None)

    def role_of(self, account: Any) -> Role | None:
        return self._role_of.get(account.id)

    def is_late(self, account: Any, bill: int) -> bool:
        """Whether he leaves this bill (0 the oldest) unpaid when it is due."""
        role = self.role_of(account)
        return role is not None and role.since <= bill <= role.until and (bill - role.since) % role.every == 0

    def not_in_statement(self) -> Iterable[int]:
        """Accounts whose later bills the bank statement does not pay either, and those who wait for a message again."""
        return [account.id for role, account in self.roles.items() if role.name in NEVER_PAY or role.sms]

    def on_sms_ladder(self) -> Iterable[Any]:
        return [account for role, account in self.roles.items() if role.sms]
