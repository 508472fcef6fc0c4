"""An expected failure of a document or of a call, as a value: a code with its parameters.

The kernel never writes sentences for people; whoever shows a problem turns the code into words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Problem:
    """One reason why a document cannot be sent.

    code: stable name of the reason, e.g. ``nip_checksum`` or ``xsd_pattern``
    element: path of the FA(3) element, e.g. ``Podmiot2/DaneIdentyfikacyjne/NIP``
    params: values that belong into the sentence
    """

    code: str
    element: str
    params: Mapping[str, str] = field(default_factory=dict)
