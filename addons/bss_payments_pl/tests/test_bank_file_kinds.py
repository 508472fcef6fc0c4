import ast
import io
import zipfile
from pathlib import Path

from odoo.exceptions import UserError
from odoo.tests import tagged

from .. import bank_core
from .common import BANK_NRB, PaymentsCommon

#: upper-case constants of the kernels that are no codes of problems
NO_CODES = frozenset({"SAMPLE_BYTES"})

ENTRY = """<Ntry><Amt Ccy="PLN">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd>{reversal}<Sts>BOOK</Sts>
<BookgDt><Dt>2026-11-20</Dt></BookgDt><ValDt><Dt>2026-11-20</Dt></ValDt><AcctSvcrRef>{ref}</AcctSvcrRef>
<NtryDtls><TxDtls><Refs><EndToEndId>{end}</EndToEndId></Refs>{details}
<RmtInf><Ustrd>{title}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"""


def camt(*entries, opening="0.00", closing="0.00", number=1, doctype="", kind="053"):
    container, message = {"053": ("Stmt", "BkToCstmrStmt"), "054": ("Ntfctn", "BkToCstmrDbtCdtNtfctn")}[kind]
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='PLN'>{amount}</Amt>"
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-20</Dt></Dt></Bal>"
        for code, amount in (("OPBD", opening), ("CLBD", closing))
    )
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n{doctype}"
        f"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.02'><{message}>"
        f"<GrpHdr><MsgId>M{number}</MsgId><CreDtTm>2026-11-20T20:00:00</CreDtTm></GrpHdr><{container}>"
        f"<Id>S{number}</Id><ElctrncSeqNb>{number}</ElctrncSeqNb>"
        f"<Acct><Id><IBAN>PL{BANK_NRB}</IBAN></Id><Ccy>PLN</Ccy></Acct>{balances if kind == '053' else ''}"
        f"{''.join(entries)}</{container}></{message}></Document>"
    ).encode()


def camt_entry(amount, ref, title="", mark="CRDT", reversal="", end="NOTPROVIDED", details=""):
    return ENTRY.format(
        amount=amount, mark=mark, reversal=reversal, ref=ref, end=end, details=details, title=title or "wplata"
    )


