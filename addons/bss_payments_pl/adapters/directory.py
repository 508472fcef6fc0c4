"""What the matcher has to know, fetched from the database."""

from odoo.tools import SQL

from ..bank_core import matching, nrb


class DirectoryBuilder:
    """Collects with a few queries what the matcher has to know for one file."""

    def __init__(self, env, journal, transactions):
        self.env = env
        self.journal = journal
        self.company = journal.company_id
        # money in, and money in that the bank took back
        self.credits = [tx for tx in transactions if tx.is_customer_credit or tx.mark == "RC"]
        self.env.flush_all()

    def build(self):
        unkeyed = [tx for tx in self.credits if not tx.payer_key]
        virtual, prefixes = self._virtual_accounts()
        # names and account numbers are compared only for payments without (known) virtual account
        weak = bool(unkeyed) or any(not self._known(tx.payer_key, prefixes, virtual) for tx in self.credits)
        names, names_of, numbers = self._accounts() if weak else ({}, {}, {})
        documents = self._documents() if self.credits else ()
        open_documents = {}
        for document in documents:
            if document.is_open:
                open_documents.setdefault(document.account_id, []).append(document)
        return matching.Facts(
            virtual=virtual,
            prefixes=prefixes,
            documents=matching.document_index(documents),
            ksef=matching.ksef_index(documents),
            account_numbers=numbers,
            payers=self._payer_accounts() if weak else {},
            names=names,
            names_of=names_of,
            open_documents=open_documents,
        )

    def _known(self, key, prefixes, virtual):
        return key in virtual or any(nrb.from_payer_key(prefix, key) in virtual for prefix in prefixes)

    def _virtual_accounts(self):
        """Only the numbers the file can mean are fetched."""
        pools = (
            self.env["bss.virtual.account.pool"]
            .sudo()
            .with_context(active_test=False)
            .search([("company_id", "=", self.company.id)])
        )
        # a short payer key is read with the prefixes of this bank account, a full number with any
        prefixes = tuple(pools.filtered(lambda pool: pool.journal_id == self.journal).mapped("prefix"))
        wanted = set()
        for tx in self.credits:
            if len(tx.payer_key) == 26:
                wanted.add(tx.payer_key)
            elif tx.payer_key:
                wanted.update(nrb.from_payer_key(prefix, tx.payer_key) for prefix in prefixes)
        wanted.discard("")
        found = (
            self.env["bss.virtual.account"]
            .sudo()
            .search_fetch([("nrb", "in", list(wanted)), ("company_id", "=", self.company.id)], ["nrb", "account_id"])
        )
        return {number.nrb: number.account_id.id for number in found}, prefixes

    def _documents(self):
        ksef = "bss_ksef_number" in self.env["account.move"]._fields
        rows = self.env.execute_query(
            SQL(
                """
                SELECT move.id, move.bss_account_id, move.name, %s,
                       move.amount_residual_signed, move.invoice_date_due, move.move_type,
                       move.payment_state IN ('not_paid', 'partial')
                  FROM account_move move
                 WHERE move.company_id = %s
                   AND move.bss_account_id IS NOT NULL
                   AND move.move_type IN ('out_invoice', 'out_refund')
                   AND move.state = 'posted'
                   AND (move.payment_state IN ('not_paid', 'partial') OR move.name IN %s)
                """,
                SQL("COALESCE(move.bss_ksef_number, '')") if ksef else SQL("''"),
                self.company.id,
                self._words_of_titles(),
            )
        )
        return tuple(
            matching.Document(
                id,
                account,
                number,
                ksef_number,
                residual=int(round(residual * 100)),
                due=due.toordinal() if due else 0,
                kind="credit_note" if move_type == "out_refund" else "invoice",
                is_open=is_open,
            )
            for id, account, number, ksef_number, residual, due, move_type, is_open in rows
        )

    def _words_of_titles(self):
        """Words that may be numbers of invoices paid already (a customer paying twice)."""
        words = {word.strip(",.;:()") for tx in self.credits for word in tx.title.upper().split()}
        return tuple(word for word in words if any(char.isdigit() for char in word)) or ("",)

    def _accounts(self):
        """Names (both ways) and numbers of the company's billing accounts."""
        names, names_of, numbers = {}, {}, {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT account.id, account.name, partner.name
                  FROM bss_account account JOIN res_partner partner ON partner.id = account.partner_id
                 WHERE account.company_id = %s
                """,
                self.company.id,
            )
        )
        wanted = {matching.name_key(tx.party_name) for tx in self.credits if tx.party_name}
        for account_id, number, name in rows:
            numbers[matching.match_key(number)] = (account_id,)
            key = matching.name_key(name or "")
            if key and key in wanted:
                names.setdefault(key, []).append(account_id)
                names_of[account_id] = key
        return names, names_of, numbers

    def _payer_accounts(self):
        """Which accounts a payer's own bank account paid for before."""
        payers = {tx.party_account for tx in self.credits if tx.party_account}
        groups = (
            self.env["bss.payment.match"]
            .sudo()
            ._read_group(
                [
                    ("payer_nrb", "in", list(payers)),
                    ("state", "=", "booked"),
                    ("reason", "!=", "MANUAL"),
                    ("company_id", "=", self.company.id),
                ],
                ["payer_nrb", "account_id"],
                ["__count", "date:max"],
            )
        )
        result = {}
        for payer, account, count, last in groups:
            result.setdefault(payer, []).append(matching.PayerUse(account.id, count, last.toordinal()))
        return result
