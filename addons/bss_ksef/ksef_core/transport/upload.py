"""Upload of the parts of a package to the links that KSeF gave: several at once, each by itself, in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from threading import Event

from .gate import Gate
from .package import Package, Part
from .result import Failure, Fault
from .session import UploadSlot

PARALLEL = 4  # connections; uploads are not counted by KSeF's limits


def upload(
    gate: Gate,
    slots: Iterable[UploadSlot],
    package: Package,
    *,
    done: Callable[[int], None] | None = None,
    parallel: int = PARALLEL,
) -> None | Failure:
    """PUT of each part that has a slot to its own link, with exactly the given headers and without our token.

    `done(ordinal)` is called in the caller's thread as soon as a part has arrived. After the first failure no further
    part is begun; what is on its way is finished. The same part may be sent again: KSeF replaces it.
    """
    parts = {part.ordinal: part for part in package.parts}
    wanted = list(slots)
    strange = [slot.ordinal for slot in wanted if slot.ordinal not in parts]
    if strange:
        return Failure(Fault.BROKEN, f"an upload link for part {strange[0]}, which the package does not have")
    stop = Event()
    first: Failure | None = None
    with ThreadPoolExecutor(parallel, thread_name_prefix="ksef-upload") as pool:
        running = {pool.submit(_put, gate, slot, parts[slot.ordinal], stop): slot.ordinal for slot in wanted}
        for future in as_completed(running):
            result = future.result()
            if isinstance(result, Failure):
                first = first or result
            elif result and done:
                done(running[future])
    return first


def _put(gate: Gate, slot: UploadSlot, part: Part, stop: Event) -> bool | Failure:
    """True when the part arrived, False when it was not begun."""
    if stop.is_set():
        return False
    headers = {**slot.headers, "Content-Length": str(part.size)}
    answer = gate.raw(slot.method, slot.url, content=part, headers=headers)
    if isinstance(answer, Failure):
        stop.set()
        return answer
    return True
