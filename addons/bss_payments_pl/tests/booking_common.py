"""Payments booked in two ways on the same books, and pictures of everything that came of it."""

from datetime import date
from decimal import Decimal
from unittest.mock import patch

from odoo.addons.bss_contracts.bulk.exemplar import columns_of, undone

from .. import booking
from ..bank_core import matching
from ..bank_core.allocation import Part
from ..bank_core.model import Transaction
from ..booking import mass
from ..booking.exemplar import read_rows
from .common import PaymentsCommon

DAY = date(2026, 11, 20)
NULL = r"\N"
#: items of a document that is paid which are not what is paid
OTHER_ITEMS = ("product", "tax", "line_section", "line_subsection", "line_note")
#: columns that say which number an entry has: the two ways number in another order
NUMBERED = {
    "account_move": {"name", "sequence_number", "made_sequence_gap"},
    "account_move_line": {"move_name"},
}


class BookingCommon(PaymentsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.record = cls.Import.create({"journal_id": cls.bank_journal.id, "file_name": "x", "sha256": "x"})
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.record = cls.record.with_env(cls.env).with_company(cls.company)
        cls.statement = cls.new_statement()
        cls.rows_made = 0

    @classmethod
    def new_statement(cls):
        return cls.record.env["account.bank.statement"].create(
            {
                "name": "x",
                "journal_id": cls.bank_journal.id,
                "date": DAY,
                "balance_start": 0,
                "balance_end_real": 1000,
                "bss_import_id": cls.record.id,
            }
        )

    def row(self, amount, account=None, parts=(), day=DAY, title="zaplata", documents=(), candidates=(), **kwargs):
        """Row of a payment in złoty; ``parts`` are (invoice or journal item, złoty)."""
        type(self).rows_made += 1
        number = self.rows_made
        tx = Transaction(
            line=number,
            position=number,
            value_date=day,
            entry_date=day,
            amount=Decimal(str(amount)),
            mark="C" if amount > 0 else "D",
            funds_code="",
            type_code="N240",
            owner_ref="NONREF",
            bank_ref=f"ref{number}",
            supplement="",
            title=title,
            party_name=f"Płatnik\t{number}",
            party_account="38109010140000071219812900",
            raw=f":61:{number}\n:86:\\x",
        )
        reason = kwargs.pop("reason", "INVOICE_NUMBER" if account else "NO_KEY")
        decision = kwargs.pop("decision", matching.BOOK if account else matching.UNKNOWN)
        match = matching.Match(
            decision,
            reason,
            95 if account else 0,
            kwargs.pop("proposed", account).id if kwargs.get("proposed", account) else None,
            "",
            tuple(move.id for move in documents),
            tuple(candidates),
        )
        items = []
        for target, money in parts:
            line = target if target._name == "account.move.line" else self.receivable(target)
            items.append(Part(line.id, round(money * 100), "NAMED"))
        return booking.Row(tx, f"key{number}", match, account.id if account else 0, tuple(items))

    def make_note(self, account, amount):
        """Posted credit note that corrects nothing in particular, so that it stays open."""
        note = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": account.partner_id.id,
                "bss_account_id": account.id,
                "invoice_date": date(2026, 10, 2),
                "invoice_payment_term_id": False,
                "journal_id": self.sale_journal.id,
                "invoice_line_ids": [(0, 0, {"name": "x", "price_unit": amount, "tax_ids": [(5,)]})],
            }
        )
        note.action_post()
        return note

    @staticmethod
    def receivable(move):
        return move.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")

    def fillers(self, count=14):
        """Plain payments of other customers before those that matter: the examples are taken of them."""
        rows = []
        for number in range(count):
            if not number % 3:
                rows.append(self.row(5 + number))
                continue
            account = self.make_account(f"Filler {number}")
            invoice = self.make_invoice(account, 10)
            rows.append(self.row(10, account, [(invoice, 10)] if number % 3 == 1 else [], documents=invoice))
        rows.append(self.row(-7, decision=matching.IGNORE, reason="DEBIT"))
        return rows

    def write(self, rows, orm=False, statement=None):
        """(BookingResult, keys of the rows that were written as rows)"""
        env = self.record.with_context(bss_booking_by_orm=True).env if orm else self.record.env
        taken = []

        def spy(env, record, statement, some, *args):
            taken.extend(row.key for row in some)
            return real(env, record, statement, some, *args)

        real = mass.write_rows
        with patch.object(mass, "write_rows", spy):
            result = booking.write(env, self.record.with_env(env), statement or self.statement, rows)
        # with what is done at the end of a transaction: rows are written in savepoints, which do it too
        self.env.cr.flush()
        self.env.invalidate_all()
        return result, taken

    def both(self, rows):
        """Pictures of the books after the ORM booked the rows, and after they were written as rows."""
        self.env.flush_all()
        self.make_old()
        with undone(self.env):
            self.write(rows, orm=True)
            theirs, their_tables = self.picture(), self.touched()
        result, taken = self.write(rows)
        self.assertEqual(result.reasons, {})
        return theirs, self.picture(), their_tables, self.touched(), taken

    def make_old(self):
        """What is there was written long ago by another: who touches a row is seen by it."""
        for table in ("account_move", "account_move_line", "account_partial_reconcile", "account_bank_statement"):
            self.env.cr.execute(f"UPDATE {table} SET write_date = '2020-01-01', write_uid = 1")  # constants
        self.env.invalidate_all()

    def assert_same(self, rows, wanted=()):
        """The rows, of which these at least are written as rows, come out as those of the ORM."""
        before = self.touched()
        theirs, ours, their_tables, our_tables, taken = self.both(rows)
        self.assertLessEqual({row.key for row in wanted}, set(taken))
        self.assertEqual(
            {table for table in our_tables if before[table] != our_tables[table]},
            {table for table in their_tables if before[table] != their_tables[table]},
        )
        self.assertEqual(ours.keys(), theirs.keys())
        for name, row in theirs.items():
            different = {column: (ours[name].get(column), token) for column, token in row.items()}
            different = {column: pair for column, pair in different.items() if pair[0] != pair[1]}
            self.assertFalse(different, name)
            self.assertEqual(ours[name].keys(), row.keys(), name)

    def touched(self):
        """{table: count of its rows} of the whole database."""
        self.env.cr.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        found = {}
        for (table,) in self.env.cr.fetchall():
            if not table.startswith("ir_"):
                self.env.cr.execute(f'SELECT count(*) FROM "{table}"')
                found[table] = self.env.cr.fetchone()
        return found

    def picture(self):
        """{name of a row: {column: token}} of all entries, matchings, payments and what belongs to them.

        Ids are replaced by names that are the same in both ways.
        """
        env = self.env
        tables = {
            "account_bank_statement": ("id", self.statement.ids),
            "account_bank_statement_line": ("journal_id", self.bank_journal.ids),
            "account_move": ("company_id", self.company.ids),
            "account_move_line": ("company_id", self.company.ids),
            "account_partial_reconcile": ("company_id", self.company.ids),
            "bss_payment_match": ("import_id", self.record.ids),
        }
        found = {table: read_rows(env, table, *where) for table, where in tables.items()}
        matches = [row["id"] for row in found["bss_payment_match"]]
        for table in ("bss_payment_match_candidate", "bss_payment_allocation"):
            found[table] = read_rows(env, table, "match_id", matches)
        fulls = {row["full_reconcile_id"] for row in found["account_move_line"]} - {NULL}
        found["account_full_reconcile"] = read_rows(env, "account_full_reconcile", "id", sorted(fulls))
        names = self._names(found)
        result = {}
        for table, rows in found.items():
            for row in rows:
                name = names[table, row["id"]]
                self.assertNotIn((table, name), result)
                result[table, name] = {
                    column: self._canonical(table, column, token, row, names)
                    for column, token in row.items()
                    if column not in ("id", "access_token")
                }
        relation = env["bss.payment.match"]._fields["invoice_ids"]
        self.assertEqual(len(columns_of(env, relation.relation)), 2)
        env.cr.execute(f"SELECT {relation.column1}, {relation.column2} FROM {relation.relation}")
        for match_id, move_id in env.cr.fetchall():
            if str(match_id) in matches:
                result["named", names["bss_payment_match", str(match_id)], move_id] = {}
        return result

    def _names(self, found):
        names = {}

        def give(table, row, name):
            names[table, row["id"]] = name

        moves = {}
        for row in found["account_bank_statement_line"]:
            give("account_bank_statement_line", row, row["bss_dedupe_key"])
            moves[row["move_id"]] = row["bss_dedupe_key"]
        for row in found["account_bank_statement"]:
            give("account_bank_statement", row, "statement")
        for row in found["account_move"]:
            give("account_move", row, moves.get(row["id"], f"id {row['id']}"))
        for row in found["account_move_line"]:
            key = moves.get(row["move_id"])
            side = "money" if row["debit"] != "0.00" else "other"
            give("account_move_line", row, f"{key} {side}" if key else f"id {row['id']}")
        item = {row["id"]: names["account_move_line", row["id"]] for row in found["account_move_line"]}
        lowest = {}
        for row in found["account_partial_reconcile"]:
            name = f"{item[row['debit_move_id']]} by {item[row['credit_move_id']]}"
            give("account_partial_reconcile", row, name)
            lowest[f"P{row['id']}"] = name
        members = {}
        for row in found["account_move_line"]:
            members.setdefault(row["full_reconcile_id"], []).append(item[row["id"]])
            number = row["matching_number"]
            if number.startswith("P"):
                names["number", number] = sorted(
                    item[one["id"]] for one in found["account_move_line"] if one["matching_number"] == number
                )
                self.assertIn(number, lowest)
            elif number.startswith("I"):
                names["number", number] = number
        for row in found["account_full_reconcile"]:
            give("account_full_reconcile", row, "full " + ", ".join(sorted(members[row["id"]])))
            names["number", row["id"]] = "full " + ", ".join(sorted(members[row["id"]]))
        for row in found["bss_payment_match"]:
            give("bss_payment_match", row, row["dedupe_key"])
        for table in ("bss_payment_match_candidate", "bss_payment_allocation"):
            places = {}
            for row in found[table]:
                key = names["bss_payment_match", row["match_id"]]
                places[key] = places.get(key, 0) + 1
                give(table, row, f"{key} {places[key]}")
        return names

    REFERENCES = {
        "move_id": "account_move",
        "statement_line_id": "account_bank_statement_line",
        "debit_move_id": "account_move_line",
        "credit_move_id": "account_move_line",
        "full_reconcile_id": "account_full_reconcile",
        "matching_number": "number",
        "match_id": "bss_payment_match",
        "move_line_id": "account_move_line",
    }

    def _canonical(self, table, column, token, row, names):
        if column in self.REFERENCES and token != NULL:
            return names[self.REFERENCES[column], token]
        if column == "internal_index":
            return token[:18]
        if column == "first_line_index":
            return token[:18]
        if table not in ("account_move", "account_move_line"):
            return token
        own_move = row["id"] if table == "account_move" else row["move_id"]
        is_payment = not names["account_move", own_move].startswith("id")
        if row.get("display_type") in OTHER_ITEMS and column in ("write_uid", "write_date") and not is_payment:
            # Odoo stamps the other items of a paid document too, and changes nothing on them
            return "stamped"
        if is_payment and column in NUMBERED[table]:
            return "numbered"
        return token
