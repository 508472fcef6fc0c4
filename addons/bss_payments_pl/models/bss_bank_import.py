import hashlib

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.tools import SQL
from psycopg2 import errors

from .. import adapters
from ..bank_core import formats, keys, matching, nrb
from ..bank_core.formats.dialects import DIALECTS
from ..bank_core.model import Problem, Severity

BATCH = 200
#: longer files are booked by a background job
DIRECT_LIMIT = 500
MAX_PROBLEMS = 500
#: entries made by Odoo's own recipe for statement lines are balanced and need no second look
LEAN = {
    "skip_account_move_synchronization": True,
    "skip_invoice_sync": True,
    "check_move_validity": False,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
}


def _storable(text):
    """PostgreSQL keeps no NUL characters; a damaged or foreign file may hold them."""
    return str(text).replace("\0", "\ufffd")


class BssBankImport(models.Model):
    _name = "bss.bank.import"
    _description = "Bank File"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True, default="/", copy=False)
    file_name = fields.Char(readonly=True)
    journal_id = fields.Many2one(
        "account.journal",
        string="Bank Journal",
        required=True,
        readonly=True,
        check_company=True,
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one(related="journal_id.company_id", store=True, precompute=True, index=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id", store=True, precompute=True)
    sha256 = fields.Char(string="SHA-256", readonly=True, copy=False)
    size = fields.Integer(string="Size (bytes)", readonly=True)
    attachment_id = fields.Many2one("ir.attachment", string="File", readonly=True, ondelete="restrict", copy=False)
    format = fields.Char(readonly=True, default="mt940")
    dialect = fields.Selection(selection=[(d.code, d.name) for d in DIALECTS.values()], readonly=True)
    encoding = fields.Char(string="Code Page", readonly=True)
    state = fields.Selection(
        [("received", "Received"), ("imported", "Imported"), ("rejected", "Rejected")],
        default="received",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    is_queued = fields.Boolean(string="Waiting for the Job", readonly=True, copy=False)
    received_at = fields.Datetime(readonly=True, copy=False)
    imported_at = fields.Datetime(readonly=True, copy=False)
    date_start = fields.Date(string="From", readonly=True)
    date_end = fields.Date(string="To", readonly=True)
    balance_start = fields.Monetary(string="Opening Balance", readonly=True)
    balance_end = fields.Monetary(string="Closing Balance", readonly=True)
    has_opening = fields.Boolean(string="Opening Balance Known", readonly=True)
    has_closing = fields.Boolean(string="Closing Balance Known", readonly=True)
    statement_ids = fields.One2many("account.bank.statement", "bss_import_id", string="Statements")
    statement_id = fields.Many2one("account.bank.statement", compute="_compute_statement_id")
    problem_ids = fields.One2many("bss.bank.import.problem", "import_id", string="Problems")
    match_ids = fields.One2many("bss.payment.match", "import_id", string="Payments")
    # audit: entries = new + known before + debits + zero + unreadable
    count_entries = fields.Integer(string="Entries in the File", readonly=True)
    count_credits = fields.Integer(string="New Credits", readonly=True)
    count_debits = fields.Integer(string="New Debits", readonly=True, help="Fees, refunds; left in suspense.")
    count_known = fields.Integer(string="Imported Before", readonly=True)
    count_zero = fields.Integer(string="Without Amount", readonly=True)
    count_unreadable = fields.Integer(string="Unreadable", readonly=True)
    amount_credits = fields.Monetary(string="Credits of the File", readonly=True)
    amount_debits = fields.Monetary(string="Debits of the File", readonly=True)
    count_booked = fields.Integer(string="Booked Payments", compute="_compute_progress")
    count_to_decide = fields.Integer(string="Payments to Decide", compute="_compute_progress")
    amount_booked = fields.Monetary(string="Booked Amount", compute="_compute_progress")
    amount_to_decide = fields.Monetary(string="Amount to Decide", compute="_compute_progress")
    amount_rejected = fields.Monetary(string="Not a Payment", compute="_compute_progress")
    amount_difference = fields.Monetary(
        string="Difference",
        compute="_compute_progress",
        help="Credits of the file less booked, to decide and set aside as no payment. Must be zero.",
    )
    count_problems = fields.Integer(compute="_compute_progress", string="Problems Found")

    _sha256_unique = models.Constraint(
        "UNIQUE(journal_id, sha256)", "This file was received for this bank journal before."
    )

    @api.depends("journal_id")
    def _compute_currency_id(self):
        for record in self:
            record.currency_id = record.journal_id.currency_id or record.journal_id.company_id.currency_id

    @api.depends("statement_ids")
    def _compute_statement_id(self):
        for record in self:
            record.statement_id = record.statement_ids[:1]

    @api.depends("match_ids.state", "match_ids.amount", "amount_credits", "problem_ids")
    def _compute_progress(self):
        groups = self.env["bss.payment.match"]._read_group(
            [("import_id", "in", self.ids), ("amount", ">=", 0)],
            ["import_id", "state"],
            ["__count", "amount:sum"],
        )
        totals = {(record.id, state): (count, amount) for record, state, count, amount in groups}
        reversals = dict(
            self.env["bss.payment.match"]._read_group(
                [("import_id", "in", self.ids), ("amount", "<", 0), ("state", "in", ("proposed", "unallocated"))],
                ["import_id"],
                ["__count"],
            )
        )
        for record in self:

            def total(state, record_id=record._origin.id):
                return totals.get((record_id, state), (0, 0.0))

            record.count_booked, record.amount_booked = total("booked")
            decide = [total("proposed"), total("unallocated")]
            record.count_to_decide = sum(count for count, _amount in decide) + reversals.get(record._origin, 0)
            record.amount_to_decide = sum(amount for _count, amount in decide)
            record.amount_rejected = total("rejected")[1]
            record.amount_difference = record.currency_id.round(
                record.amount_credits - record.amount_booked - record.amount_to_decide - record.amount_rejected
            )
            record.count_problems = len(record.problem_ids)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                numbers = self.env["ir.sequence"].with_context(ir_sequence_date=polish_day.today())
                vals["name"] = numbers.next_by_code("bss.bank.import") or "/"
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_imported(self):
        if any(record.state == "imported" for record in self):
            raise UserError(self.env._("An imported bank file is an accounting document and stays."))

    # --- receiving

    @api.model
    def _bss_receive(self, journal, name, content):
        """Keep a file as it came and read it; nothing is booked yet.

        :param journal: bank journal the file belongs to
        :raises UserError: the same bytes were received for this journal before
        :return: the record, state ``received`` or ``rejected`` (nothing of it can be used)
        """
        journal.ensure_one()
        name = _storable(name)
        digest = hashlib.sha256(content).hexdigest()
        known = self.sudo().search([("journal_id", "=", journal.id), ("sha256", "=", digest)], limit=1)
        if known:
            raise UserError(
                self.env._(
                    "File %(file)s was received before, as %(name)s on %(date)s (%(known)s).",
                    file=name,
                    name=known.name,
                    date=fields.Datetime.context_timestamp(self, known.received_at).strftime("%Y-%m-%d %H:%M"),
                    known=known.file_name,
                )
            )
        record = self.create(
            {
                "journal_id": journal.id,
                "file_name": name,
                "sha256": digest,
                "size": len(content),
                "received_at": fields.Datetime.now(),
            }
        )
        record.attachment_id = self.env["ir.attachment"].create(
            {"name": name, "raw": content, "res_model": self._name, "res_id": record.id}
        )
        record._bss_read()
        return record

    def _bss_parse(self):
        self.ensure_one()
        journal = self.journal_id
        return formats.read(
            self.format,
            self.attachment_id.raw or b"",
            journal.bss_statement_dialect or "",
            journal.bss_statement_encoding or "",
        )

    def _bss_read(self):
        """Read the file and note what is in it and what is wrong with it."""
        self.ensure_one()
        found = self._bss_parse()
        usable, refusals = self._bss_usable(found)
        days = [balance.day for s in usable for balance in (s.head.opening, s.foot.closing) if balance]
        days += [tx.entry_date for s in usable for tx in s.transactions]
        self.sudo().problem_ids.unlink()
        self.write(
            {
                "dialect": found.dialect,
                "encoding": found.encoding,
                "state": "received" if usable else "rejected",
                "date_start": min(days, default=False),
                "date_end": max(days, default=False),
                "balance_start": float(usable[0].opening or 0) if usable else 0,
                "balance_end": float(usable[-1].closing or 0) if usable else 0,
                "has_opening": bool(usable) and usable[0].opening is not None,
                "has_closing": bool(usable) and usable[-1].closing is not None,
                "count_entries": sum(len(s.transactions) + len(s.unreadable) for s in usable),
                "count_unreadable": sum(len(s.unreadable) for s in usable),
            }
        )
        self._bss_note_problems([*refusals, *found.all_problems])
        return usable

    def _bss_usable(self, found):
        """Statements of this journal's bank account and currency; why the others are not."""
        own = nrb.normalise(self.journal_id.bank_account_id.acc_number or "")
        if not own:
            return [], [Problem("JOURNAL_WITHOUT_ACCOUNT", Severity.ERROR, params={"journal": self.journal_id.name})]
        usable, problems = [], []
        for statement in found.statements:
            head = statement.head
            interim = statement.opening is None and statement.closing is None
            if statement.account != own:
                params = {"value": statement.account or "?", "expected": own}
                problems.append(
                    Problem("OTHER_ACCOUNT", Severity.ERROR, head.account_line or head.line, ":25:", params)
                )
            elif statement.currency and statement.currency != self.currency_id.name:
                params = {"value": statement.currency, "expected": self.currency_id.name}
                line = head.opening.line if head.opening else head.line
                problems.append(Problem("OTHER_CURRENCY", Severity.ERROR, line, ":60F:", params))
            elif interim:
                problems.append(Problem("INTERIM", Severity.ERROR, head.line, ":60F:"))
            else:
                usable.append(statement)
        return usable, problems

    def _bss_note_problems(self, problems):
        self.env["bss.bank.import.problem"].sudo().create(
            [
                {
                    "import_id": self.id,
                    "code": problem.code,
                    "severity": problem.severity.value,
                    "line_no": problem.line,
                    "field_name": problem.field,
                    "params": {key: _storable(value) for key, value in problem.params.items()},
                }
                for problem in problems[:MAX_PROBLEMS]
            ]
        )

    # --- importing

    def action_import(self):
        """Book the files; long ones in a background job."""
        self.check_access("write")
        for record in self:
            if record.state != "received":
                raise UserError(self.env._("File %(name)s is not waiting to be imported.", name=record.name))
            direct = record.count_entries <= DIRECT_LIMIT or self.env.context.get("queue_job__no_delay")
            if direct:
                record._bss_import()
            else:
                record.is_queued = True
                record.with_delay(
                    identity_key=f"bss_bank_import:{record.id}",
                    channel="root.bss.payments",
                    description=self.env._("Import bank file %(name)s", name=record.name),
                )._bss_import()
        return True

    def action_read_again(self):
        """After the journal's bank account, dialect or code page was corrected."""
        self.check_access("write")
        for record in self:
            if record.state == "imported":
                raise UserError(self.env._("File %(name)s is imported already.", name=record.name))
            record._bss_read()
        return True

    def _bss_import(self, progress=None):
        """Make the statements, book what is certain, list the rest. Repeating it changes nothing.

        :param progress: ``progress(done, total)`` called after each batch
        """
        for record in self:
            record.lock_for_update()
            if record.state == "received":
                record._bss_import_one(progress)

    def _bss_import_one(self, progress):
        # the statement belongs to accounting; who may import was checked by the access to this record
        record = self.sudo().with_company(self.company_id).with_context(tracking_disable=True)
        found = record._bss_parse()
        usable, _refusals = record._bss_usable(found)
        matcher = matching.Matcher(
            adapters.DirectoryBuilder(
                record.env, record.journal_id, [tx for s in usable for tx in s.transactions]
            ).build()
        )
        total = sum(len(s.transactions) for s in usable)
        tally = {"count_credits": 0, "count_debits": 0, "count_known": 0, "count_zero": 0}
        tally |= {"amount_credits": 0, "amount_debits": 0}
        done = 0
        for statement in usable:
            record._bss_check_chain(statement)
            fresh = record._bss_fresh(statement, found.dialect, tally)
            if not fresh and not statement.unreadable:
                done += len(statement.transactions)
                continue
            target = record._bss_make_statement(statement, fresh)
            for start in range(0, len(fresh), BATCH):
                batch = fresh[start : start + BATCH]
                record._bss_book_batch(target, batch, matcher)
                if progress:
                    progress(done + start + len(batch), total)
            record._bss_keep_unreadable(statement)
            done += len(statement.transactions)
        record.write(
            {
                **{name: float(value) if name.startswith("amount") else value for name, value in tally.items()},
                "state": "imported",
                "is_queued": False,
                "imported_at": fields.Datetime.now(),
            }
        )
        if progress:
            progress(total, total)

    def _bss_check_chain(self, statement):
        opening = statement.head.opening
        if opening is None:
            return
        last = adapters.last_statement(self.journal_id, statement.account, opening.day)
        self._bss_note_problems(list(keys.chain_problems([statement], last)))

    def _bss_fresh(self, statement, dialect, tally):
        """(transaction, key) not imported before; counts the others."""
        pairs = list(zip(statement.transactions, keys.dedupe_keys(statement, dialect), strict=True))
        known = self._bss_known_keys([key for _tx, key in pairs])
        fresh = []
        for tx, key in pairs:
            if key in known:
                tally["count_known"] += 1
            elif not tx.amount:
                tally["count_zero"] += 1
            else:
                fresh.append((tx, key))
                kind = "credits" if tx.amount > 0 else "debits"
                tally[f"count_{kind}"] += 1
                tally[f"amount_{kind}"] += abs(tx.amount)
        return fresh

    def _bss_known_keys(self, wanted):
        if not wanted:
            return set()
        self.env["account.bank.statement.line"].flush_model(["bss_dedupe_key", "journal_id"])
        rows = self.env.execute_query(
            SQL(
                "SELECT bss_dedupe_key FROM account_bank_statement_line WHERE journal_id = %s AND bss_dedupe_key IN %s",
                self.journal_id.id,
                tuple(wanted),
            )
        )
        return {row[0] for row in rows}

    def _bss_make_statement(self, statement, fresh):
        closing = statement.closing
        movement = sum(tx.amount for tx, _key in fresh)
        opening = statement.opening
        if closing is None:
            opening = opening or 0
            closing = opening + movement
        elif len(fresh) != len(statement.transactions) or opening is None:
            # entries known before stand on an earlier statement: this one carries the rest
            opening = closing - movement - (statement.difference or 0)
        day = statement.foot.closing.day if statement.foot.closing else fresh[-1][0].entry_date if fresh else False
        return self.env["account.bank.statement"].create(
            {
                "name": f"{self.journal_id.code} {statement.number}/{day.year if day else ''}".strip("/ "),
                "reference": self.file_name,
                "journal_id": self.journal_id.id,
                "date": day,
                "balance_start": float(opening),
                "balance_end_real": float(closing),
                "bss_import_id": self.id,
                "bss_number": statement.number,
                "attachment_ids": [(4, self.attachment_id.id)],
            }
        )

    def _bss_book_batch(self, target, batch, matcher):
        """Statement lines, matches and reconciliation of one batch, each with one call."""
        matches = [matcher.match(tx) for tx, _key in batch]
        accounts = self.env["bss.account"].browse(
            dict.fromkeys(match.account_id for match in matches if match.decision == matching.BOOK)
        )
        ledger = accounts._bss_receivable_ledger()
        vals_list = []
        for (tx, key), match in zip(batch, matches, strict=True):
            account = self.env["bss.account"].browse(match.account_id if match.decision == matching.BOOK else False)
            counterpart = ledger[account.id] if account else False
            partner = account.partner_id.commercial_partner_id
            vals_list.append(adapters.statement_line_vals(tx, match, key, target, partner, counterpart, account))
        try:
            lines = self.env["account.bank.statement.line"].with_context(**LEAN).create(vals_list)
            lines = lines.with_env(self.env)
        except errors.UniqueViolation as error:
            raise UserError(
                self.env._("Another import of the same transactions is running; try again when it is done.")
            ) from error
        to_list = [
            {**adapters.match_vals(tx, match, key, line), "import_id": self.id}
            for (tx, key), match, line in zip(batch, matches, lines, strict=True)
            if match.decision != matching.IGNORE or match.reason.startswith("REVERSAL")
        ]
        made = self.env["bss.payment.match"].create(to_list)
        made.filtered(lambda match: match.state == "booked")._bss_reconcile()
        return made

    def _bss_keep_unreadable(self, statement):
        taken = [(row, keys.unreadable_key(statement, row.raw, row.position)) for row in statement.unreadable]
        known = set(
            self.env["bss.payment.match"]
            .search([("journal_id", "=", self.journal_id.id), ("dedupe_key", "in", [key for _row, key in taken])])
            .mapped("dedupe_key")
        )
        self.env["bss.payment.match"].create(
            [
                {
                    "import_id": self.id,
                    "date": statement.foot.closing.day if statement.foot.closing else self.date_end,
                    "amount": 0,
                    "state": "unallocated",
                    "reason": "UNREADABLE",
                    "raw": _storable(row.raw),
                    "line_no": row.line,
                    "position": row.position,
                    "dedupe_key": key,
                    "title": self._bss_problem_text(row.problem),
                }
                for row, key in taken
                if key not in known
            ]
        )

    def _bss_problem_text(self, problem):
        return (
            self.env["bss.bank.import.problem"]
            .new({"code": problem.code, "line_no": problem.line, "params": dict(problem.params)})
            .message
        )

    # --- buttons

    def _bss_match_action(self, domain):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_payments_pl.bss_payment_match_action")
        action["domain"] = [("import_id", "=", self.id), *domain]
        action["context"] = {}
        return action

    def action_view_booked(self):
        return self._bss_match_action([("state", "=", "booked")])

    def action_view_to_decide(self):
        return self._bss_match_action([("state", "in", ("proposed", "unallocated"))])

    def action_view_statement_lines(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bank Transactions"),
            "res_model": "account.bank.statement.line",
            "view_mode": "list,form",
            "domain": [["statement_id", "in", self.statement_ids.ids]],
        }
