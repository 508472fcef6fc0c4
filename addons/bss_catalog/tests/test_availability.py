import inspect
import re
from datetime import date, timedelta
from decimal import Decimal

from odoo.addons.bss_catalog.catalog_core import eligibility, promotion
from odoo.addons.bss_catalog.models import bss_offering_candidates
from odoo.addons.bss_catalog.tests.common import BssCommon
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

ON = date(2026, 11, 21)


class AvailabilityCommon(BssCommon):
    """A flat with fibre up to 600/100 in a town, three offerings, promotions on them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        cls.town = cls.make_place("town", "Łęczyca", teryt_code="1004011")
        cls.building = cls.make_place("building", "3", parent_id=cls.town.id, street="Długa", house_no="3")
        cls.flat = cls.make_place("premises", "7", premises_no="7", parent_id=cls.building.id)
        cls.env["bss.location.technology"].create(
            {"location_id": cls.building.id, "technology": "fibre", "down_mbps": 600, "up_mbps": 100}
        )
        cls.fee = cls.make_offering("A-ACT", 49.0, kind="one_off")
        internet = {"bss_technology": "fibre", "bss_activation_product_id": cls.fee.id}
        cls.net600 = cls.make_offering("A-600", 59.0, service="internet", bss_down_mbps=600, **internet)
        cls.net1000 = cls.make_offering("A-1000", 89.0, service="internet", bss_down_mbps=1000, **internet)
        cls.tv = cls.make_offering("A-TV", 39.0, service="tv")
        cls.spring = cls.make_promotion(
            "A-SPRING", [(1, 3, "fixed", 1.0), (4, 24, "percent", 20.0)], min_term_months=24, product_ids=cls.net600
        )

    @classmethod
    def make_place(cls, kind, name, **vals):
        return cls.env["bss.location"].create({"kind": kind, "name": name, "company_id": cls.company.id, **vals})

    @classmethod
    def make_promotion(cls, code, steps, product_ids=(), **vals):
        """``steps``: tuples (month_from, month_to, kind, value)."""
        return cls.env["bss.promotion"].create(
            {
                "name": f"Promotion {code}",
                "code": code,
                "company_id": cls.company.id,
                "state": "on_sale",
                "product_ids": [Command.set([product.id for product in product_ids])],
                "step_ids": [
                    Command.create({"month_from": first, "month_to": last, "kind": kind, "value": value})
                    for first, last, kind, value in steps
                ],
                **vals,
            }
        )

    def make_bundle(self, code, parts, **vals):
        """``parts``: tuples (product, is_optional, discount in percent)."""
        return self.make_offering(
            code,
            bss_is_bundle=True,
            bss_bundle_line_ids=[
                Command.create(
                    {
                        "product_id": product.id,
                        "is_optional": optional,
                        "quantity_min": 0 if optional else 1,
                        "quantity_default": 0 if optional else 1,
                        "discount_percent": discount,
                    }
                )
                for product, optional, discount in parts
            ],
            **vals,
        )

    def ask(self, *offerings, place=None, kind="consumer", term=24, **how):
        """{code: offer} at the flat."""
        asked = self.env["product.product"].union(*offerings) if offerings else None
        found = (place or self.flat)._bss_availability(ON, kind, term, offerings=asked, **how)
        codes = self.env["product.product"].browse([offer.product_id for offer in found])
        return {product.default_code: offer for product, offer in zip(codes, found, strict=True)}

    def refusal(self, offer, promotion):
        """Codes of the reasons why ``offer`` has not got ``promotion``."""
        return [
            reason.code
            for refused in offer.choice.refused
            if refused.promotion_id == promotion.id
            for reason in refused.reasons
        ]


@tagged("post_install", "-at_install")
class TestAvailability(AvailabilityCommon):
    def test_price_of_every_month_and_total_of_the_term(self):
        offer = self.ask(self.net600)["A-600"]
        self.assertTrue(offer.sellable)
        self.assertEqual((offer.price, offer.price_kind), (Decimal(59), "net"))
        self.assertEqual([row.price for row in offer.months[:4]], [1, 1, 1, Decimal("47.2")])
        self.assertEqual(offer.total, 3 + 21 * Decimal("47.20"))
        self.assertEqual(offer.relief, 24 * 59 - offer.total)
        self.assertEqual(offer.promotion_ids, (self.spring.id,))
        self.assertEqual(offer.fee.total, Decimal("49.00"))

    def test_reasons_against(self):
        later = self.make_offering("A-LATER", 1.0, bss_date_start=ON + timedelta(1))
        draft = self.make_offering("A-DRAFT", 1.0, bss_lifecycle="draft")
        radio = self.make_offering("A-RADIO", 1.0, bss_technology="radio")
        firms = self.make_offering("A-FIRMS", 1.0, bss_for_company=True, bss_for_public=True)
        found = self.ask(self.net1000, later, draft, radio, firms)
        self.assertEqual(
            {code: [reason.code for reason in offer.reasons] for code, offer in found.items()},
            {
                "A-1000": ["DOWN_TOO_SLOW"],
                "A-LATER": ["NOT_YET"],
                "A-DRAFT": ["NOT_ON_SALE"],
                "A-RADIO": ["TECHNOLOGY_MISSING"],
                "A-FIRMS": ["CUSTOMER_KIND"],
            },
        )
        self.assertTrue(self.ask(firms, kind="company")["A-FIRMS"].sellable)

    def test_everything_on_sale_is_asked_by_default(self):
        found = self.ask()
        self.assertLessEqual({"A-600", "A-1000", "A-TV"}, set(found))
        self.assertNotIn("A-ACT", found)

    def test_ports(self):
        node = self.env["bss.network.node"].create(
            {"code": "OLT-1", "name": "OLT", "kind": "olt", "company_id": self.company.id, "location_id": self.town.id}
        )
        port = self.env["bss.network.port"].create({"node_id": node.id, "name": "1", "location_id": self.flat.id})
        self.assertTrue(self.ask(self.net600)["A-600"].sellable)
        port.state = "faulty"
        self.assertEqual([r.code for r in self.ask(self.net600)["A-600"].reasons], ["NO_FREE_PORT"])
        spare = port.copy({"name": "2", "location_id": False, "state": "free"})
        self.assertTrue(self.ask(self.net600)["A-600"].sellable)
        neighbour = self.make_place("premises", "8", premises_no="8", parent_id=self.building.id)
        spare.location_id = neighbour
        self.assertEqual([r.code for r in self.ask(self.net600)["A-600"].reasons], ["NO_FREE_PORT"])
        self.assertTrue(self.ask(self.net600, place=neighbour)["A-600"].sellable)
        node.state = "retired"
        self.assertTrue(self.ask(self.net600)["A-600"].sellable)

    def test_places_of_promotions_count_with_everything_inside(self):
        percent = [(1, 12, "percent", 10.0)]
        town = self.make_promotion("A-TOWN", percent, location_ids=[Command.set(self.town.ids)])
        elsewhere = self.make_place("town", "Kutno", teryt_code="1002011")
        other = self.make_promotion("A-OTHER", percent, location_ids=[Command.set(elsewhere.ids)])
        county = self.make_promotion("A-COUNTY", percent, teryt_prefixes="1002, 1004")
        offer = self.ask(self.tv)["A-TV"]
        self.assertLessEqual({town.id, county.id}, set(offer.promotion_ids))
        self.assertEqual(self.refusal(offer, other), ["PROMO_OTHER_PLACE"])

    def test_competitors(self):
        rival = self.env["bss.competitor"].create({"name": "Sąsiad-Net", "company_id": self.company.id})
        percent = [(1, 12, "percent", 10.0)]
        named = self.make_promotion("A-RIVAL", percent, competitor_ids=[Command.set(rival.ids)])
        anyone = self.make_promotion("A-ANYONE", percent, any_competitor=True)
        offer = self.ask(self.tv)["A-TV"]
        self.assertEqual(self.refusal(offer, named), ["PROMO_OTHER_COMPETITOR"])
        self.assertEqual(self.refusal(offer, anyone), ["PROMO_NO_COMPETITOR"])
        self.env["bss.competitor.offer"].create(
            {"competitor_id": rival.id, "location_id": self.town.id, "company_id": self.company.id}
        )
        self.assertLessEqual({named.id, anyone.id}, set(self.ask(self.tv)["A-TV"].promotion_ids))

    def test_an_exclusive_one_and_not_combinable_ones(self):
        ten = self.make_promotion("A-TEN", [(1, 0, "amount", 10.0)], priority=5, product_ids=self.net600)
        apart = self.make_promotion(
            "A-APART", [(1, 0, "percent", 5.0)], incompatible_ids=[Command.set(ten.ids)], product_ids=self.net600
        )
        offer = self.ask(self.net600)["A-600"]
        self.assertEqual(offer.promotion_ids, (ten.id, self.spring.id))
        self.assertEqual([(one.promotion_id, one.to_id) for one in offer.choice.lost], [(apart.id, ten.id)])
        self.assertEqual(offer.months[0].price, 1)
        self.assertEqual(offer.months[3].price, Decimal("39.2"))
        alone = self.make_promotion("A-ALONE", [(1, 24, "amount", 15.0)], is_exclusive=True, product_ids=self.net600)
        offer = self.ask(self.net600)["A-600"]
        self.assertEqual(offer.promotion_ids, (alone.id,))
        self.assertEqual({one.cause for one in offer.choice.lost}, {"exclusive"})

    def test_the_activation_fee_has_its_own_promotion(self):
        start = self.make_promotion("A-START", [(1, 1, "fixed", 1.0)], target="activation")
        offer = self.ask(self.net600)["A-600"]
        self.assertEqual(offer.fee.promotion_ids, (start.id,))
        self.assertEqual((offer.fee.total, offer.fee.relief), (Decimal("1.00"), Decimal("48.00")))

    def test_used_up_grants(self):
        limited = self.make_promotion("A-LIMIT", [(1, 3, "free", 0.0)], max_grants=2, product_ids=self.tv)
        counts = {limited.id: 1}
        self.patch(type(limited), "_bss_grant_counts", lambda promotions: counts)
        self.assertIn(limited.id, self.ask(self.tv)["A-TV"].promotion_ids)
        counts[limited.id] = 2
        self.assertEqual(self.refusal(self.ask(self.tv)["A-TV"], limited), ["PROMO_USED_UP"])

    def test_new_and_present_customers(self):
        retention = self.make_promotion("A-STAY", [(1, 24, "amount", 10.0)], customer_status="retained")
        partner = self.env["res.partner"].create({"name": "Jan Nowak"})
        self.assertEqual(self.refusal(self.ask(self.tv, partner=partner)["A-TV"], retention), ["PROMO_CUSTOMER_STATUS"])
        self.patch(type(partner), "_bss_customer_status", lambda partner, on: "retained")
        self.assertIn(retention.id, self.ask(self.tv, partner=partner)["A-TV"].promotion_ids)

    def test_a_price_list_gives_its_prices(self):
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Brutto",
                "bss_price_kind": "gross",
                "company_id": self.company.id,
                "currency_id": self.currency.id,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "0_product_variant",
                            "product_id": self.tv.id,
                            "compute_price": "fixed",
                            "fixed_price": 45.0,
                        }
                    )
                ],
            }
        )
        found = self.ask(self.tv, self.net600, pricelist=pricelist)
        self.assertEqual((found["A-TV"].price, found["A-TV"].price_kind), (Decimal(45), "gross"))
        for code, product in (("A-TV", self.tv), ("A-600", self.net600)):
            self.assertEqual((found[code].price, found[code].price_kind), product._bss_price_on(ON, pricelist))

    def test_a_bundle_costs_what_its_parts_cost_and_asks_for_all_of_them(self):
        sport = self.make_offering("A-SPORT", 25.0, service="tv")
        duo = self.make_bundle("A-DUO", [(self.net600, False, 0), (self.tv, False, 50), (sport, True, 20)])
        inside = self.make_promotion("A-INSIDE", [(1, 2, "free", 0.0)], product_ids=self.tv, bundle_id=duo.id)
        found = self.ask(duo, self.tv)
        offer = found["A-DUO"]
        self.assertEqual((offer.price, offer.price_kind), duo._bss_price_on(ON))
        self.assertEqual([part.price for part in offer.parts], [Decimal(59), Decimal("19.5"), Decimal(20)])
        self.assertEqual([part.optional for part in offer.parts], [False, False, True])
        self.assertEqual([row.price for row in offer.months[:4]], [1, 1, Decimal("20.5"), Decimal("66.7")])
        self.assertEqual(offer.total, sum(part.total for part in offer.parts[:2]))
        self.assertEqual(self.refusal(found["A-TV"], inside), ["PROMO_NOT_IN_BUNDLE"])
        trio = self.make_bundle("A-TRIO", [(self.net1000, False, 0), (self.tv, False, 0)])
        reason = self.ask(trio)["A-TRIO"].reasons[0]
        self.assertEqual((reason.code, reason.params["reason"]), ("BUNDLE_PART", "DOWN_TOO_SLOW"))
        words = self.env["bss.price.words"]._bss_reason(reason, {self.net1000.id: "Net 1000"})
        self.assertEqual(words, "Part “Net 1000”: it needs 1000 Mbit/s down, this address gets 600 at most.")

    def test_a_bundle_with_a_price_of_its_own(self):
        duo = self.make_bundle(
            "A-OWN", [(self.net600, False, 0), (self.tv, False, 0)], list_price=80.0, bss_bundle_pricing="own"
        )
        offer = self.ask(duo)["A-OWN"]
        self.assertEqual(offer.price, Decimal(80))
        self.assertEqual(sum(part.price for part in offer.parts), Decimal(80))

    def test_the_number_of_queries_is_fixed(self):
        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.flat._bss_availability(ON, "consumer", 24)
            return self.cr.sql_log_count - before

        self._make_many("A-FEW", 1)
        queries()  # caches of the registry
        few = queries()
        self._make_many("A-MANY", 12)
        self.assertEqual(queries(), few)
        self.assertLess(few, 50)

    def _make_many(self, code, count):
        """``count`` offerings, each with a promotion of its own that looks at everything."""
        rival = self.env["bss.competitor"].create({"name": f"Rival {code}", "company_id": self.company.id})
        for number in range(count):
            product = self.make_offering(f"{code}{number}", 10.0, service="tv", bss_activation_product_id=self.fee.id)
            self.make_bundle(f"{code}B{number}", [(product, False, 5), (self.tv, True, 0)])
            self.make_promotion(
                f"{code}{number}",
                [(1, 3, "free", 0.0), (4, 12, "percent", 5.0)],
                product_ids=product,
                location_ids=[Command.set(self.town.ids)],
                competitor_ids=[Command.set(rival.ids)],
                incompatible_ids=[Command.set(self.spring.ids)],
            )

    def test_rights(self):
        for role in ("viewer", "clerk", "collector"):
            user = new_test_user(
                self.env,
                f"a_{role}",
                groups=f"bss_catalog.group_bss_{role}",
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            found = self.flat.with_user(user)._bss_availability(ON, "consumer", 24)
            self.assertIn(self.net600.id, [offer.product_id for offer in found])

    def test_another_company(self):
        other = self.env["res.company"].create({"name": "Other operator"})
        user = new_test_user(
            self.env,
            "a_other",
            groups="bss_catalog.group_bss_clerk",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        with self.assertRaises(AccessError):
            self.flat.with_user(user).with_context(allowed_company_ids=other.ids)._bss_availability(ON, "consumer")
        shared = self.make_place("building", "Wspólny 1", company_id=False)
        self.assertFalse(
            shared.with_user(user).with_context(allowed_company_ids=other.ids)._bss_availability(ON, "consumer")
        )


@tagged("post_install", "-at_install")
class TestAvailabilityScreen(AvailabilityCommon):
    def _screen(self, **values):
        form = Form(self.env["bss.availability"])
        form.location_id = self.flat
        form.day = ON
        for name, value in values.items():
            form[name] = value
        return form

    def test_the_screen_answers_while_it_is_filled_in(self):
        screen = self._screen().save()
        line = screen.line_ids.filtered(lambda one: one.product_id == self.net600)
        self.assertEqual((line.list_price, line.first_price, line.price_kind), (59.0, 1.0, "net"))
        self.assertEqual(line.total, 994.2)
        self.assertEqual(line.fee_price, 49.0)
        self.assertEqual(line.promotion_ids, self.spring)
        self.assertIn(self.currency.format(47.2), line.steps_html)
        self.assertNotIn(self.net1000, screen.line_ids.product_id)
        self.assertIn("It needs 1000 Mbit/s down, this address gets 600 at most.", screen.refused_html)
        self.assertIn("600/100", screen.place_html)

    def test_a_shorter_term_tells_which_promotion_is_lost(self):
        screen = self._screen(term_months=12).save()
        line = screen.line_ids.filtered(lambda one: one.product_id == self.net600)
        self.assertEqual((line.first_price, line.total), (59.0, 708.0))
        self.assertIn("Promotion A-SPRING", screen.promotion_html)
        self.assertIn("It needs a term of at least 24 months.", screen.promotion_html)

    def test_what_is_not_on_sale_is_shown_on_demand(self):
        self.make_offering("A-OLD", 1.0, bss_lifecycle="withdrawn")
        self.assertNotIn("Offering A-OLD", self._screen().save().refused_html)
        self.assertIn("It is not on sale (Withdrawn).", self._screen(show_all=True).save().refused_html)

    def test_the_customer_decides_the_kind(self):
        partner = self.env["res.partner"].create({"name": "Piekarnia", "bss_customer_kind": "sole_trader"})
        screen = self._screen(partner_id=partner).save()
        self.assertEqual((screen.customer_kind, screen.customer_status), ("sole_trader", "new"))

    def test_choosing(self):
        screen = self._screen().save()
        with self.assertRaises(UserError):
            screen._bss_chosen()
        line = screen.line_ids.filtered(lambda one: one.product_id == self.net600)
        line.quantity = 2
        ((chosen, offer),) = screen._bss_chosen()
        self.assertEqual((chosen, offer.promotion_ids), (line, (self.spring.id,)))
        self.assertIn(self.currency.format(2 * 1 + 2 * 49), screen.summary_html)
        self.assertIn(self.currency.format(2 * 994.2 + 2 * 49), screen.summary_html)
        self.net600.bss_lifecycle = "withdrawn"
        with self.assertRaises(UserError):
            screen._bss_chosen()

    def test_an_optional_part_needs_its_bundle(self):
        sport = self.make_offering("A-SPORT", 25.0, service="tv")
        duo = self.make_bundle("A-DUO", [(self.net600, False, 0), (sport, True, 20)])
        screen = self._screen().save()
        part = screen.line_ids.filtered(lambda one: one.bundle_id == duo)
        self.assertEqual((part.product_id, part.name, part.list_price), (sport, "+ Offering A-SPORT", 20.0))
        whole = screen.line_ids.filtered(lambda one: one.product_id == duo)
        self.assertEqual((whole.list_price, whole.promotion_ids), (59.0, self.spring))
        part.quantity = 1
        with self.assertRaises(UserError):
            screen._bss_chosen()
        screen.line_ids.filtered(lambda one: one.product_id == duo).quantity = 1
        self.assertEqual(len(screen._bss_chosen()), 2)

    def test_more_accesses_than_free_ports_are_warned_of(self):
        node = self.env["bss.network.node"].create(
            {"code": "OLT-2", "name": "OLT", "kind": "olt", "company_id": self.company.id, "location_id": self.town.id}
        )
        port = self.env["bss.network.port"].create({"node_id": node.id, "name": "1", "location_id": self.building.id})
        net300 = self.make_offering("A-300", 49.0, service="internet", bss_technology="fibre", bss_down_mbps=300)
        iptv = self.make_offering("A-IPTV", 29.0, service="tv", bss_technology="fibre")
        duo = self.make_bundle("A-DUO", [(self.net600, False, 0), (iptv, False, 0)])
        screen = self._screen().save()
        take = {line.product_id: line for line in screen.line_ids}
        take[self.net600].quantity = take[iptv].quantity = take[self.tv].quantity = 1
        self.assertFalse(screen.port_warning, "internet and television share the line")
        take[net300].quantity = 1
        self.assertIn("Fibre: 2 ports are needed for what is chosen, 1 free here.", screen.port_warning)
        port.copy({"name": "2"})
        screen.invalidate_recordset(["port_warning"])
        self.assertFalse(screen.port_warning)
        take[duo].quantity = 2
        self.assertIn("4 ports are needed for what is chosen, 2 free here.", screen.port_warning)

    def test_without_known_ports_nothing_is_warned_of(self):
        screen = self._screen().save()
        screen.line_ids.filtered(lambda line: line.product_id == self.net600).quantity = 5
        self.assertFalse(screen.port_warning)

    def test_an_address_that_is_no_premises_is_pointed_out(self):
        house = self.make_place("building", "5", parent_id=self.town.id, house_no="5")
        for place, words in (
            (self.flat, ""),
            (house, ""),
            (self.building, "There are 1 premises here."),
            (self.town, "This is no address of a service yet"),
        ):
            with self.subTest(place=place.kind):
                hint = self._screen(location_id=place).save().place_hint
                self.assertIn(words, hint) if words else self.assertFalse(hint)

    def test_every_reason_has_words(self):
        templates = self.env["bss.price.words"]._bss_reason_templates()
        source = "".join(inspect.getsource(module) for module in (eligibility, promotion, bss_offering_candidates))
        codes = set(re.findall(r'Ineligibility\(\s*"([A-Z_]+)"', source))
        self.assertGreater(len(codes), 20)
        self.assertEqual(codes, set(templates))

    def test_a_viewer_may_ask(self):
        user = new_test_user(
            self.env,
            "a_asks",
            groups="bss_catalog.group_bss_viewer",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        form = Form(self.env["bss.availability"].with_user(user).with_context(lang="en_US"))
        form.location_id = self.flat.with_user(user)
        form.day = ON
        screen = form.save()
        self.assertIn(self.net600, screen.line_ids.product_id)
        self.assertTrue(screen.refused_html)
