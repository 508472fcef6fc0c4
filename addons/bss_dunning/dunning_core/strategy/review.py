"""What is wrong with a ladder before anybody stands on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from ..law.service_chain import ChainTerms
from .rung import Rung

# words without which a letter is no notice of art. 382; stems, because Polish inflects
NOTICE_WORDS = {"n1": "ogranicz", "n2": "zawies", "n3": "rozwią", "persistent": "zawies"}
ALWAYS = ("art. 382", "doręcz")


class Fault(Enum):
    """Kinds of warnings."""

    RESTRICT_WITHOUT_N1 = "restrict_without_n1"
    SUSPEND_WITHOUT_NOTICE = "suspend_without_notice"
    TERMINATE_WITHOUT_N3 = "terminate_without_n3"
    N2_WITHOUT_RESTRICT = "n2_without_restrict"
    N3_WITHOUT_SUSPEND = "n3_without_suspend"
    WORDING = "wording"
    DAY_BEFORE = "day_before"


@dataclass(frozen=True)
class Caution:
    """One thing to mend in one step."""

    fault: Fault
    rung: Rung
    missing: tuple[str, ...] = ()


def review(rungs: Sequence[Rung], terms: ChainTerms | None) -> tuple[Caution, ...]:
    """Warnings in the order of the ladder."""
    found: list[Caution] = []
    seen: list[Rung] = []
    for rung in rungs:
        fault = _out_of_order(rung, seen)
        if fault is not None:
            found.append(Caution(fault, rung))
        if rung.notice:
            missing = wording_gaps(rung.text, rung.notice, terms)
            if missing:
                found.append(Caution(Fault.WORDING, rung, missing))
        if seen and rung.days_after_due < seen[-1].days_after_due:
            found.append(Caution(Fault.DAY_BEFORE, rung))
        seen.append(rung)
    return tuple(found)


def wording_gaps(text: str, notice: str, terms: ChainTerms | None) -> tuple[str, ...]:
    """What the statutory wording of a notice lacks, in the words to be put in."""
    wanted = [*ALWAYS, NOTICE_WORDS[notice]]
    if terms is not None:
        days = {
            "n1": terms.pay_after_n1,
            "n2": terms.pay_after_n2,
            "n3": terms.pay_after_n3,
            "persistent": terms.pay_after_persistent,
        }[notice]
        wanted.append(f"{days} dni")
    have = " ".join(text.lower().split())
    return tuple(word for word in wanted if word not in have)


def _out_of_order(rung: Rung, seen: Sequence[Rung]) -> Fault | None:
    notices = {one.notice for one in seen}
    channels = {one.channel for one in seen}
    if rung.channel == "restrict":
        return None if "n1" in notices else Fault.RESTRICT_WITHOUT_N1
    if rung.channel == "suspend":
        return None if notices & {"n2", "persistent"} else Fault.SUSPEND_WITHOUT_NOTICE
    if rung.channel == "terminate":
        return None if "n3" in notices else Fault.TERMINATE_WITHOUT_N3
    if rung.notice == "n2":
        return None if "restrict" in channels else Fault.N2_WITHOUT_RESTRICT
    if rung.notice == "n3":
        return None if "suspend" in channels else Fault.N3_WITHOUT_SUSPEND
    return None
