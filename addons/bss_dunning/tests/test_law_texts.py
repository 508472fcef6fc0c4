import ast
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

from odoo.addons.bss_dunning import adapters, adapters_law, dunning_core
from odoo.addons.bss_dunning.dunning_core.law.calendar import NO_FREE_DAYS
from odoo.addons.bss_dunning.dunning_core.law.complaint import Complaint, Decision, Status, clocks
from odoo.addons.bss_dunning.dunning_core.law.interest import Claim, Payment, interest
from odoo.addons.bss_dunning.dunning_core.law.registers import Debtor, Ground, RegisterItem, check
from odoo.addons.bss_dunning.dunning_core.law.service_chain import ChainState, ChainStep, Notice, NoticeKind, gate
from odoo.addons.bss_dunning.dunning_core.law.setoff import Debt, set_off
from odoo.tests import tagged

from .common import DunningCommon

LAW = Path(dunning_core.__file__).parent / "law"
CODE = re.compile(r"(SETOFF|BIG|VAT|INCOME|LIMITATION|COMPLAINT|COURT)_[A-Z_]+[A-Z]")
# an answer of the gate, worded by the case
GATE_CODE = "COMPLAINT_OPEN"
MAKERS = {"Reason", "Failure", "_condition", "_from_day"}


def codes_of_the_kernel():
    """{code: file} of everything that the kernel answers with a code and numbers."""
    found = {}
    for path in LAW.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
                first = node.args[0]
                if isinstance(first, ast.Constant) and first.value:
                    found[first.value] = path.name
            elif isinstance(node, ast.Constant) and CODE.fullmatch(str(node.value)):
                found[node.value] = path.name
    return {code: name for code, name in found.items() if code != GATE_CODE}


@tagged("post_install", "-at_install")
class TestLawTexts(DunningCommon):
    """Each calculation of the kernel can be read by people."""

    def test_every_code_has_a_sentence(self):
        codes = codes_of_the_kernel()
        self.assertGreater(len(codes), 60)
        texts = self.env["bss.legal.text"]._bss_texts()
        self.assertEqual({code: name for code, name in codes.items() if code not in texts}, {})

    def test_no_sentence_without_a_code(self):
        spoken = set(codes_of_the_kernel()) | {f"COMPLAINT_{status.name}" for status in Status} | {"LAPSED"}
        self.assertEqual(set(self.env["bss.legal.text"]._bss_texts()) - spoken, set())

    def test_every_gate_has_a_text(self):
        source = (LAW / "service_chain.py").read_text(encoding="utf-8")
        codes = set(re.findall(r'"((?:NOT|NOTHING|TERM|COMPLAINT|RESTRICTION)_[A-Z]+)"', source))
        codes |= {f"{kind.name}_FLAWED" for kind in NoticeKind}
        codes |= {f"{kind}_NOT_DELIVERED" for kind in ("N1", "N2", "N3")}
        codes -= {"NOT_FREE", "NOT_DURABLE"}
        for code in codes:
            self.assertNotEqual(self.Case._bss_gate_text(code), code)

    def read(self, reasons):
        return self.env["bss.legal.text"].with_context(lang="en_US")._bss_sentences(reasons)

    def test_interest_reads_with_its_arithmetic(self):
        claim = Claim(Decimal("1234.56"), date(2025, 6, 30), (Payment(date(2025, 8, 18), Decimal("500.00")),))
        result = interest(claim, adapters.rate_tables(self.env)["civil"], date(2025, 8, 31))
        self.assertEqual(
            self.read(result.explain)[1:],
            [
                "07/03/2025–08/18/2025: 1,234.56 × 10.50% × 47 / 365 = 16.6919",
                "08/18/2025: payment of 500.00, of it 500.00 on the principal; 734.56 left.",
                "08/19/2025–08/31/2025: 734.56 × 10.50% × 13 / 365 = 2.7471",
                "Sum 20.1662, rounded once: 20.17",
            ],
        )

    def test_agreed_rate_says_that_it_was_cut(self):
        tables = adapters.rate_tables(self.env)
        table = adapters_law.agreed_table(self.env, tables, Decimal(30), "civil")
        result = interest(Claim(Decimal("100.00"), date(2026, 7, 1)), table, date(2026, 7, 31))
        self.assertIn("18.50% × 30 / 365 = 1.5205 (agreed rate cut to the maximum)", self.read(result.explain)[0])

    def test_gate_complaint_register_and_setoff_read(self):
        state = ChainState(unpaid=True, notices=(Notice(NoticeKind.N1, date(2026, 2, 2)),))
        terms = adapters.chain_terms(self.env, date(2026, 2, 5))
        answer = gate(ChainStep.RESTRICT, state, date(2026, 2, 5), NO_FREE_DAYS, terms)
        self.assertEqual(
            self.read(answer.explain),
            ["Notice of restriction delivered on 02/02/2026: 7 days to pay, the last one is 02/09/2026."],
        )
        complaint = Complaint(
            date(2026, 4, 1), date(2026, 3, 20), answer_sent=date(2026, 4, 9), decision=Decision.REJECTED
        )
        terms = adapters_law.complaint_terms(self.env, date(2026, 4, 1))
        clock = clocks(complaint, date(2026, 4, 20), NO_FREE_DAYS, terms)
        self.assertEqual(
            self.read(clock.explain),
            [
                "Lodged on 04/01/2026: the answer must be sent by 05/01/2026.",
                "Rejected on 04/09/2026.",
                "The complaint path is exhausted since 04/09/2026.",
            ],
        )
        terms = adapters_law.register_terms(self.env, date(2026, 4, 20))
        item = RegisterItem(1, date(2026, 4, 14), Decimal("250.00"))
        listed = check(Debtor(Ground.CONSUMER, True), [item], None, date(2026, 4, 20), terms)
        self.assertEqual(
            self.read(condition.reason for condition in listed.failing),
            [
                "At least 200.00 PLN overdue for 30 days: 0.00 PLN are, enough from 05/15/2026.",
                "Demand for payment with a warning of the report.",
            ],
        )
        covered = set_off(Decimal("5.00"), date(2026, 4, 20), [Debt(1, date(2026, 4, 14), Decimal("250.00"))])
        self.assertEqual(self.read(covered.explain), ["5.00 on the principal due on 04/14/2026: overdue the longest."])
