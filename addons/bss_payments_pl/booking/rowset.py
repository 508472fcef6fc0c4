"""Text of the rows of many payments, table by table."""

from typing import NamedTuple

from odoo.addons.bss_contracts.bulk.writer import reserve_ids
from odoo.addons.bss_contracts.bulk_core import NULL, copy_token, date_token, id_token, money_token

from .. import adapters
from ..bank_core.settling import Settlement
from .exemplar import STATEMENT_LINE, template
from .inserter import Inserter, UnknownValueError
from .orm import is_listed, match_vals

#: values of a statement line that stand on its entry
ON_MOVE = {"date", "bss_account_id", "counterpart_account_id"}
#: of one-to-many and many-to-many kind: rows of other tables
BESIDE = {"invoice_ids", "candidate_ids"}
MAXINT = 2147483647
ZERO = "0.00"
PARTIAL_TABLE = "account_partial_reconcile"


class Ref(NamedTuple):
    """So much of a record as the adapters ask for."""

    id: int


class Ids(NamedTuple):
    """Reserved ids of one payment; ``match`` is 0 for a row that is no payment of a customer."""

    move: int
    line: int
    liquidity: int
    counterpart: int
    match: int


class RowSet:
    """Collects the rows of payments and knows what else changes with them."""

    def __init__(self, env, record, statement, payees, items, groups):
        self.env, self.record, self.statement = env, record, statement
        self.payees, self.items = payees, items
        old_groups, mates = groups
        residuals = {**mates, **{item.id: item.residual for item in items.values()}}
        self.settlement = Settlement(residuals, old_groups)
        self.relation = env["bss.payment.match"]._fields["invoice_ids"]
        self.moves, self.lines, self.statement_lines = {}, {}, {}
        self.inserters, self.named, self.partials = {}, [], []
        self.partial_columns = ()
        self.first_index = ""
        self.days = {}

    def reserve(self, rows):
        """[Ids] of the rows."""
        count = len(rows)
        moves = reserve_ids(self.env, "account_move", count)
        lines = reserve_ids(self.env, "account_bank_statement_line", count)
        items = reserve_ids(self.env, "account_move_line", 2 * count)
        matches = iter(reserve_ids(self.env, "bss_payment_match", sum(map(is_listed, rows))))
        return [
            Ids(moves[place], lines[place], items[2 * place], items[2 * place + 1], next(matches))
            if is_listed(row)
            else Ids(moves[place], lines[place], items[2 * place], items[2 * place + 1], 0)
            for place, row in enumerate(rows)
        ]

    def settle(self, rows, ids):
        """Work out the reconciliation; its matchings and groups are reserved and known afterwards."""
        for row, own in zip(rows, ids, strict=True):
            self.days[own.counterpart] = row.tx.entry_date
            if row.account_id:
                self.settlement.add(own.counterpart, round(row.tx.amount * 100), row.parts)
        found = self.settlement.pairs
        self.partial_ids = reserve_ids(self.env, PARTIAL_TABLE, len(found)) if found else []
        self.groups = self.settlement.groups(self.partial_ids)
        closed = [group for group in self.groups if group.is_closed]
        self.full_ids = reserve_ids(self.env, "account_full_reconcile", len(closed)) if closed else []
        full_of = dict(zip((group.number for group in closed), self.full_ids, strict=True))
        # {item id: (id of the full reconciliation or 0, matching number)}
        self.group_of = {}
        self.full_of_partial = {}
        for group in self.groups:
            full = full_of.get(group.number, 0)
            text = str(full) if full else f"P{group.number}"
            self.group_of.update(dict.fromkeys(group.lines, (full, text)))
            self.full_of_partial.update(dict.fromkeys((*group.partials, *group.old_partials), full))

    def add(self, row, own, exemplar, number):
        """Rows of one payment under its ``Number``; ``settle`` went before."""
        payee = self.payees.get(row.account_id)
        partner_id, account_id = (payee.partner_id, payee.id) if payee else (0, 0)
        amount = round(row.tx.amount * 100)
        name, day = copy_token(number.text()), date_token(row.tx.entry_date)
        vals = self._statement_line(row, own, exemplar, payee, partner_id)
        text = copy_token(vals["payment_ref"])
        money, minus, size = money_token(amount), money_token(-amount), money_token(abs(amount))
        self._put(
            self.moves,
            exemplar.move,
            (own.move, name, copy_token(number.prefix), number.sequence_number, day, own.line)
            + (id_token(account_id), size),
        )
        common = (own.move, name, day, own.line, text, id_token(partner_id), id_token(account_id))
        debit, credit = (money, ZERO) if amount > 0 else (ZERO, size)
        liquidity_account = exemplar.liquidity.token("account_id")
        self._put(
            self.lines,
            exemplar.liquidity,
            (own.liquidity, *common, liquidity_account, debit, credit, money, money, "f", NULL, NULL),
        )
        residual, is_closed, full, matching = ZERO, "f", NULL, NULL
        counterpart_account = exemplar.counterpart.token("account_id")
        if payee:
            left = self.settlement.residuals[own.counterpart]
            counterpart_account = payee.ledger_id
            residual, is_closed = money_token(left), "f" if left else "t"
            if own.counterpart in self.group_of:
                full_id, matching = self.group_of[own.counterpart]
                full = id_token(full_id)
        self._put(
            self.lines,
            exemplar.counterpart,
            (own.counterpart, *common, counterpart_account, credit, debit, minus)
            + (residual, is_closed, full, matching),
        )
        if own.match:
            self._match(row, own, exemplar, partner_id)

    @staticmethod
    def _put(tables, kind, values):
        """Rows of one template go in one COPY."""
        tables.setdefault(id(kind), (kind, []))[1].append(kind.format(*values))

    def _statement_line(self, row, own, exemplar, payee, partner_id):
        counterpart = Ref(payee.ledger_id) if payee else None
        account = Ref(payee.id) if payee else Ref(0)
        vals = adapters.statement_line_vals(
            row.tx, row.match, row.key, self.statement, Ref(partner_id), counterpart, account
        )
        day = row.tx.entry_date.strftime("%Y%m%d")
        amount = round(row.tx.amount * 100)
        residual = "0" if payee else f"{-amount / 100:.15g}"
        index = f"{day}{MAXINT - vals['sequence']:0>10}{own.line:0>10}"
        own_vals = {key: value for key, value in vals.items() if key not in ON_MOVE}
        inserter = self.inserters.get(("line", id(exemplar)))
        if inserter is None:
            # the columns that the values do not name vary too
            inserter = Inserter(self.env["account.bank.statement.line"], exemplar.statement_line, own_vals)
            names = (*STATEMENT_LINE, *inserter.keys)
            # the currency is not known yet when the ORM writes the amount
            inserter.converters = tuple(
                repr if key == "amount" else convert
                for key, convert in zip(inserter.keys, inserter.converters, strict=True)
            )
            inserter.template = template(exemplar.statement_line, names)
            self.inserters["line", id(exemplar)] = inserter
        if len(own_vals) != len(inserter.keys):
            raise UnknownValueError("account.bank.statement.line")
        values = [convert(own_vals[key]) for key, convert in zip(inserter.keys, inserter.converters, strict=True)]
        inserter.lines.append(inserter.template.format(own.line, own.move, index, residual, *values))
        self.first_index = min(index, self.first_index or index)
        return vals

    def _match(self, row, own, exemplar, partner_id):
        vals = match_vals(self.record, row, Ref(own.line))
        named = [line_id for command in vals["invoice_ids"] for line_id in command[2]]
        self.named += [(own.match, move_id) for move_id in dict.fromkeys(named)]
        plain = {key: value for key, value in vals.items() if key not in BESIDE}
        plain["partner_id"] = self._customer(vals["account_id"])
        self._insert("bss.payment.match", ("match", id(exemplar)), exemplar.match, own.match, plain)
        for _command, _zero, candidate in vals["candidate_ids"]:
            self._insert(
                "bss.payment.match.candidate",
                ("candidate", id(exemplar)),
                exemplar.candidate,
                None,
                {"match_id": own.match, **candidate},
            )
        for place, part in enumerate(row.parts, 1):
            item = self.items[part.item_id]
            sign = 1 if item.residual > 0 else -1
            self._insert(
                "bss.payment.allocation",
                ("allocation", id(exemplar)),
                exemplar.allocation,
                None,
                {
                    "match_id": own.match,
                    "move_line_id": item.id,
                    "invoice_id": item.move_id,
                    "amount": sign * abs(part.amount) / 100,
                    "reason": part.reason,
                    "sequence": place,
                },
            )

    def _customer(self, account_id):
        payee = self.payees.get(account_id)
        return payee.customer_id if payee else False

    def _insert(self, model_name, key, tokens, record_id, vals):
        inserter = self.inserters.get(key)
        if inserter is None:
            if tokens is None:
                raise UnknownValueError(model_name)
            inserter = self.inserters[key] = Inserter(self.env[model_name], tokens, vals)
        if record_id is None:
            inserter.waiting.append(vals)
        else:
            inserter.add(record_id, vals)

    def finish(self, exemplars):
        """Rows whose ids are known only when all payments are: candidates, log, matchings."""
        for inserter in self.inserters.values():
            inserter.add_waiting(self.env)
        if not self.settlement.pairs:
            return
        kind = next(one.partial for one in exemplars if one.partial)
        for partial_id, (debit_id, credit_id, amount) in zip(self.partial_ids, self.settlement.pairs, strict=True):
            day = max(self._day(debit_id), self._day(credit_id))
            full = id_token(self.full_of_partial[partial_id])
            self.partials.append(
                kind.format(partial_id, debit_id, credit_id, full, date_token(day), money_token(amount))
            )
        self.partial_columns = kind.columns

    def _day(self, line_id):
        return self.days[line_id] if line_id in self.days else self.items[line_id].day
