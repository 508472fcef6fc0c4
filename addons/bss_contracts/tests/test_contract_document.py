import io
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.addons.bss_contracts.document_core import html_nodes
from odoo.addons.bss_contracts.report import typst_engine
from odoo.addons.bss_contracts.tests.common import ContractsCommon
from odoo.addons.bss_contracts.tests.test_document import squeeze, text_of
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools.misc import file_path
from PyPDF2 import PdfReader

LETTER = "bss_contracts/report/typst/letter_document.typ"
HOSTILE = st.sampled_from(
    [
        "#panic(1)",
        '#read("/etc/passwd")',
        "$x$",
        "`raw`",
        "*_@ref <label> = # \\",
        '"]}, "t": "p"',
        "\u202eabc",
        "\u0000\u0008",
        "😀漢ก",
        "\U0010ffff",
        "/* // ~ --- '' \"",
        "<b>",
        "</td>",
        "<ul><li>",
        "<table><tr><td colspan=99>",
        "<div class='signatures'>",
        "<div class=keep>",
        "<hr class=page-break>",
        "<script>",
        "&lt;&#x0;&#xD800;",
    ]
)


def letter(html):
    data = {
        "lang": "pl",
        "title": "T",
        "seller": {"name": "Operator"},
        "recipient": {"name": "Abonent"},
        "blocks": html_nodes(html),
    }
    return typst_engine.render(file_path(LETTER), data)


