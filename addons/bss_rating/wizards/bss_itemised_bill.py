import io
import tempfile
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError

from ..report.itemised_bill import View

CLERK = "bss_catalog.group_bss_clerk"


class BssItemisedBill(models.TransientModel):
    """What is to be listed and how; the file is made when it is fetched."""

    _name = "bss.itemised.bill"
    _description = "Itemised Bill"
    _check_company_auto = True

    account_id = fields.Many2one("bss.account", string="Billing Account", required=True, check_company=True)
    company_id = fields.Many2one(related="account_id.company_id")
    service_id = fields.Many2one(
        "bss.service", check_company=True, domain="[('account_id', '=', account_id)]", help="Empty: all services."
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        check_company=True,
        domain="[('bss_account_id', '=', account_id), ('state', '=', 'posted')]",
        help="What this invoice charges; empty: the usage of a period.",
    )
    date_from = fields.Date(string="From", default=lambda self: self._default_period()[0])
    date_to = fields.Date(string="Until", default=lambda self: self._default_period()[1])
    is_clerk = fields.Boolean(compute="_compute_is_clerk")
    full_numbers = fields.Boolean(
        compute="_compute_shown", store=True, readonly=False, string="Called Numbers in Full", precompute=True
    )
    without_free = fields.Boolean(
        compute="_compute_shown",
        store=True,
        readonly=False,
        string="Without Free and Helpline Numbers",
        precompute=True,
    )

    def _default_period(self):
        """The month before this one."""
        last = polish_day.today().replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last

    @api.depends_context("uid")
    def _compute_is_clerk(self):
        self.is_clerk = self.env.user.has_group(CLERK)

    @api.depends("account_id")
    def _compute_shown(self):
        for one in self:
            one.full_numbers = one.account_id.itemised_full
            one.without_free = one.account_id.company_id.bss_itemised_without_free

    @api.constrains("date_from", "date_to", "move_id")
    def _check_period(self):
        for one in self:
            if one.move_id:
                if one.move_id.sudo().bss_account_id != one.account_id:
                    raise UserError(self.env._("The invoice is of another billing account."))
            elif not one.date_from or not one.date_to or one.date_from > one.date_to:
                raise UserError(self.env._("Give the first and the last day of the period."))

    @api.model
    def _bss_open(self, **vals):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Itemised Bill"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {f"default_{name}": value for name, value in vals.items()},
        }

    def _bss_view(self):
        """As asked for; who may not know whom somebody called sees no whole number whatever he asks for."""
        if not self.env.user.has_group(CLERK):
            return View(is_secret=True, without_free=True)
        return self.account_id._bss_itemised_view(full=self.full_numbers, without_free=self.without_free)

    def _bss_bill(self):
        self.ensure_one()
        self.check_access("read")
        self.account_id.check_access("read")
        if self.move_id:
            return self.account_id._bss_itemised_bill(self._bss_view(), move=self.move_id.sudo())
        return self.account_id._bss_itemised_bill(
            self._bss_view(), services=self.service_id.sudo(), first=self.date_from, last=self.date_to
        )

    def action_pdf(self):
        return self._bss_fetch("pdf", "new")

    def action_csv(self):
        return self._bss_fetch("csv", "download")

    def _bss_fetch(self, extension, target):
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/bss/itemised/{self.id}.{extension}", "target": target}

    # --- files, also of the portal

    @api.model
    def _bss_file(self, bill, extension):
        """(name, open binary file) of a bill; written down as an export. Whatever its size, little of it is in memory."""
        file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
        if extension == "pdf":
            file.write(bill.pdf())
        else:
            # with the mark in front, or a spreadsheet takes it for another encoding
            text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
            bill.write_csv(text)
            text.flush()
            text.detach()
        file.seek(0)
        whose = bill.move.name if bill.move else bill.account.name
        self.env["bss.usage.export"]._bss_log_rows(
            "bss.usage.event", "itemised", bill.count, [f"{extension}: {whose}"], bill.first_at, bill.last_at
        )
        return f"{bill.say['title']} {whose}.{extension}".replace("/", "-").replace(" ", "_"), file
