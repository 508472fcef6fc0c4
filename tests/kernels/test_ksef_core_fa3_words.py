"""Every problem that the kernel can find has its sentence for people."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.kernels.test_ksef_core_fa3_check import REFUSED, TODAY

from ksef_core import fa3

KERNEL = Path(fa3.__file__).parent
# codes made from names of the schema's rules; those that have no sentence of their own show the rule itself
FACETS = re.compile(r"xsd_|xsd$")


def raised() -> Iterator[str]:
    """First arguments of every `Problem(...)`, and of the helpers that make one."""
    for path in sorted(KERNEL.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("Problem", "_differs")
            ):
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    yield str(code.value)


MESSAGES = (KERNEL.parent.parent / "messages.py").read_text("utf-8")
# code → the text up to the next code
SENTENCES = dict(re.findall(r'^    "([a-z_0-9]+)": (.*?)(?=^    "|^})', MESSAGES, re.MULTILINE | re.DOTALL))


def test_every_problem_has_a_sentence() -> None:
    codes = {code for code in raised() if not FACETS.match(code)}
    assert len(codes) > 40
    assert codes - SENTENCES.keys() == set()


@pytest.mark.parametrize("what", REFUSED)
def test_a_problem_brings_the_values_of_its_sentence(what: str) -> None:
    invoice, expected = REFUSED[what]
    for problem in fa3.check(invoice, TODAY):
        if (problem.code, problem.element) == expected:
            assert set(re.findall(r"%\((\w+)\)s", SENTENCES[problem.code])) <= set(problem.params)
