"""What the matcher has to know about a batch of payments, fetched by the keys that stand in them.

Every statement here finds its rows by an index, so that a small file reads little however many debts are open.
"""

from odoo.addons.bss_contracts.billing_core import luhn_is_valid
from odoo.tools import SQL

from ..bank_core import matching

#: as ``matching.match_key`` in the database; the indexes on documents and contracts are on this very expression
MATCH_KEY = "regexp_replace(upper({column}), '[^A-Z0-9]', '', 'g')"
#: what is written before another reason than a payment's own key leaves no trace in the history of its payer
OWN_KEYS = (
    "VIRTUAL_ACCOUNT",
    "KSEF_NUMBER",
    "ACCOUNT_NUMBER",
    "INVOICE_NUMBER",
    "INVOICE_NUMBER_NEAR",
)
#: shorter numbers of accounts and contracts are no key
MIN_NUMBER = 5


class FactsReader:
    """Facts for the batches of one bank journal; what does not change between batches is read once."""

    def __init__(self, env, journal):
        self.env = env
        self.journal = journal
        self.company = journal.company_id
        self.has_ksef = "bss_ksef_number" in env["account.move"]._fields
        self.prefixes = self._prefixes()
        self.shapes = matching.shapes_of(self._sample_numbers())
        months = self.company.bss_payer_history_months
        self.settings = matching.Settings(payer_age_days=round(months * 30.44) if months else 36_500)

    def of(self, batch):
        """Facts about these transactions."""
        self._flush()
        batch = [tx for tx in batch if tx.is_customer_credit or tx.mark == "RC"]
        needs = matching.needs(batch, self.shapes, self.prefixes)
        facts = self._first(needs, {tx.party_account for tx in batch})
        more = matching.more_needs(batch, facts, self.settings)
        near = self._documents(self._by_number(more.numbers - needs.numbers))
        documents = _merged(facts.documents, matching.document_index(near))
        # a longer name may hold the payer's: whoever bears it is another candidate
        names = facts.names | self._names_with(more.name_words)
        accounts = more.accounts.union(*names.values())
        open_documents = {}
        for document in self._documents(self._open_of(accounts)):
            open_documents.setdefault(document.account_id, []).append(document)
        result = matching.Facts(
            virtual=facts.virtual,
            prefixes=self.prefixes,
            documents=documents,
            ksef=facts.ksef,
            account_numbers=facts.account_numbers,
            payers=facts.payers,
            names=names,
            names_of=self._names_of(facts, documents, accounts),
            open_documents=open_documents,
            rules=facts.rules,
            shapes=self.shapes,
        )
        # what was added says nothing new about the payers' own names and the numbers that stand in the titles
        result.seen.update(facts.seen)
        return result

    def _first(self, needs, payers):
        documents = self._documents(self._by_number(needs.numbers))
        return matching.Facts(
            virtual=self._virtual(needs.virtual),
            prefixes=self.prefixes,
            documents=matching.document_index(documents),
            ksef=matching.ksef_index(self._documents(self._by_ksef(needs.ksef))),
            account_numbers=self._account_numbers(needs.account_numbers),
            payers=self._payers(needs.payers),
            names=self._names(needs.names),
            # whom the payer's name does not fit is asked for no neighbouring numbers
            names_of=self._name_keys({document.account_id for document in documents}),
            rules=self.env["bss.payment.rule"].sudo()._bss_kernel_rules(self.company, payers, self.journal),
            shapes=self.shapes,
        )

    def _flush(self):
        for model in (
            "account.move",
            "bss.account",
            "bss.contract",
            "bss.payment.match",
            "bss.payment.part",
            "bss.virtual.account",
        ):
            self.env[model].flush_model()

    # --- read once

    def _prefixes(self):
        """A short payer key is read with the prefixes of this bank account, closed pools included."""
        pools = self.env["bss.virtual.account.pool"].sudo().with_context(active_test=False)
        return tuple(pools.search([("journal_id", "=", self.journal.id)]).mapped("prefix"))

    def _sample_numbers(self):
        """One number of each series of the sales journals: the index is jumped through, not read."""
        self.env["account.move"].flush_model(["journal_id", "name", "sequence_prefix", "sequence_number"])
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE series AS (
                    SELECT journal.id AS journal_id, (
                           SELECT max(move.sequence_prefix) FROM account_move move WHERE move.journal_id = journal.id
                           ) AS prefix
                      FROM account_journal journal WHERE journal.company_id = %s AND journal.type = 'sale'
                 UNION ALL
                    SELECT series.journal_id, (
                           SELECT max(move.sequence_prefix) FROM account_move move
                            WHERE move.journal_id = series.journal_id AND move.sequence_prefix < series.prefix)
                      FROM series WHERE series.prefix IS NOT NULL)
                SELECT (SELECT move.name FROM account_move move
                         WHERE move.journal_id = series.journal_id AND move.sequence_prefix = series.prefix
                      ORDER BY move.sequence_number DESC LIMIT 1)
                  FROM series WHERE prefix IS NOT NULL LIMIT 2000
                """,
                self.company.id,
            )
        )
        return [row[0] for row in rows if row[0] and row[0] != "/"]

    # --- documents

    def _documents(self, condition):
        """Documents by a condition on ``move``; None fetches nothing."""
        if condition is None:
            return ()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT move.id, move.bss_account_id, move.name, %s,
                       round(move.amount_residual_signed * 100)::bigint,
                       COALESCE(move.invoice_date_due, move.invoice_date, move.date),
                       CASE WHEN date_trunc('month', move.bss_date_start) = date_trunc('month', move.bss_date_end)
                            THEN move.bss_date_start
                            WHEN move.bss_date_start IS NULL THEN move.invoice_date END,
                       move.move_type, move.payment_state IN ('not_paid', 'partial'),
                       EXISTS (SELECT FROM account_move_line item WHERE item.move_id = move.id
                                  AND item.display_type = 'payment_term' AND item.no_followup)
                  FROM account_move move
                 WHERE move.company_id = %s
                   AND move.bss_account_id IS NOT NULL
                   AND move.state = 'posted'
                   AND move.move_type IN ('out_invoice', 'out_refund')
                   AND %s
                """,
                SQL("COALESCE(move.bss_ksef_number, '')") if self.has_ksef else SQL("''"),
                self.company.id,
                condition,
            )
        )
        return [
            matching.Document(
                move_id,
                account_id,
                number,
                ksef_number,
                residual,
                due.toordinal() if due else 0,
                period.year * 100 + period.month if period else 0,
                "credit_note" if move_type == "out_refund" else "invoice",
                is_open,
                is_disputed,
            )
            for move_id, account_id, number, ksef_number, residual, due, period, move_type, is_open, is_disputed in rows
        ]

    def _by_number(self, numbers):
        return SQL(f"{MATCH_KEY.format(column='move.name')} = ANY(%s)", list(numbers)) if numbers else None

    def _by_ksef(self, keys):
        """KSeF numbers as they are written: tax number, day, two technical parts."""
        if not keys or not self.has_ksef:
            return None
        return SQL("move.bss_ksef_number = ANY(%s)", [f"{k[:10]}-{k[10:18]}-{k[18:30]}-{k[30:]}" for k in keys])

    def _open_of(self, accounts):
        if not accounts:
            return None
        return SQL("move.bss_account_id = ANY(%s) AND move.payment_state IN ('not_paid', 'partial')", list(accounts))

    # --- accounts

    def _virtual(self, numbers):
        if not numbers:
            return {}
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT nrb, account_id FROM bss_virtual_account WHERE nrb = ANY(%s) AND company_id = %s",
                    list(numbers),
                    self.company.id,
                )
            )
        )

    def _account_numbers(self, numbers):
        """Numbers of customers (with check digit) and of contracts (by their pattern)."""
        found = {}
        numbers = [number for number in numbers if len(number) >= MIN_NUMBER]
        plain = [number for number in numbers if not number.isdigit() or luhn_is_valid(number)]
        if plain:
            rows = self.env.execute_query(
                SQL("SELECT name, id FROM bss_account WHERE company_id = %s AND name = ANY(%s)", self.company.id, plain)
            )
            for name, account_id in rows:
                found[matching.match_key(name)] = (account_id,)
        worded = [number for number in numbers if not number.isdigit()]
        if worded:
            rows = self.env.execute_query(
                SQL(
                    f"""
                    SELECT contract.name, array_agg(DISTINCT contract.account_id)
                      FROM bss_contract contract JOIN bss_account account ON account.id = contract.account_id
                     WHERE account.company_id = %s AND {MATCH_KEY.format(column="contract.name")} = ANY(%s)
                  GROUP BY 1
                    """,
                    self.company.id,
                    worded,
                )
            )
            for name, account_ids in rows:
                key = matching.match_key(name)
                found[key] = tuple({*found.get(key, ()), *account_ids})
        return found

    def _payers(self, numbers):
        """Whom payers paid for: shown by keys of the payments' own, or by rules that are still switched on.

        A rule that wants words of the title speaks for such titles only. What was decided by hand shows nothing by
        itself, but it contradicts: a bank account that paid for somebody else as well decides nothing alone.
        """
        if not numbers:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT paid.payer_nrb, COALESCE(part.account_id, paid.account_id), count(*), max(paid.date),
                       bool_or(paid.reason IN %s OR COALESCE(rule.active AND rule.words IS NULL, FALSE))
                  FROM bss_payment_match paid
             LEFT JOIN bss_payment_rule rule ON rule.id = paid.rule_id
             LEFT JOIN bss_payment_part part ON part.match_id = paid.id
                 WHERE paid.payer_nrb = ANY(%s) AND paid.company_id = %s
                   AND paid.state = 'booked' AND paid.amount > 0
                   AND COALESCE(part.account_id, paid.account_id) IS NOT NULL
              GROUP BY 1, 2
                """,
                OWN_KEYS,
                list(numbers),
                self.company.id,
            )
        )
        result, shown = {}, set()
        for payer, account_id, count, last, is_shown in rows:
            result.setdefault(payer, []).append(matching.PayerUse(account_id, count, last.toordinal()))
            if is_shown:
                shown.add(payer)
        return {payer: uses for payer, uses in result.items() if payer in shown}

    def _names(self, names):
        if not names:
            return {}
        rows = self.env.execute_query(
            SQL(
                "SELECT name_key, array_agg(id) FROM bss_account WHERE company_id = %s AND name_key = ANY(%s) GROUP BY 1",
                self.company.id,
                list(names),
            )
        )
        return {key: tuple(sorted(ids)) for key, ids in rows}

    def _names_with(self, pairs):
        """Customers whose names hold both words of a pair."""
        if not pairs:
            return {}
        first, second = zip(*sorted(pairs), strict=True)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT account.name_key, array_agg(DISTINCT account.id)
                  FROM unnest(%s, %s) AS pair (first, second)
                  JOIN bss_account account
                    ON string_to_array(account.name_key, ' ') @> ARRAY[pair.first, pair.second]
                 WHERE account.company_id = %s
              GROUP BY 1
                """,
                list(first),
                list(second),
                self.company.id,
            )
        )
        return {key: tuple(sorted(ids)) for key, ids in rows}

    def _names_of(self, facts, documents, accounts):
        wanted = set(accounts)
        for found in (*documents.values(), *facts.ksef.values()):
            wanted.update(document.account_id for document in found)
        for uses in facts.payers.values():
            wanted.update(use.account_id for use in uses)
        for ids in (*facts.names.values(), *facts.account_numbers.values()):
            wanted.update(ids)
        return self._name_keys(wanted)

    def _name_keys(self, accounts):
        if not accounts:
            return {}
        return dict(
            self.env.execute_query(
                SQL("SELECT id, COALESCE(name_key, '') FROM bss_account WHERE id = ANY(%s)", list(accounts))
            )
        )


def _merged(first, second):
    result = dict(first)
    for key, documents in second.items():
        known = result.get(key, ())
        result[key] = (*known, *(one for one in documents if one not in known))
    return result
