"""MT940 beside the mt-940 package, on the same entries; both must see the same money.

Two files: PKO BP (sub-fields) and mBank (labels), every entry with title, name, address, account and virtual payer; the
slower of the two counts. The package splits sub-fields only when they begin with ``?``, so it gets PKO's bytes with the
other sign, and the code page it cannot find out; its options are those without which its results would be wrong: the
sign of reversals, details of any length, the account apart from the name. It checks no account number and no balance,
and keeps no text of the entry; both are part of our figure. mBank's labels it does not cut at all, so only our own speed is
told there: a comparison with a reader that leaves the text as it is would say nothing of either.

The two read in turns, each about as long in a round, and the round in the middle counts: other work on the machine slows both,
but not both at the same moment. Memory is that of a child process which reads 150 MB made while they are read.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from decimal import Decimal

import mt940 as package
from tests.kernels.payments_child import grown

from bank_core.formats import Options, mt940
from bank_core.model import Transaction

from . import payments_files
from .figures import Figure

#: a month of a small operator
ENTRIES = 20_000
#: about 150 MB
LONG = 500_000
ROUNDS = 5
#: our readings in a round take about as long as the package's one
READINGS = 8


def _rate(read: Callable[[], tuple[int, Decimal]], times: int = 1) -> float:
    """Entries per CPU second of some readings."""
    start = time.process_time()
    for _time in range(times):
        count, money = read()
        assert (count, money) == (ENTRIES, payments_files.total(ENTRIES)), "not everything was read"
    return times * ENTRIES / (time.process_time() - start)


def _best(read: Callable[[], tuple[int, Decimal]]) -> float:
    """The best of some rounds: other work on the machine only makes it slower."""
    return max(_rate(read) for _round in range(ROUNDS))


def _compared(
    read: Callable[[], tuple[int, Decimal]], with_package: Callable[[], tuple[int, Decimal]]
) -> tuple[float, float]:
    """(our rate, the package's) of the round whose ratio is the median."""
    rounds = [(_rate(read, READINGS), _rate(with_package)) for _round in range(ROUNDS)]
    return sorted(rounds, key=lambda pair: pair[0] / pair[1])[ROUNDS // 2]


def _ours(data: bytes) -> tuple[int, Decimal]:
    count, money = 0, Decimal(0)
    for event in mt940.read(io.BytesIO(data), Options()):
        if type(event) is Transaction:
            count += 1
            money += event.amount
    return count, money


def _theirs(data: bytes) -> tuple[int, Decimal]:
    right = package.Options(reversal_sign=True, unbounded_details=True, applicant_iban=True)
    rows = list(package.parse(data, encoding="iso-8859-2", options=right))
    assert rows[0].data["purpose"].startswith("ZAPŁATA"), "the package did not split the sub-fields"
    return len(rows), sum((row.data["amount"].amount for row in rows), Decimal(0))


def figures() -> list[Figure]:
    pko = b"".join(payments_files.pko_bp(ENTRIES))
    mbank = b"".join(payments_files.mbank(ENTRIES))
    by_file = {"pko": _best(lambda: _ours(pko)), "mbank": _best(lambda: _ours(mbank))}
    with_other_sign = pko.replace(b"~", b"?")
    ours, package_s = _compared(lambda: _ours(pko), lambda: _theirs(with_other_sign))
    return [
        Figure("mt940_tx_per_cpu_s", min(by_file.values()), "entries/s"),
        *(Figure(f"mt940_{name}_tx_per_cpu_s", value, "entries/s") for name, value in by_file.items()),
        Figure.against("mt940_vs_mt_940_package", ours, "entries/s", package_s),
        Figure("mt940_memory_growth", grown("pko_bp", LONG) / 1024, "MB"),
    ]
