"""Customers, taxes and prices of many kinds for bulk invoices."""

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from .. import bulk
from ..bulk.exemplar import undone
from .common import ContractsCommon

# far enough back that no invoice is of the future wherever the clock stands
DAY = date(2025, 11, 3)
PERIOD = (date(2025, 11, 1), date(2025, 11, 30))


class BulkCommon(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("pl_PL")
        cls.bulk_run = cls.make_run(*PERIOD, date_invoice=DAY)
        cls.taxes = {
            name: cls.company._bss_sale_tax(rate, "service") for name, rate in (("23", 23.0), ("8", 8.0), ("5", 5.0))
        }
        zero = cls.env["account.tax"].search(
            [("company_id", "=", cls.company.id), ("type_tax_use", "=", "sale"), ("amount", "=", 0)]
        )
        cls.taxes["0"] = zero.filtered(lambda tax: tax.name == "0%")
        cls.taxes["exempt"] = zero.filtered(lambda tax: "Exempt" in tax.with_context(lang="en_US").name)[:1]
        cls.taxes["reverse"] = zero.filtered(lambda tax: "EU S" in tax.with_context(lang="en_US").name)[:1]
        cls.gross = {name: tax._bss_for_gross() for name, tax in cls.taxes.items() if name in ("23", "8", "5", "0")}
        cls.products = [cls.make_offering(f"B-{number}", 10.0 + number) for number in range(5)]
        cls.accounts = cls._bulk_accounts()
        cls.in_days = cls._bulk_term("In 21 days", [(100.0, 21)])
        cls.in_two = cls._bulk_term("In two parts", [(50.0, 14), (50.0, 30)])

    @classmethod
    def _bulk_term(cls, name, parts):
        return cls.env["account.payment.term"].create(
            {
                "name": name,
                "line_ids": [
                    (0, 0, {"value": "percent", "value_amount": percent, "nb_days": days}) for percent, days in parts
                ],
            }
        )

    @classmethod
    def _bulk_accounts(cls):
        """Two or more customers of each kind."""
        germany = cls.env.ref("base.de")
        union = cls.env["account.fiscal.position"].create({"name": "By hand", "company_id": cls.company.id})
        accounts = cls.env["bss.account"]
        for number in range(4):
            accounts |= cls.make_account(f"Jan Kowalski {number}", partner={"lang": "pl_PL"})
            accounts |= cls.make_account(
                f"John {{Smith}}\\{number}", partner={"lang": "en_US", "zip": f"0{number}-100"}
            )
        for number, vat in enumerate(("5261040567", "7751001452", "7740001454")):
            firm = cls.make_account(f"Firma {number} Sp. z o.o.", "company", partner={"vat": vat, "lang": "pl_PL"})
            accounts |= firm
            contact = cls.env["res.partner"].create(
                {"name": f"Księgowa {number}", "parent_id": firm.partner_id.id, "type": "invoice"}
            )
            accounts |= cls.env["bss.account"].create({"partner_id": contact.id, "bill_cycle_id": cls.cycle.id})
        for number in range(3):
            home = cls.make_account(f"Z dostawą {number}", partner={"lang": "pl_PL"})
            cls.env["res.partner"].create(
                {"name": "Magazyn", "parent_id": home.partner_id.id, "type": "delivery", "city": "Łódź"}
            )
            accounts |= home
            accounts |= cls.make_account(
                f"Kunde {number} GmbH", "company", partner={"country_id": germany.id, "vat": False, "lang": "en_US"}
            )
            by_hand = cls.make_account(f"Ręcznie {number}")
            by_hand.partner_id.property_account_position_id = union
            accounts |= by_hand
        return accounts

    def bulk_line(self, price, tax="23", gross=False, product=0, **vals):
        taxes = (self.gross if gross else self.taxes)[tax]
        line = bulk.LineRequest(
            None,
            None,
            self.products[product].id,
            tuple(taxes.ids),
            "Abonament",
            Decimal(1),
            Decimal(str(price)),
            date_start=PERIOD[0],
            date_end=PERIOD[1],
        )
        return replace(line, **vals)

    def bulk_request(self, item_id, account=None, lines=None, **vals):
        account = account or self.accounts[item_id % len(self.accounts)]
        request = bulk.InvoiceRequest(
            item_id,
            account.id,
            account.partner_id.id,
            tuple(lines or [self.bulk_line("59.00")]),
            *PERIOD,
            date_due=DAY + timedelta(days=14),
        )
        return replace(request, **vals)

    def simple_requests(self, count=12):
        """Requests of one kind: consumers of one language."""
        accounts = self.accounts.filtered(lambda one: one.partner_id.name.startswith("Jan"))
        return [
            self.bulk_request(number, accounts[number % len(accounts)], [self.bulk_line(f"{number + 20}.50")])
            for number in range(1, count + 1)
        ]

    def varied_requests(self, count, seed=20251103):
        """Invoices of all kinds; the same ones for the same seed."""
        dice = random.Random(seed)
        return [self._varied_request(dice, number) for number in range(1, count + 1)]

    def _varied_request(self, dice, number):
        size = dice.choice((1, 1, 1, 2, 2, 3, 4, 5, 8)) if number % 40 else 40
        gross = dice.random() < 0.3
        mixed = dice.random() < 0.05
        names = ["23"] * 5 + (["8", "5", "0"] if gross or dice.random() < 0.5 else ["exempt", "reverse", "0"])
        lines = []
        for place in range(size):
            included = gross if not mixed else bool(place % 2)
            name = dice.choice(names) if place else "23"
            if included and name not in self.gross:
                name = "23"
            lines.append(self._varied_line(dice, place, name, included))
        vals = {}
        if number % 9 == 0:
            vals = {"payment_term_id": self.in_days.id, "date_due": None}
        account = self.accounts[dice.randrange(len(self.accounts))]
        return self.bulk_request(number, account, lines, **vals)

    def _varied_line(self, dice, place, tax, gross):
        price = Decimal(dice.randrange(100, 20_000)) / 100
        vals = {"name": dice.choice(("Abonament", "Rozmowy\tkrajowe", "Dwie\nlinie", "Ukośnik \\ i {nawias}"))}
        roll = dice.random()
        if not place:
            price += 300  # whatever is taken back, something is left to pay
        elif roll < 0.12:
            price = -price / 40
            price = price.quantize(Decimal("0.01"))
            tax = "23"
        elif roll < 0.22:
            vals["discount"] = Decimal(dice.choice((10, 15, 25, 50, 100)))
        elif roll < 0.32:
            vals["quantity"] = dice.choice((Decimal(2), Decimal(3), Decimal("0.50"), Decimal("1.75")))
        elif roll < 0.45:
            price = Decimal(dice.choice(("0.50", "49.50", "0.10", "1.50")))
        elif roll < 0.5:
            vals.update(date_start=None, date_end=None)
        return self.bulk_line(price, tax, gross, product=dice.randrange(len(self.products)), **vals)

    def orm_invoices(self, requests, names=None):
        """Posted by the ORM as a bill run does, in its journal's own numbering unless names are given."""
        env = self.env(context={**self.env.context, **bulk.QUIET})
        run = self.bulk_run.with_env(env)
        names = names or [None] * len(requests)
        moves = env["account.move"].create(
            [bulk.move_vals(run, request, name) for request, name in zip(requests, names, strict=True)]
        )
        moves._post(soft=False)
        moves.flush_recordset()
        return moves

    def orm_pictures(self, requests):
        """[(number, canonical invoice)] of the ORM; nothing stays."""
        with undone(self.env):
            moves = self.env["account.move"]
            for start in range(0, len(requests), 40):
                moves |= self.orm_invoices(requests[start : start + 40])
            self.env.flush_all()
            return [(move.name, bulk.canonical(self.env, move.id)) for move in moves]
