from contextlib import contextmanager

from markupsafe import Markup
from odoo import models
from odoo.exceptions import UserError

from ..private_context import Trial

PREVIEW = "bss_contracts.contract_change_preview"


class BssContractChange(models.Model):
    """The money effect of a change, by doing it and rolling it back."""

    _inherit = "bss.contract.change"  # pylint: disable=consider-merging-classes-inherited

    def action_preview(self):
        """Show what the change does to prices, charges and the next bill; nothing of it stays."""
        self.check_access("write")
        for change in self.filtered(lambda one: one.state == "draft"):
            values = change._bss_preview()
            html = self.env["ir.qweb"]._render(PREVIEW, values)
            change.sudo().write(
                {
                    "preview_html": html,
                    "preview_refused": bool(values["problem"]),
                    "needs_manager": bool(values["manager"]),
                    "claw_back_data": values["claims"] or False,
                }
            )
        return True

    def _bss_preview(self):
        """Plain values for the template of the preview."""
        self.ensure_one()
        day = self._bss_bill_day()
        before, bills = self._bss_snapshot(), self._bss_bills(day)
        known = self._bss_pending_charges().ids
        values = {"change": self, "problem": False, "manager": [], "claims": [], "charges": [], "services": []}
        after, bills_after = before, bills
        manager = []
        try:
            with self._bss_trial(manager) as trial:
                trial._bss_try()
                after, bills_after = trial._bss_snapshot(), trial._bss_bills(day)
                values["claims"] = trial.claw_back_data or []
                values["charges"] = trial._bss_charge_rows(known)
        except UserError as error:
            values["problem"] = str(error)
        values["manager"] = manager
        values["services"] = self._bss_compare(before, after)
        values["bills"] = [
            self._bss_compare_bills(account, bills[account.id], bills_after[account.id])
            for account in self._bss_accounts()
        ]
        values["arithmetic"] = {
            one["service_id"]: self._bss_claim_arithmetic(one, self.env["bss.service"]) for one in values["claims"]
        }
        values["left"] = self._bss_left_rows()
        values["money"] = self._bss_money
        values["day"] = self._bss_day
        values["badge"] = self.env["bss.charge"]._bss_kind_badge
        return values

    @contextmanager
    def _bss_trial(self, manager):
        """Everything done inside is rolled back: no number of a sequence is used up, no order leaves.

        :param manager: list that takes what only a billing manager may confirm
        """
        savepoint = self.env.cr.savepoint()
        try:
            yield self.with_context(bss_preview=Trial(manager), tracking_disable=True, mail_notrack=True)
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)

    def _bss_try(self):
        """Do the change as its confirmation would, the network answering on the day ordered."""
        self._bss_check()
        self._bss_step("enter")
        self._bss_continue()
        for service in self._bss_made_services()._bss_without_heads():
            service._bss_apply_order("activate", self.date_effective)

    def _bss_accounts(self):
        """Who pays: also the customer who takes the contract over, when that is agreed already."""
        return self.account_id | self.new_account_id | self.contract_id._bss_agreed_assignment().new_account_id

    def _bss_pending_charges(self):
        return self.env["bss.charge"].search(
            [("account_id", "in", self._bss_accounts().ids), ("state", "=", "pending")]
        )

    def _bss_snapshot(self):
        """What the services cost on the day, and what the next bills say, as plain data."""
        day = self.date_effective
        services = (self.contract_id | self.result_contract_id).service_ids._bss_without_heads()
        rows = {}
        prices = services._bss_prices_on(day)
        for service in services:
            facts = service._bss_as_of(day)
            if facts["state"] == "terminated":
                continue
            rows[service.predecessor_id.id if service.contract_id == self.result_contract_id else service.id] = {
                "name": service.display_name,
                "account": service.account_id.display_name,
                "product": facts["product"].display_name,
                "place": facts["location"].sudo().complete_name or "",
                "number": service.identifier_ids._bss_valid_on(day)._bss_main().value or "",
                "state": dict(service._fields["state"]._description_selection(self.env))[facts["state"]],
                "amount": self._bss_full_price(facts),
                "kind": facts["price_kind"],
                "price": float(prices[service.id]),
            }
        return rows

    @staticmethod
    def _bss_full_price(facts):
        template = facts["product"].product_tmpl_id
        return float(template._bss_amount_of(facts["quantity"], facts["price_unit"], facts["price_kind"]))

    def _bss_money(self, amount):
        return Markup("<span class='text-nowrap'>%s</span>") % self.currency_id.format(float(amount))

    def _bss_bill_day(self):
        """A day of the first bill that shows the change; None = the next bill does."""
        ends = [account._bss_next_bill()["date_end"] for account in self._bss_accounts()]
        return self.date_effective if ends and self.date_effective > max(ends) else None

    def _bss_bills(self, day):
        return {account.id: account._bss_next_bill(day) for account in self._bss_accounts()}

    @staticmethod
    def _bss_compare_bills(account, before, after):
        """One bill before and after: its lines side by side, those that stay as they are summed up, the totals."""
        sides = []
        for bill in (before, after):
            side = {}
            for line in bill["lines"]:
                key = (line["service_id"], line["kind"], line["text"], line["date_start"])
                amount = side.get(key, (0, None))[0] + (line["amount_gross"] or line["amount"])
                side[key] = (amount, line["date_end"])
            sides.append(side)
        keys = sorted(sides[0].keys() | sides[1].keys(), key=lambda one: (one[0] or 0, str(one[3] or ""), one[2]))
        rows = []
        for key in keys:
            old, new = sides[0].get(key, (None, None)), sides[1].get(key, (None, None))
            rows.append({"text": key[2], "kind": key[1], "start": key[3], "end": new[1] or old[1]})
            rows[-1].update(before=old[0], after=new[0])
        return {
            "account": account.display_name,
            "date_start": after["date_start"],
            "date_end": after["date_end"],
            "rows": [row for row in rows if row["before"] != row["after"]],
            "same": sum(row["before"] for row in rows if row["before"] == row["after"]),
            "before": before,
            "after": after,
            "problems": after["problems"],
        }

    def _bss_charge_rows(self, known):
        return [
            {
                "name": charge.name,
                "period": f"{self._bss_day(charge.date_start)} – {self._bss_day(charge.date_end)}"
                if charge.date_end != charge.date_start
                else self._bss_day(charge.date_start),
                "amount": charge.amount,
                "why": charge.source_ref or "",
                "account": charge.account_id.display_name,
            }
            for charge in self._bss_pending_charges().sorted("id")
            if charge.id not in known
        ]

    @staticmethod
    def _bss_compare(before, after):
        """[(before, after)] of the services whose row is different; None on the side where there is none."""
        keys = [*before, *(key for key in after if key not in before)]
        return [(before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)]
