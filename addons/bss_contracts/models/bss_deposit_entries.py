"""What happens to a deposit, each time with a posted entry and a note for the customer."""

from odoo import fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import AccessError, UserError

from ..adapters import decimal

NOTE_TEMPLATE = "bss_contracts.document_deposit_note"


class BssDeposit(models.Model):
    _inherit = "bss.deposit"  # pylint: disable=consider-merging-classes-inherited

    # -- asked for ----------------------------------------------------------------------------------

    def action_due(self):
        """Ask the customer for the deposit: his debt in the ledger, a note with what to pay and where."""
        self.check_access("write")
        for deposit in self:
            if deposit.state != "draft":
                raise UserError(self.env._("Deposit %(name)s was asked for already.", name=deposit.name))
            own = deposit.sudo()
            liability = own._bss_liability_line(deposit.amount)
            own._bss_post(
                deposit.date,
                self.env._("Deposit %(name)s", name=deposit.name),
                [own._bss_receivable_line(deposit.amount, "demand"), liability],
            )
            own._bss_archive_note("demand", deposit.amount, deposit.date)

    def action_cancel(self):
        """Take back a deposit that nobody paid."""
        self.check_access("write")
        for deposit in self.filtered(lambda one: one.state != "draft"):
            deposit.sudo()._bss_cancel()
        self.filtered(lambda one: one.state == "draft").unlink()

    def _bss_cancel(self, day=None):
        self.ensure_one()
        if self.state != "due" or self.currency_id.compare_amounts(self._bss_unpaid(), self.amount):
            raise UserError(
                self.env._("Deposit %(name)s was paid or settled already: set it off or return it.", name=self.name)
            )
        self._bss_take_back_unpaid(day or polish_day.today())

    def _bss_demand(self):
        return self.move_line_ids.filtered(
            lambda line: line.bss_deposit_part == "demand" and line.parent_state == "posted"
        )

    def _bss_unpaid(self):
        """What was asked for and not paid yet (rounded float)."""
        return self.currency_id.round(sum(self._bss_demand().mapped("amount_residual")))

    def _bss_take_back_unpaid(self, day):
        """Nobody is to pay the rest any more: neither the demand nor the debt for it stays; return it (float)."""
        demand, amount = self._bss_demand(), self._bss_unpaid()
        if amount:
            move = self._bss_post(
                day,
                self.env._("Deposit %(name)s cancelled", name=self.name),
                [self._bss_receivable_line(-amount, "demand"), self._bss_liability_line(-amount)],
            )
            (demand | self._bss_receivables(move)).reconcile()
        return amount

    # -- set off and returned -----------------------------------------------------------------------

    def action_set_off(self):
        """Set the deposit off against the customer's open invoices, oldest first."""
        self._bss_check_manager()
        for deposit in self:
            deposit._bss_set_off(polish_day.today())

    def action_return(self):
        """Return what is held: it becomes a credit of the customer."""
        self._bss_check_manager()
        for deposit in self:
            deposit._bss_return(polish_day.today())

    def _bss_check_manager(self):
        self.check_access("write")
        if not self.env.user.has_group("bss_catalog.group_bss_billing_manager"):
            raise AccessError(self.env._("Deposits are set off and returned by billing managers."))

    def _bss_open_items(self):
        """Open debts of the account, oldest first; deposits themselves are no debt to set off against."""
        self.ensure_one()
        return (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    ("bss_account_id", "=", self.account_id.id),
                    ("account_id.account_type", "=", "asset_receivable"),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                    ("amount_residual", ">", 0),
                    ("bss_deposit_id", "=", False),
                ],
                order="date_maturity, date, id",
            )
        )

    def _bss_set_off(self, day, amount=None):
        """Set off ``amount`` (default: as much as is owed and held) on ``day``; return what was set off (Decimal)."""
        self.ensure_one()
        own = self.sudo()
        items = own._bss_open_items()
        owed = own.currency_id.round(sum(items.mapped("amount_residual")))
        if not owed:
            raise UserError(
                self.env._("Deposit %(name)s: the account has no open invoice to set it off against.", name=self.name)
            )
        amount = own._bss_settle_amount(min(own.amount_held, owed) if amount is None else amount)
        if own.currency_id.compare_amounts(amount, owed) > 0:
            raise UserError(
                self.env._(
                    "Deposit %(name)s: only %(owed)s is open.", name=self.name, owed=own.currency_id.format(owed)
                )
            )
        move = own._bss_post(
            day,
            self.env._("Deposit %(name)s set off", name=self.name),
            [own._bss_liability_line(-amount), own._bss_receivable_line(-amount, "set_off")],
        )
        credit = own._bss_receivables(move)
        for item in items:
            if credit.reconciled:
                break
            (credit | item).reconcile()
        own._bss_archive_note("set_off", amount, day)
        return decimal(amount)

    def _bss_return(self, day, amount=None):
        """Return ``amount`` (default: all that is held) on ``day`` as an open credit of the account.

        What was asked for and not paid is taken back with it. Returns what was returned (Decimal).
        """
        self.ensure_one()
        own = self.sudo()
        if own.state == "due" and amount is None:
            own._bss_take_back_unpaid(day)
            if own.state == "cancelled":
                return decimal(0.0)
        amount = own._bss_settle_amount(own.amount_held if amount is None else amount)
        own._bss_post(
            day,
            self.env._("Deposit %(name)s returned", name=self.name),
            [own._bss_liability_line(-amount), own._bss_receivable_line(-amount, "return")],
        )
        own._bss_archive_note("return", amount, day)
        return decimal(amount)

    def _bss_settle_amount(self, amount):
        """``amount`` as a rounded float that is held, or why it cannot be settled."""
        amount = self.currency_id.round(float(amount))
        if self.state != "held":
            raise UserError(self.env._("Deposit %(name)s is not held: nothing to settle.", name=self.name))
        if amount <= 0 or self.currency_id.compare_amounts(amount, self.amount_held) > 0:
            raise UserError(
                self.env._(
                    "Deposit %(name)s: %(amount)s cannot be settled, %(held)s is held.",
                    name=self.name,
                    amount=self.currency_id.format(amount),
                    held=self.currency_id.format(self.amount_held),
                )
            )
        return amount

    # -- assignment ---------------------------------------------------------------------------------

    def _bss_assign(self, contract, day=None):
        """Move the deposit to ``contract`` of another customer; return the new deposits.

        The operator's debt for what is held goes from one customer to the other; what is not paid yet is taken back,
        and asked for again on the new contract.
        """
        self.ensure_one()
        day = day or polish_day.today()
        own = self.sudo()
        if own.company_id != contract.company_id or own.contract_id == contract:
            raise UserError(
                self.env._(
                    "Deposit %(name)s cannot be moved to contract %(contract)s.", name=self.name, contract=contract.name
                )
            )
        vals = {"contract_id": contract.id, "product_id": own.product_id.id, "date": day}
        heirs = own.browse()
        unpaid = own._bss_take_back_unpaid(day)
        if not unpaid or own.amount_held:
            heirs |= own._bss_move_held(vals, day)
        if unpaid:
            again = own.create({**vals, "amount": unpaid})
            again.action_due()
            heirs |= again
        return heirs.with_env(self.env)

    def _bss_move_held(self, vals, day):
        amount = self._bss_settle_amount(self.amount_held)
        heir = self.create({**vals, "amount": amount, "predecessor_id": self.id})
        self._bss_post(
            day,
            self.env._("Deposit %(name)s moved to %(new)s", name=self.name, new=heir.name),
            [self._bss_liability_line(-amount), heir._bss_liability_line(amount)],
        )
        return heir

    def _bss_assign_all(self, contract, day):
        """Move these deposits; one that cannot be moved is left to a clerk, the contract goes over all the same."""
        for deposit in self:
            try:
                with self.env.cr.savepoint():
                    deposit._bss_assign(contract, day)
            except UserError as error:
                deposit.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._("Move the deposit to contract %(contract)s", contract=contract.name),
                    note=str(error),
                    user_id=deposit.create_uid._bss_or_admin().id,
                )

    # -- entries ------------------------------------------------------------------------------------

    def _bss_liability_line(self, amount):
        """The operator owes ``amount`` more to the customer (less when negative)."""
        return self._bss_line(self.company_id._bss_deposit_account(), -amount, "liability")

    def _bss_receivable_line(self, amount, part):
        """The customer owes ``amount`` more (less when negative)."""
        partner = self.partner_id.with_company(self.company_id)
        return {
            **self._bss_line(partner.property_account_receivable_id, amount, part),
            "date_maturity": self.date_due if part == "demand" and amount > 0 else False,
        }

    def _bss_line(self, account, balance, part):
        return {
            "account_id": account.id,
            "partner_id": self.partner_id.commercial_partner_id.id,
            "bss_account_id": self.account_id.id,
            "balance": balance,
            "bss_deposit_id": self.id,
            "bss_deposit_part": part,
        }

    def _bss_post(self, day, text, lines):
        """Posted entry without VAT in the journal of deposits."""
        move = (
            self.env["account.move"]
            .with_company(self.company_id)
            .with_context(lang=self.company_id.partner_id.lang)
            .create(
                {
                    "move_type": "entry",
                    "journal_id": self.company_id._bss_deposit_journal().id,
                    "date": day,
                    "ref": text,
                    "company_id": self.company_id.id,
                    "bss_account_id": self.account_id.id,
                    "line_ids": [fields.Command.create({**line, "name": text, "tax_ids": False}) for line in lines],
                }
            )
        )
        move._post(soft=False)
        self.invalidate_recordset(["move_line_ids"])
        return move

    def _bss_receivables(self, move):
        return move.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")

    def _bss_archive_note(self, event, amount, day):
        """The note (outside VAT) that tells the customer; ``event`` is demand, set_off or return."""
        self.ensure_one()
        notes = self.env["bss.document"].search_count([("res_model", "=", self._name), ("res_id", "=", self.id)])
        name = f"{self.name}/{notes}" if notes else self.name
        documents = self.env["bss.document"]
        _lang, code = documents._bss_letter_language(self.partner_id)
        contract = self.contract_id.with_context(lang=code)
        values = {
            "deposit": self.with_context(lang=code),
            "contract": contract,
            "account": contract.account_id,
            "event": event,
            "settled": amount,
            "left": self.amount_held,
        }
        return documents._bss_issue_letter(NOTE_TEMPLATE, "deposit_note", name, self, self.account_id, values)
