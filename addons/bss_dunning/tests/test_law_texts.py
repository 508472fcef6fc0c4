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
from odoo.tools import format_date, formatLang

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

    def setUp(self):
        super().setUp()
        self.english = self.env(context={**self.env.context, "lang": "en_US"})

    def read(self, reasons):
        return self.english["bss.legal.text"]._bss_sentences(reasons)

    def told(self, text):
        """``text`` with its days and amounts as the database writes them."""

        def write(found):
            if found["day"]:
                return format_date(self.english, date.fromisoformat(found["day"]))
            return formatLang(self.english, float(found[0]), digits=len(found["decimals"]))

        return re.sub(r"(?P<day>\d{4}-\d\d-\d\d)|\b\d+\.(?P<decimals>\d{2,4})\b", write, text)

    def test_interest_reads_with_its_arithmetic(self):
        claim = Claim(Decimal("1234.56"), date(2025, 6, 30), (Payment(date(2025, 8, 18), Decimal("500.00")),))
        result = interest(claim, adapters.rate_tables(self.env)["civil"], date(2025, 8, 31))
        wanted = (
            "2025-07-03–2025-08-18: 1234.56 × 10.50% × 47 / 365 = 16.6919",
            "2025-08-18: payment of 500.00, of it 500.00 on the principal; 734.56 left.",
            "2025-08-19–2025-08-31: 734.56 × 10.50% × 13 / 365 = 2.7471",
            "Sum 20.1662, rounded once: 20.17",
        )
        self.assertEqual(self.read(result.explain)[1:], [self.told(line) for line in wanted])

    def test_agreed_rate_says_that_it_was_cut(self):
        tables = adapters.rate_tables(self.env)
        table = adapters_law.agreed_table(self.env, tables, Decimal(30), "civil")
        result = interest(Claim(Decimal("100.00"), date(2026, 7, 1)), table, date(2026, 7, 31))
        wanted = self.told("18.50% × 30 / 365 = 1.5205 (agreed rate cut to the maximum)")
        self.assertIn(wanted, self.read(result.explain)[0])

    def test_gate_and_complaint_read(self):
        state = ChainState(unpaid=True, notices=(Notice(NoticeKind.N1, date(2026, 2, 2)),))
        terms = adapters.chain_terms(self.env, date(2026, 2, 5))
        answer = gate(ChainStep.RESTRICT, state, date(2026, 2, 5), NO_FREE_DAYS, terms)
        wanted = "Notice of restriction delivered on 2026-02-02: 7 days to pay, the last one is 2026-02-09."
        self.assertEqual(self.read(answer.explain), [self.told(wanted)])
        complaint = Complaint(
            date(2026, 4, 1), date(2026, 3, 20), answer_sent=date(2026, 4, 9), decision=Decision.REJECTED
        )
        terms = adapters_law.complaint_terms(self.env, date(2026, 4, 1))
        clock = clocks(complaint, date(2026, 4, 20), NO_FREE_DAYS, terms)
        wanted = (
            "Lodged on 2026-04-01: the answer must be sent by 2026-05-01.",
            "Rejected on 2026-04-09.",
            "The complaint path is exhausted since 2026-04-09.",
        )
        self.assertEqual(self.read(clock.explain), [self.told(line) for line in wanted])

    def test_register_and_setoff_read(self):
        terms = adapters_law.register_terms(self.env, date(2026, 4, 20))
        item = RegisterItem(1, date(2026, 4, 14), Decimal("250.00"))
        listed = check(Debtor(Ground.CONSUMER, True), [item], None, date(2026, 4, 20), terms)
        wanted = (
            "At least 200.00 PLN overdue for 30 days: 0.00 PLN are, enough from 2026-05-15.",
            "Demand for payment with a warning of the report.",
        )
        self.assertEqual(self.read(one.reason for one in listed.failing), [self.told(line) for line in wanted])
        covered = set_off(Decimal("5.00"), date(2026, 4, 20), [Debt(1, date(2026, 4, 14), Decimal("250.00"))])
        wanted = "5.00 on the principal due on 2026-04-14: overdue the longest."
        self.assertEqual(self.read(covered.explain), [self.told(wanted)])
