"""What a call can come back with besides its answer. A failure is a value: the caller must look at it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    REFUSED = "refused"  # KSeF said no: nothing was done
    UNAUTHORISED = "unauthorised"  # 401/403: log in again, or a right is missing
    LIMITED = "limited"  # 429: nothing was done, ask later
    UNREACHABLE = "unreachable"  # the request did not leave: nothing was done
    LOST = "lost"  # it left, the answer did not come (or was 5xx): may have been done
    BROKEN = "broken"  # an answer outside the contract


@dataclass(frozen=True)
class Failure:
    fault: Fault
    text: str
    status: int = 0
    code: int = 0  # code of the first error in the answer, e.g. 21470
    details: tuple[str, ...] = ()
    retry_after: float | None = None

    def summary(self) -> str:
        """One line for people: code, text and details as KSeF gave them."""
        head = f"[{self.code}] {self.text}" if self.code else self.text
        return "; ".join((head, *self.details))
