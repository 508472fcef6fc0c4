"""A step of a ladder as its designer sees it."""

from __future__ import annotations

from dataclasses import dataclass

from ..law.service_chain import ChainStep

SERVICE_STEPS = {"restrict": ChainStep.RESTRICT, "suspend": ChainStep.SUSPEND, "terminate": ChainStep.TERMINATE}
NOTICE_STEPS = {
    "n1": ChainStep.NOTICE_RESTRICT,
    "n2": ChainStep.NOTICE_SUSPEND,
    "n3": ChainStep.NOTICE_TERMINATE,
    "persistent": ChainStep.NOTICE_PERSISTENT,
}


@dataclass(frozen=True)
class Rung:
    """One step: when, how, and which notice of the law it is."""

    key: int
    code: str
    channel: str
    notice: str = ""
    days_after_due: int = 0
    days_after_previous: int = 0
    repeat_count: int = 1
    repeat_days: int = 1
    working_days_only: bool = False
    text: str = ""

    @property
    def chain_step(self) -> ChainStep | None:
        """What it is in the chain of the law, None outside of it."""
        return SERVICE_STEPS.get(self.channel) or NOTICE_STEPS.get(self.notice)