@tagged("post_install", "-at_install")
class TestBankFileKinds(PaymentsCommon):
    """camt, archives, hostile files, and words for everything that may be wrong."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")

    def to(self, account):
        return f"<RltdPties><CdtrAcct><Id><IBAN>PL{self.nrb_of(account)}</IBAN></Id></CdtrAcct></RltdPties>"

    def test_every_code_of_the_kernels_has_words(self):
        texts = self.env["bss.bank.import.problem"]._bss_messages()
        root = Path(bank_core.__file__).parent
        files = [*(root / "formats").glob("*.py"), root / "chain.py", root / "nrb.py", root / "keys.py"]
        found = set()
        for path in files:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    word = node.value
                    if "_" in word and word == word.upper() and word.replace("_", "").isalnum() and word[0].isalpha():
                        found.add(word)
        self.assertIn("BALANCE_MISMATCH", texts)
        self.assertGreater(len(found), 40)
        prefixes = ("PREFIX_",)  # said by pools, not by files
        wordless = {code for code in found - NO_CODES - set(texts) if not code.startswith(prefixes)}
        self.assertFalse(wordless)

    def test_camt_statement_and_its_return(self):
        invoice = self.make_invoice(self.jan, 50)
        first = self.receive(camt(camt_entry("50.00", "AB1", details=self.to(self.jan)), closing="50.00"), "a.xml")
        first._bss_import()
        self.assertEqual((first.state, first.format), ("imported", "camt"))
        paid = first.match_ids
        self.assertEqual((paid.state, paid.account_id, invoice.payment_state), ("booked", self.jan, "paid"))
        self.assert_conserved(first)
        back = camt_entry(
            "50.00", "AB1", "zwrot", mark="DBIT", reversal="<RvslInd>true</RvslInd>", details=self.to(self.jan)
        )
        second = self.receive(camt(back, opening="50.00", closing="0.00", number=2), "b.xml")
        second._bss_import()
        self.assertEqual((second.match_ids.state, second.match_ids.reversed_id), ("booked", paid))
        self.assertEqual((invoice.payment_state, self.jan.amount_due), ("not_paid", 50))
        self.assert_conserved(second)

    def test_notice_is_shown_only(self):
        notice = self.receive(camt(camt_entry("5.00", "N1"), kind="054"), "n.xml")
        self.assertEqual((notice.state, notice.kind), ("shown", "notice"))

    def test_entities_are_not_opened(self):
        hostile = '<!DOCTYPE d [<!ENTITY a "AAAA"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
        record = self.receive(camt(camt_entry("5.00", "E1", "&b;&a;"), doctype=hostile, closing="5.00"), "xxe.xml")
        self.assertEqual(record.state, "rejected")
        self.assertIn("XML_DOCTYPE", record.problem_ids.mapped("code"))
        self.assertNotIn("root:", " ".join(record.problem_ids.mapped("message")))

    def pack(self, **files):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, content in files.items():
                archive.writestr(f"{name}.sta", content)
        return buffer.getvalue()

    def test_archive_of_three_files(self):
        files = {
            f"day{number}": self.statement(
                self.entry("5,00", "", self.key_of(self.jan)), number=number, opening=f"{5 * (number - 1)},00"
            )
            for number in (1, 2, 3)
        }
        records = self.receive(self.pack(**files), "days.zip")
        self.assertEqual(records.mapped("file_name"), ["day1.sta", "day2.sta", "day3.sta"])
        records._bss_import()
        self.assertEqual(records.mapped("state"), ["imported"] * 3)
        self.assertFalse(records.problem_ids)
        self.assertEqual(self.jan.amount_due, -15)
        with self.assertRaisesRegex(UserError, "received before"):
            self.receive(self.pack(day2=files["day2"]), "again.zip")
        mixed = self.receive(self.pack(day2=files["day2"], day4=self.statement(number=4, opening="15,00")), "mixed.zip")
        self.assertEqual(set(mixed.mapped("file_name")), {"day4.sta", "mixed.zip"})
        archive = mixed.filtered(lambda record: record.file_name == "mixed.zip")
        self.assertEqual((archive.state, archive.problem_ids.code), ("rejected", "MEMBER_REFUSED"))
        self.assertIn("day2.sta", archive.problem_ids.message)

    def test_bomb_is_told_and_not_opened(self):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("zeros.sta", b"0" * 40_000_000)
        record = self.receive(buffer.getvalue(), "bomb.zip")
        self.assertEqual((record.state, record.problem_ids.code), ("rejected", "CONTAINER_BOMB"))
        self.assertTrue(record.problem_ids.message)

    def test_three_megabytes_of_description(self):
        rows = "\r\n".join("~20" + "x" * 60 for _number in range(50_000))
        long = self.entry("5,00", "za internet", self.key_of(self.jan)) + rows + "\r\n"
        record = self.receive(self.statement(long, self.entry("7,00", "", self.key_of(self.jan))), "long.sta")
        record._bss_import()
        self.assertEqual(record.state, "imported")
        self.assertIn("DETAILS_TOO_LONG", record.problem_ids.mapped("code"))
        self.assertEqual(sorted(record.match_ids.mapped("amount")), [5, 7])
        self.assert_conserved(record)

    def test_broken_entry_in_the_middle_is_corrected(self):
        entries = [self.entry("5,00", "", self.key_of(self.jan)) for _number in range(3)]
        broken = self.entry("9,00", "x", self.key_of(self.jan), mark="X")
        record = self.receive(self.statement(*entries, broken, *entries[:0], closing="24,00"))
        record._bss_import()
        row = record.match_ids.filtered(lambda match: match.reason == "UNREADABLE")
        self.assertTrue(row.line_no and row.raw)
        row.raw = row.raw.replace("X9,00", "C9,00")
        row.action_read_again()
        self.assertEqual(self.jan.amount_due, -24)
        self.assertTrue(record.statement_id.is_complete)
        self.assert_conserved(record)
