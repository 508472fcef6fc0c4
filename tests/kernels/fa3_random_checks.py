"""One random invoice through everything that judges it; the seed of a failure makes it again."""

from __future__ import annotations

from tests.kernels.fa3_random import DAY, invoice
from tests.kernels.fa3_reader import faults
from tests.simulators.ksef import invoices

from ksef_core import fa3


def judge(seed: int) -> fa3.Kind:
    """Frozen, balanced on paper, and accepted by the simulator's own schema, character and number checks."""
    made = invoice(seed)
    frozen = fa3.freeze(made, DAY)
    assert isinstance(frozen, fa3.Frozen), f"invoice({seed}): {frozen}"
    assert faults(frozen.xml) == [], f"invoice({seed})"
    facts = invoices.examine(frozen.xml, check_sums=True)
    assert facts.gross == made.total, f"invoice({seed})"
    assert facts.attachment == (made.attachment is not None), f"invoice({seed})"
    return made.kind
