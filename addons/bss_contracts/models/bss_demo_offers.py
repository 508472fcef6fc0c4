from datetime import timedelta

from odoo import api, models
from odoo.fields import Command

ASKS = {
    "name": "Oliwia Sadowska",
    "street": "ul. Kościuszki 14/1",
    "zip": "99-300",
    "city": "Kutno",
    "email": "oliwia.sadowska@poczta.example",
    "phone": "+48 601 250 190",
}
WANTS = ("NET600", "TVBASIC")
VALID_DAYS = 60
DEPOSIT = 200.0


class BssDemo(models.AbstractModel):
    _inherit = "bss.demo"  # pylint: disable=consider-merging-classes-inherited

    @api.private
    def _bss_demo_steps(self):
        return [*super()._bss_demo_steps(), (self.env._("Offer and deposit"), "_load_offers")]

    @api.private
    def _load_offers(self, ctx):
        """Somebody waits with an offer in the hand, a subscriber left a deposit."""
        ctx["offer"] = self._bss_demo_offer(ctx)
        ctx["deposit"] = self._bss_demo_deposit(ctx)

    @api.private
    def _bss_demo_offer(self, ctx):
        """What the availability screen offers a new customer at a flat that nobody is connected in yet."""
        partner = self.env["res.partner"].create(
            {**ASKS, "bss_customer_kind": "consumer", "lang": "pl_PL", "country_id": self.env.ref("base.pl").id}
        )
        place = self.env["bss.location"].search(
            [
                ("kind", "=", "premises"),
                ("street", "=", "Kościuszki"),
                ("house_no", "=", "14"),
                ("premises_no", "=", "1"),
                ("company_id", "=", ctx["company"].id),
            ]
        )
        screen = self.env["bss.availability"].create(
            {
                "location_id": place.id,
                "partner_id": partner.id,
                "company_id": ctx["company"].id,
                "day": ctx["as_of"],
                "term_months": 24,
            }
        )
        wanted = [ctx["offerings"][code].id for code in WANTS]
        screen.line_ids = [
            Command.create({**vals, "quantity": 1 if vals["product_id"] in wanted and not vals["bundle_id"] else 0})
            for vals in screen._bss_line_vals()
        ]
        offer = self.env["sale.order"].browse(screen.action_make_offer()["res_id"])
        offer.write(
            {
                "validity_date": ctx["as_of"] + timedelta(days=VALID_DAYS),
                "user_id": self.env.ref("base.user_admin").id,
            }
        )
        offer.action_quotation_sent()
        return offer

    @api.private
    def _bss_demo_deposit(self, ctx):
        """Asked for when the contract was signed, paid two days later at the desk."""
        contract = ctx["contracts"][:1]
        deposit = self.env["bss.deposit"].create(
            {"contract_id": contract.id, "amount": DEPOSIT, "date": contract.date_signed}
        )
        deposit.action_due()
        demand = deposit.move_line_ids.filtered(lambda line: line.bss_deposit_part == "demand")
        journals = self.env["account.journal"]
        domain = journals._check_company_domain(ctx["company"])
        journal = journals.search([*domain, ("type", "=", "cash")], limit=1) or journals.search(
            [*domain, ("type", "=", "bank")], limit=1
        )
        text = f"Wpłata kaucji {deposit.name}"
        own = {"name": text, "partner_id": demand.partner_id.id}
        payment = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": journal.id,
                "date": contract.date_signed + timedelta(days=2),
                "ref": text,
                "bss_account_id": contract.account_id.id,
                "line_ids": [
                    Command.create({**own, "account_id": journal.default_account_id.id, "balance": DEPOSIT}),
                    Command.create({**own, "account_id": demand.account_id.id, "balance": -DEPOSIT}),
                ],
            }
        )
        payment.action_post()
        (demand | payment.line_ids.filtered(lambda line: line.account_id == demand.account_id)).reconcile()
        return deposit
