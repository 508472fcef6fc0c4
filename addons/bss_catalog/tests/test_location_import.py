import base64
from unittest.mock import patch

from odoo.addons.bss_catalog.tests.common import BssCommon
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .. import polish_day

HEAD = (
    "miejscowość;SIMC;TERC;ulica;ULIC;nr budynku;klatka;lokal;kod pocztowy;technologie;węzeł;port;szerokość;długość\n"
)


@tagged("post_install", "-at_install")
class TestLocationImport(BssCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # a list is loaded as of the day on which it comes
        cls.today = polish_day.today()

    def upload(self, body, head=HEAD, encoding="utf-8", **vals):
        return self.env["bss.location.import"].create(
            {
                "file_name": "miejsca.csv",
                "data": base64.b64encode((head + body).encode(encoding)),
                "company_id": self.company.id,
                **vals,
            }
        )

    def imported(self, body, **options):
        record = self.upload(body, **options)
        record.action_import()
        return record

    def place(self, name):
        return self.env["bss.location"].search([("complete_name", "=", name), ("company_id", "=", self.company.id)])

    GOOD = (
        "Próbowo;0976001;1002011;Lipowa;12001;12;A;5;99-301;światłowód 1000/300;OLT-T1;1/1/5;52,25;19,375\n"
        "Próbowo;0976001;1002011;ul. Lipowa;12001;12;A;6;99-301;światłowód 1000/300;OLT-T1;1/1/6;;\n"
        "Próbowo;0976001;;Lipowa;;12;B;7;;światłowód brak, radio 30/5;;;;\n"
        "Próbowo;0976001;;Lipowa;;12;;;;światłowód 600/100;;;;\n"
        "Próbowo;0976001;;;;8;;;99-302;;;;;\n"
    )

    def test_places_speeds_nodes_and_ports(self):
        record = self.imported(self.GOOD)
        self.assertEqual((record.state, record.row_count, record.bad_count), ("done", 5, 0), record.problem_text)
        flat = self.place("Próbowo, Lipowa 12 / A / 5")
        self.assertEqual(flat.address, "Lipowa 12/5, 99-301 Próbowo")
        self.assertEqual((flat.teryt_code, flat.simc_code, flat.ulic_code), ("1002011", "0976001", "12001"))
        self.assertEqual(flat._bss_technologies(self.today), {"fibre": (1000, 300)})
        self.assertEqual(flat.port_ids.node_id.code, "OLT-T1")
        self.assertEqual(
            (flat.port_ids.name, flat.port_ids.state, flat.port_ids.technology), ("1/1/5", "free", "fibre")
        )
        self.assertEqual(flat.building_id.latitude, 52.25)
        self.assertEqual(flat.building_id._bss_technologies(self.today), {"fibre": (600, 100)})
        self.assertEqual(self.place("Próbowo, Lipowa 12 / B / 7")._bss_technologies(self.today), {"radio": (30, 5)})
        self.assertEqual(self.place("Próbowo, 8").zip, "99-302")
        self.assertEqual(record.result["premises"], 3)

    def test_the_same_list_again_changes_nothing_and_says_so(self):
        first = self.imported(self.GOOD)
        before = self.env["bss.location"].search([]).mapped(lambda one: (one.id, one.write_date))
        second = self.imported(self.GOOD)
        self.assertEqual(set(second.result.values()) - {0}, set())
        self.assertIn("nothing to change", second.result_text)
        self.assertEqual(second.twin_id, first)
        self.assertEqual(self.env["bss.location"].search([]).mapped(lambda one: (one.id, one.write_date)), before)

    def test_a_rehearsal_counts_and_makes_nothing(self):
        record = self.upload(self.GOOD)
        record.action_check()
        self.assertEqual((record.state, record.result["premises"]), ("checked", 3))
        self.assertFalse(self.place("Próbowo"))
        self.assertFalse(self.env["bss.network.node"].search([("code", "=", "OLT-T1")]))
        self.assertIn("Lipowa", record.preview_html)
        record.action_import()
        self.assertTrue(self.place("Próbowo"))

    def test_a_new_list_changes_what_differs(self):
        self.imported(self.GOOD)
        record = self.imported(
            "Próbowo;0976001;;Lipowa;;12;A;5;99-309;światłowód 2000/1000;OLT-T1;1/1/9;;\n"
            "Próbowo;;;Lipowa;;12;;7;;;;;;\n"
        )
        flat = self.place("Próbowo, Lipowa 12 / A / 5")
        self.assertEqual(flat._bss_technologies(self.today), {"fibre": (2000, 1000)})
        self.assertEqual(flat.zip, "99-309")
        self.assertEqual(set(flat.port_ids.mapped("name")), {"1/1/5", "1/1/9"})
        self.assertFalse(record.result.get("premises"))
        self.assertFalse(record.bad_count)

    def test_a_list_refused_as_a_whole_is_not_called_known(self):
        record = self.upload("Próbowo;;;Lipowa;;1;;2;9930;;;;;\n")
        record.action_check()
        self.assertEqual(record.bad_count, 1)
        self.assertEqual(record.result_text, "nothing; refused rows: 1")

    def test_refused_rows_are_seen_corrected_and_tried_again(self):
        record = self.imported(
            "Próbowo;;9902011;Lipowa;;1;;1;99-301;;;;;\n"
            "Próbowo;;;Lipowa;;1;;2;9930;;;;;\n"
            "Próbowo;;;Lipowa;;1;;3;99301x;gołąb;;;;\n"
            "Próbowo;;;Lipowa;;1;;4;99-301;;;;;\n"
        )
        self.assertEqual((record.row_count, record.bad_count), (4, 3))
        self.assertIn("refused rows: 3", record.result_text)
        lines = record.line_ids
        self.assertEqual(lines.mapped("line_no"), [2, 3, 4])
        self.assertEqual(lines.mapped("column"), ["terc", "zip", "zip"])
        self.assertEqual(lines[1].value, "9930")
        self.assertIn("voivodeship", lines[0].reason)
        self.assertIn(
            "A postcode looks like 99-300. · Technologies “gołąb”: Unknown technology “gołąb”", lines[2].reason
        )
        lines[0].cell_terc = "1002011"
        lines[1].cell_zip = "99-301"
        lines.action_replay()
        self.assertEqual(lines.mapped("state"), ["done", "done", "open"])
        self.assertTrue(self.place("Próbowo, Lipowa 1 / 2"))
        self.assertEqual(record.bad_count, 1)

    def test_the_list_of_refused_rows_can_be_imported(self):
        record = self.imported("Próbowo;;;Lipowa;;1;;2;9930;;;;;\n")
        text = record._bss_bad_csv().decode("utf-8-sig")
        self.assertIn("reason", text.splitlines()[0])
        self.assertIn("99-300", text.splitlines()[1])
        again = self.imported(text.replace("9930;", "99-301;"), head="")
        self.assertEqual((again.state, again.bad_count), ("done", 0), again.problem_text)

    def test_rows_that_speak_against_each_other_or_the_catalogue(self):
        self.imported(self.GOOD)
        self.env["bss.network.port"].search([("name", "=", "1/1/5")]).state = "reserved"
        record = self.imported(
            "Inne;0976001;;;;1;;;;;;;;\n"
            "Próbowo;0976001;;Bukowa;12001;1;;;;;;;;\n"
            "Nowe;0976002;;Nowa;;1;;1;00-001;hfc 100/10;;;;\n"
            "Nowe;0976002;;Nowa;;1;;2;00-002;;;;;\n"
            "Nowe;0976002;;Nowa;;1;;1;00-001;hfc 200/10;;;;\n"
            "Próbowo;0976001;;Lipowa;;12;A;6;;;OLT-T1;1/1/5;;\n"
            "Próbowo;0976001;;Lipowa;;12;A;6;;;BRAK;1;;\n"
        )
        self.assertEqual(
            record.line_ids.mapped("code"),
            ["SIMC_OTHER_NAME", "ULIC_OTHER_NAME", "CONFLICT", "CONFLICT", "PORT_BUSY", "NODE_UNKNOWN"],
        )
        self.assertTrue(all(record.line_ids.mapped("reason")))
        self.assertFalse(self.place("Inne"))

    def test_code_pages_and_files_that_are_none(self):
        record = self.imported("Żółkiewka;;;Źródlana;;1;;;;;;;;\n", encoding="cp1250")
        self.assertEqual(record.encoding, "cp1250")
        self.assertTrue(self.place("Żółkiewka, Źródlana 1"))
        for head, words in (
            ("", "empty"),
            ("PK\x03\x04", "spreadsheet"),
            ("a\x00b", "text file"),
            ("kolor;smak\n", "names no known column"),
            ("miasto;kolor\n", "kolor"),
            ("ulica;lokal\n", "missing"),
        ):
            failed = self.imported("" if not head else "x;y\n", head=head)
            self.assertEqual(failed.state, "failed", head)
            self.assertIn(words, failed.problem_text)
        fine = self.imported("Inne;biały\n", head="miasto;kolor\n", ignore_unknown=True)
        self.assertEqual(fine.state, "done")

    def test_what_all_flats_have_alike_is_written_at_the_building(self):
        body = "".join(f"Próbowo;;;Bukowa;;1;;{number};;światłowód 600/100;;;;\n" for number in (1, 2, 3))
        record = self.imported(body)
        building = self.place("Próbowo, Bukowa 1")
        self.assertEqual(building._bss_technologies(self.today), {"fibre": (600, 100)})
        self.assertFalse(building.child_ids.technology_ids)
        self.assertTrue(all(building.child_ids.mapped("has_fibre")))
        self.assertEqual(record.result["technology"], 1)
        self.assertFalse(any(self.imported(body).result.values()))
        self.imported("Próbowo;;;Bukowa;;1;;3;;światłowód 900/100;;;;\n")
        self.assertEqual(building.child_ids[-1]._bss_technologies(self.today), {"fibre": (900, 100)})
        self.assertEqual(building.child_ids[0]._bss_technologies(self.today), {"fibre": (600, 100)})

    def test_the_form_of_a_new_list_opens(self):
        form = Form(self.env["bss.location.import"])
        form.data = base64.b64encode(b"miasto\nPrawie\n")
        record = form.save()
        self.assertFalse(record.result_text)
        self.assertFalse(record.problem_text)
        record.action_check()
        self.assertTrue(record.result_text)
        record.action_draft()
        self.assertFalse(record.result_text)

    def test_a_building_written_in_words_is_found(self):
        building = self.env["bss.location"].create(
            {"kind": "building", "name": "Biurowiec", "street": "Prosta", "house_no": "3a", "city": "Dawno"}
        )
        self.imported("Dawno;;;Prosta;;3A;;1;;;;;;\n")
        self.assertEqual(building.child_ids.mapped("name"), ["1"])

    def test_offers_of_competitors(self):
        self.imported(self.GOOD)
        head = "miejscowość;ulica;nr budynku;konkurent;technologia;pobieranie;cena;od\n"
        body = "Próbowo;Lipowa;12;Sieć Inna;FTTH;300;59,90;2026-01-01\nPróbowo;Lipowa;99;Sieć Inna;FTTH;300;59,90;\n"
        record = self.imported(body, head=head)
        self.assertTrue(record.has_competitors)
        self.assertEqual(record.line_ids.code, "PLACE_UNKNOWN")
        flat = self.place("Próbowo, Lipowa 12 / A / 5")
        self.assertEqual(flat._bss_competitors(self.today).name, "Sieć Inna")
        self.assertEqual(flat.building_id.competitor_offer_ids.price, 59.9)
        again = self.imported(body, head=head)
        self.assertFalse(any(again.result.values()))

    def test_roles_and_companies(self):
        record = self.upload(self.GOOD)
        users = {
            role: new_test_user(
                self.env, f"t_imp_{role}", groups=f"bss_catalog.group_bss_{role}", company_id=self.company.id
            )
            for role in ("viewer", "clerk")
        }
        with self.assertRaises(AccessError):
            record.with_user(users["viewer"]).action_import()
        record.with_user(users["clerk"]).action_import()
        self.assertEqual(record.state, "done")
        other = self.env["res.company"].create({"name": "Other operator"})
        self.assertFalse(
            self.env["bss.location.import"].with_user(users["clerk"]).search([("company_id", "=", other.id)])
        )
        foreign = self.upload(self.GOOD, company_id=other.id)
        with self.assertRaises(UserError):
            foreign.with_context(allowed_company_ids=self.company.ids)._bss_run()
        mine = self.env["bss.location"].search([("city", "=", "Próbowo")])
        foreign.with_context(allowed_company_ids=other.ids)._bss_run()
        theirs = self.env["bss.location"].with_context(allowed_company_ids=other.ids)
        theirs = theirs.search([("city", "=", "Próbowo"), ("company_id", "=", other.id)])
        self.assertEqual(len(theirs), len(mine))
        self.assertFalse(theirs & mine)

    def test_long_files_wait_for_the_background(self):
        record = self.upload(self.GOOD)
        with patch("odoo.addons.bss_catalog.models.bss_location_import.DIRECT_LIMIT", 3):
            record.action_import()
        self.assertEqual(record.state, "queued")
        with self.enter_registry_test_mode():
            self.env.ref("bss_catalog.cron_bss_location_import").method_direct_trigger()
        record.invalidate_recordset()
        self.assertEqual((record.state, record.result["building"]), ("done", 2))