@tagged("post_install", "-at_install")
class TestLetterEngine(TransactionCase):
    @settings(max_examples=100, deadline=None)
    @given(st.lists(HOSTILE | st.text(max_size=20), max_size=12).map("".join))
    def test_any_text_prints_as_text(self, html):
        self.assertTrue(letter(html).startswith(b"%PDF"))

    def test_markup_of_the_typesetter_is_printed_not_run(self):
        words = '#panic("x") #read("data.json") $a_1$ *bold* `raw` = heading @ref'
        self.assertIn(squeeze(words), text_of(letter(f"<p>{words}</p>")))

    def test_every_printable_character_has_a_glyph(self):
        everything = typst_engine.printable("".join(map(chr, range(0x20, 0x2720))).replace("<", "").replace("&", ""))
        for tag in ("p", "b", "i", "h2"):
            pdf = typst_engine._compile(
                typst_engine.Path(file_path(LETTER)),
                {
                    "seller": {"name": "O"},
                    "recipient": {"name": "A"},
                    "blocks": html_nodes(f"<{tag}>{' '.join(everything)}</{tag}>"),
                },
                None,
                None,
            )
            self.assertTrue(pdf.startswith(b"%PDF"), tag)

    def test_a_character_no_font_has_becomes_a_box(self):
        self.assertIn("\u25a1KOWALSKI", text_of(letter("<p>😀 Kowalski</p>")))

    def test_tables_repeat_their_head_and_pages_are_numbered(self):
        rows = "".join(f"<tr><td>Wiersz {number}</td><td>1,00</td></tr>" for number in range(120))
        pdf = letter(f"<table><thead><tr><th>Usługa</th><th class='text-end'>Cena</th></tr></thead>{rows}</table>")
        pages = [squeeze(page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]
        self.assertGreater(len(pages), 2)
        for number, page in enumerate(pages, 1):
            self.assertIn(squeeze("Usługa"), page)
            self.assertIn(squeeze(f"Strona {number} z {len(pages)}"), page)


@tagged("post_install", "-at_install")
class TestContractDocument(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.make_subscriber("Żaneta Gżegżółka", date_start=date(2026, 3, 1))
        cls.contract = cls.account.contract_ids
        cls.contract.term_months = 24
        cls.company.bss_contract_clauses = "<h2>Klauzule</h2><ol><li>Pierwsza <b>klauzula</b></li></ol>"

    def text(self, document):
        return text_of(document._bss_content())

    def test_contract_is_printed_and_archived(self):
        action = self.contract.action_print_contract()
        document = self.env["bss.document"].search([("res_model", "=", "bss.contract"), ("kind", "=", "contract")])
        self.assertEqual((document.name, document.res_id), (self.contract.name, self.contract.id))
        self.assertEqual((document.account_id, document.channel), (self.account, "email"))
        self.assertIn(str(document.attachment_id.id), action["url"])
        text = self.text(document)
        for part in (
            self.contract.name,
            "Żaneta Gżegżółka",
            self.company.name,
            "72,57 zł",
            "29.02.2028",
            "Pierwsza klauzula",
        ):
            self.assertIn(squeeze(part), text)
        self.assertEqual(self.contract.document_count, 1)
        self.assertEqual(self.contract.action_view_documents()["domain"][1], ("res_id", "=", self.contract.id))

    def test_the_administrator_changes_the_text_as_any_view(self):
        view = self.env.ref("bss_contracts.document_contract")
        self.env["ir.ui.view"].create(
            {
                "name": "own contract",
                "type": "qweb",
                "mode": "extension",
                "inherit_id": view.id,
                "arch": "<xpath expr='//h1' position='replace'><h1>Umowa abonencka</h1><p>Zał. nr 1</p></xpath>",
            }
        )
        text = self.text(self.contract._bss_render_document("bss_contracts.document_contract", "contract", "X/1"))
        self.assertIn(squeeze("Umowa abonencka X/1"), text)
        self.assertIn(squeeze("Zał. nr 1"), text)

    def test_a_document_about_a_change_is_found_from_the_change(self):
        view = self.env["ir.ui.view"].create(
            {
                "name": "annex",
                "type": "qweb",
                "key": "bss_contracts.t_annex",
                "arch": "<t t-name='bss_contracts.t_annex'><p>Aneks <t t-out='record.display_name'/></p></t>",
            }
        )
        service = self.contract.service_ids
        document = self.contract._bss_render_document(view.id, "annex", "A/1", service)
        self.assertEqual((document.kind, document.res_model, document.res_id), ("annex", "bss.service", service.id))
        self.assertIn(squeeze("Aneks"), self.text(document))

    def test_a_wrong_template_is_named(self):
        view = self.env["ir.ui.view"].create(
            {
                "name": "wrong",
                "type": "qweb",
                "key": "bss_contracts.t_wrong",
                "arch": "<t t-name='bss_contracts.t_wrong'><p t-out='contract.no_such_field'/></t>",
            }
        )
        for template in (view.key, "bss_contracts.not_there"):
            with self.assertRaisesRegex(UserError, template):
                self.contract._bss_render_document(template, "contract", "X/2")

    def test_customers_abroad_read_their_language(self):
        self.account.partner_id.write({"country_id": self.env.ref("base.de").id, "lang": "en_US"})
        text = self.text(self.contract._bss_render_document("bss_contracts.document_contract", "contract", "X/3"))
        self.assertIn(squeeze("Agreement for telecommunications services"), text)
        self.assertIn(squeeze("Page 1 of 2"), text)

    def test_text_of_a_customer_is_text(self):
        self.account.partner_id.name = '<b>#panic("x")</b> & 😀'
        text = self.text(self.contract._bss_render_document("bss_contracts.document_contract", "contract", "X/4"))
        self.assertIn(squeeze('<b>#panic("x")</b> &'), text)

    def test_roles(self):
        users = {
            role: new_test_user(
                self.env, f"t_docs_{role}", groups=f"bss_catalog.group_bss_{role}", company_id=self.company.id
            )
            for role in ("clerk", "billing_manager", "viewer", "collector")
        }
        for role in ("clerk", "billing_manager"):
            self.assertTrue(self.contract.with_user(users[role]).action_print_contract()["url"])
        for role in ("viewer", "collector"):
            self.assertEqual(self.contract.with_user(users[role]).document_count, 2)
            with self.assertRaises(AccessError):
                self.contract.with_user(users[role]).action_print_contract()
