"""Posted invoices by rows: a few are made by Odoo itself, then copied in PostgreSQL until there are enough.

Numbers go on in their sequence, customers alternate, amounts and accounts are those of the originals.
"""

from __future__ import annotations

from typing import Any

NIP = "1234563218"
CUSTOMERS = 40
#: Services of one invoice each: name, quantity, unit price.
KINDS = (
    (("Internet 600", 1, "69.00"),),
    (("Internet 600", 1, "69.00"), ("Telefon stacjonarny", 1, "9.90"), ("Połączenia krajowe", 41, "0.29")),
    (("Internet 1000", 1, "89.00"), ("Telewizja", 1, "39.90"), ("Rabat za pakiet", 1, "-10.00")),
    (("Internet 300", 2, "49.00"), ("Stały adres IP", 2, "10.00"), ("Aktywacja", 1, "49.00"), ("SMS", 12, "0.08")),
)
CHUNK = 20_000
#: Values of the copies that are not those of their originals; ``n`` counts the copies, ``t`` is the original.
MOVE = {
    "id": "%(base)s + s.n",
    "name": "t.sequence_prefix || lpad((%(number)s + s.n)::text, 6, '0')",
    "sequence_number": "%(number)s + s.n",
    "payment_reference": "t.sequence_prefix || lpad((%(number)s + s.n)::text, 6, '0')",
    "access_token": "NULL",
    "partner_id": "p.id",
    "commercial_partner_id": "p.id",
    "partner_shipping_id": "p.id",
}
LINE = {
    "id": "%(line_base)s + s.n * %(width)s + w.place",
    "move_id": "%(base)s + s.n",
    "move_name": "m.name",
    "partner_id": "m.partner_id",
}


def prepare(env: Any, count: int) -> Any:
    """``count`` posted, waiting invoices for business customers in the company that sends to KSeF; the company."""
    company = env["res.company"].search([("bss_ksef_enabled", "=", True)])
    env = env(context={**env.context, "allowed_company_ids": company.ids})
    company = company.with_env(env)
    partners = _partners(env)
    originals = _originals(env, company, partners[0])
    _copy(env, originals, partners, count - len(originals))
    env.cr.commit()
    env.cr.execute("SELECT count(*), count(DISTINCT name) FROM account_move WHERE bss_ksef_state = 'to_send'")
    found = env.cr.fetchone()
    assert found == (count, count), found
    return company


def _partners(env: Any) -> Any:
    weights = (6, 5, 7, 2, 3, 4, 5, 6, 7)
    values = []
    for index in range(3 * CUSTOMERS):
        digits = f"526{index:06}"
        control = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
        if control < 10 and len(values) < CUSTOMERS:
            address = {"street": f"ul. Próbna {index + 1}", "zip": "99-300", "city": "Kutno"}
            country = env.ref("base.pl").id
            values.append(
                {"name": f"Zakład nr {index}", "vat": f"PL{digits}{control}", "country_id": country, **address}
            )
    return env["res.partner"].create(values)


def _originals(env: Any, company: Any, partner: Any) -> Any:
    tax = env["account.tax"].search(
        [("company_id", "=", company.id), ("type_tax_use", "=", "sale"), ("bss_ksef_rate", "=", "23")], limit=1
    )
    day = env["bss.ksef.session"]._bss_day()
    moves = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": day,
                "invoice_line_ids": [
                    (
                        0,
                        0,
                        {"name": name, "quantity": quantity, "price_unit": float(price), "tax_ids": [(6, 0, tax.ids)]},
                    )
                    for name, quantity, price in kind
                ],
            }
            for kind in KINDS
        ]
    )
    moves._post(soft=False)
    env.flush_all()
    return moves


def _copy(env: Any, originals: Any, partners: Any, count: int) -> None:
    cr = env.cr
    cr.execute("SELECT max(id) FROM account_move")
    base = cr.fetchone()[0]
    cr.execute(
        "SELECT max(id), max(per) FROM (SELECT max(id) AS id, count(*) AS per FROM account_move_line GROUP BY move_id) x"
    )
    line_base, width = cr.fetchone()
    cr.execute(
        """CREATE TEMP TABLE width AS SELECT id, move_id, row_number() OVER (PARTITION BY move_id ORDER BY id) - 1 AS place
             FROM account_move_line WHERE move_id = ANY(%s)""",
        (originals.ids,),
    )
    values = {
        "base": base,
        "line_base": line_base,
        "width": width,
        "number": max(originals.mapped("sequence_number")),
        "originals": originals.ids,
        "partners": partners.ids,
        "kinds": len(originals),
        "customers": len(partners),
    }
    moves, lines = _columns(cr, "account_move", MOVE), _columns(cr, "account_move_line", LINE)
    for start in range(1, count + 1, CHUNK):
        part = {**values, "start": start, "end": min(start + CHUNK - 1, count)}
        cr.execute(
            f"""INSERT INTO account_move ({moves[0]}) SELECT {moves[1]}
                  FROM generate_series(%(start)s, %(end)s) AS s(n)
                  JOIN account_move t ON t.id = (%(originals)s)[s.n %% %(kinds)s + 1]
                  JOIN res_partner p ON p.id = (%(partners)s)[s.n %% %(customers)s + 1]""",
            part,
        )
        cr.execute(
            f"""INSERT INTO account_move_line ({lines[0]}) SELECT {lines[1]}
                  FROM generate_series(%(start)s, %(end)s) AS s(n)
                  JOIN account_move m ON m.id = %(base)s + s.n
                  JOIN width w ON w.move_id = (%(originals)s)[s.n %% %(kinds)s + 1]
                  JOIN account_move_line t ON t.id = w.id""",
            part,
        )
        cr.execute(
            """INSERT INTO account_move_line_account_tax_rel (account_move_line_id, account_tax_id)
               SELECT %(line_base)s + s.n * %(width)s + w.place, r.account_tax_id
                  FROM generate_series(%(start)s, %(end)s) AS s(n)
                  JOIN width w ON w.move_id = (%(originals)s)[s.n %% %(kinds)s + 1]
                  JOIN account_move_line_account_tax_rel r ON r.account_move_line_id = w.id""",
            part,
        )
    for table in ("account_move", "account_move_line"):
        cr.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
    cr.execute("DROP TABLE width")
    cr.commit()
    cr.execute("ANALYZE account_move, account_move_line, account_move_line_account_tax_rel")
    env.invalidate_all()


def _columns(cr: Any, table: str, changed: dict[str, str]) -> tuple[str, str]:
    """Columns of an insert, and what is selected for them."""
    cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'", (table,)
    )
    names = [row[0] for row in cr.fetchall()]
    assert set(changed) <= set(names), set(changed) - set(names)
    return ", ".join(f'"{name}"' for name in names), ", ".join(changed.get(name, f't."{name}"') for name in names)
