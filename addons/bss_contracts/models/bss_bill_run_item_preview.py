"""What is seen of an item before it is issued: how it compares with earlier bills, and what a person decided on it."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang

OUTLIERS = [
    ("none", "Usual"),
    ("negative", "Negative"),
    ("zero", "Zero"),
    ("missing_usage", "Missing usage"),
    ("high", "High"),
    ("low", "Low"),
    ("new", "New account"),
]
# a first bill has nothing to compare with: it is shown, nobody has to accept it
TO_CHECK = tuple(kind for kind, _label in OUTLIERS if kind not in ("none", "new"))


class BssBillRunItem(models.Model):
    _inherit = "bss.bill.run.item"  # pylint: disable=consider-merging-classes-inherited

    held = fields.Boolean(
        readonly=True, copy=False, help="Somebody decided that it is not issued until it is released."
    )
    held_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    held_at = fields.Datetime(string="Held On", readonly=True, copy=False)
    outlier = fields.Selection(
        OUTLIERS,
        string="Deviation",
        readonly=True,
        copy=False,
        default="none",
        index=True,
        help="What is unusual about this bill, compared with the last ones of the same account.",
    )
    outlier_text = fields.Char(string="Why", compute="_compute_outlier_text")
    is_to_check = fields.Boolean(
        string="To Check",
        compute="_compute_is_to_check",
        search="_search_is_to_check",
        help="A deviation that nobody has accepted, on a bill that waits to be issued.",
    )
    accepted_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    accepted_at = fields.Datetime(string="Accepted On", readonly=True, copy=False)
    amount_previous = fields.Monetary(
        string="Previous Net", readonly=True, copy=False, help="Net sum of the account's bill of the period before."
    )
    amount_difference = fields.Monetary(
        string="Difference", readonly=True, copy=False, help="Collected charges less the previous bill, net."
    )
    amount_usual = fields.Monetary(
        string="Usual Net", readonly=True, copy=False, help="Median of the last bills of the account, six at most."
    )
    amount_expected = fields.Monetary(
        string="Expected Gross",
        readonly=True,
        copy=False,
        help="Charges with the taxes of their products; fiscal positions of customers count when the invoice is issued.",
    )
    silent_services = fields.Char(
        string="Services Without Usage",
        readonly=True,
        copy=False,
        help="Services that had usage on each of the last bills, three at most, and have none now.",
    )
    previewed_at = fields.Datetime(string="Compared On", readonly=True, copy=False)

    _run_state = models.Index("(run_id, state)")

    @api.depends("outlier", "amount_charges", "amount_usual", "silent_services")
    def _compute_outlier_text(self):
        for item in self:
            item.outlier_text = item._bss_outlier_text()

    def _bss_outlier_text(self):
        def money(amount):
            return formatLang(self.env, amount, currency_obj=self.currency_id)

        if self.outlier == "missing_usage":
            return self.env._(
                "No usage, but on every one of the last bills: %(services)s", services=self.silent_services
            )
        if self.outlier in ("high", "low"):
            return self.env._(
                "%(times)s × the usual %(usual)s",
                times=formatLang(self.env, self.amount_charges / self.amount_usual, digits=2),
                usual=money(self.amount_usual),
            )
        if self.outlier == "zero" and not self.charge_count:
            return self.env._("No charges; usually %(usual)s", usual=money(self.amount_usual))
        return {
            "negative": self.env._("The charges sum to less than zero."),
            "zero": self.env._("The charges sum to zero: no invoice, they wait."),
            "new": self.env._("The first bill of the account."),
        }.get(self.outlier, False)

    @api.depends("outlier", "accepted_by_id", "state")
    def _compute_is_to_check(self):
        for item in self:
            item.is_to_check = item.state == "pending" and item.outlier in TO_CHECK and not item.accepted_by_id

    def _search_is_to_check(self, operator, value):
        if operator != "in":
            return NotImplemented
        open_ones = [("state", "=", "pending"), ("outlier", "in", TO_CHECK), ("accepted_by_id", "=", False)]
        if set(value) == {True}:
            return open_ones
        if set(value) == {False}:
            return [
                "|",
                "|",
                ("state", "!=", "pending"),
                ("outlier", "not in", TO_CHECK),
                ("accepted_by_id", "!=", False),
            ]
        return []

    # -- decisions ----------------------------------------------------------------------------------

    def action_accept(self):
        """The deviations of these items are as they should be."""
        self._bss_decide_on(lambda item: item.is_to_check)._bss_accept()

    def _bss_accept(self):
        self.write({"accepted_by_id": self.env.uid, "accepted_at": fields.Datetime.now()})

    def action_hold(self):
        """These items are not issued until they are released; their charges wait with them."""
        items = self._bss_decide_on(lambda item: item.state == "pending")
        items.write({"held": True, "state": "held", "held_by_id": self.env.uid, "held_at": fields.Datetime.now()})
        items.run_id._bss_close()

    def action_release(self):
        """Held items may be issued again, a finished run goes on; whoever releases one accepts its deviation."""
        items = self._bss_decide_on(lambda item: item.state == "held")
        items.write({"held": False, "state": "pending"})
        items.filtered("is_to_check")._bss_accept()
        items.run_id._bss_reopen()

    def action_cancel_held(self):
        """Held items are given up for good in their runs: their charges wait for the next one."""
        items = self._bss_decide_on(lambda item: item.state == "held")
        for run, own in items.grouped("run_id").items():
            run._bss_give_up(own)

    def _bss_decide_on(self, condition):
        """Those of the items that the decision applies to; says so when there are none."""
        self.check_access("write")
        items = self.try_lock_for_update().filtered(condition)
        if not items:
            raise UserError(self.env._("There is nothing to decide on the selected rows in their present state."))
        return items
