import sys
from pathlib import Path

from lxml import etree
from odoo.fields import Command
from odoo.tests import TransactionCase

from .. import adapters
from ..ksef_core import fa3

SIMULATORS = Path(__file__).resolve().parents[3] / "tests"


def simulator(**options):
    """The strict KSeF simulator of this repository, started on a free port by `with`."""
    if not (SIMULATORS / "simulators" / "ksef" / "simulator.py").is_file():
        raise AssertionError(f"the KSeF simulator is missing: {SIMULATORS}/simulators/ksef")
    if str(SIMULATORS) not in sys.path:
        sys.path.insert(0, str(SIMULATORS))
    from simulators.ksef import KsefSimulator

    return KsefSimulator(delay=0.05, **options)


class KsefCommon(TransactionCase):
    """A Polish company with its chart, and customers of every kind."""

    NIP = "1234563218"
    day = None  # of issue; by default that of the test, because what is sent later goes Offline

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.day = cls.day or cls.env["bss.ksef.session"]._bss_day()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True, "mail_create_nolog": True})
        cls.company = cls._make_company()
        cls.env.user.write({"company_ids": [Command.link(cls.company.id)], "company_id": cls.company.id})
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.company = cls.company.with_env(cls.env)
        cls.poland = cls.env.ref("base.pl")
        taxes = cls.env["account.tax"].search(
            [("company_id", "=", cls.company.id), ("type_tax_use", "=", "sale")], order="sequence, id"
        )
        cls.tax = {rate: group[0] for rate, group in taxes.grouped("bss_ksef_rate").items() if rate}
        cls.business = cls._make_partner("Zakład Usługowy Sp. z o.o.", "5261040567")
        cls.consumer = cls._make_partner("Jan Kowalski", False)

    @classmethod
    def _make_company(cls):
        zloty = cls.env.ref("base.PLN")
        zloty.active = True
        company = (
            cls.env["res.company"]
            .with_context(install_mode=True)
            .create(
                {
                    "name": "Próbny Operator Sp. z o.o.",
                    "street": "ul. Próbna 1",
                    "zip": "99-300",
                    "city": "Kutno",
                    "vat": f"PL{cls.NIP}",
                    "email": "biuro@example.com",
                    "company_registry": "0000099999",
                    "country_id": cls.env.ref("base.pl").id,
                    "currency_id": zloty.id,
                }
            )
        )
        cls.env["account.chart.template"].try_loading("pl", company=company, install_demo=False)
        company.write({"bss_ksef_enabled": True, "bss_ksef_auth": "token"})
        return company

    @classmethod
    def _make_partner(cls, name, nip, **values):
        defaults = {
            "name": name,
            "vat": nip,
            "is_company": bool(nip),
            "street": "ul. Testowa 7",
            "zip": "00-001",
            "city": "Warszawa",
            "country_id": cls.env.ref("base.pl").id,
        }
        return cls.env["res.partner"].with_context(no_vat_validation=True).create({**defaults, **values})

    @classmethod
    def _make_moves(cls, partners, lines=None, post=True, **values):
        """One invoice per partner; `lines`: [(name, quantity, price, tax or recordset of taxes)]."""
        lines = lines or [("Internet 600", 1, 69.0, cls.tax["23"])]
        moves = cls.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": cls.day,
                    "invoice_line_ids": [
                        Command.create(
                            {"name": name, "quantity": quantity, "price_unit": price, "tax_ids": [Command.set(tax.ids)]}
                        )
                        for name, quantity, price, tax in lines
                    ],
                    **values,
                }
                for partner in partners
            ]
        )
        if post:
            moves._post(soft=False)
        return moves

    @classmethod
    def _aim(cls, sim):
        """The company sends to the running simulator, logging in with a token."""
        cls.company.write(
            {
                "bss_ksef_environment": "local",
                "bss_ksef_base_url": sim.base_url,
                "bss_ksef_auth": "token",
                "bss_ksef_token": sim.issue_token(cls.NIP),
            }
        )

    def _send(self, moves=None):
        return self.env["bss.ksef.session"]._bss_send_batch(self.company, moves, timeout=60)

    def _unblock(self):
        """The time that KSeF wanted us to wait is over; the limiter keeps it on a connection of its own."""
        with self.env.registry.cursor() as cr:
            cr.execute("UPDATE bss_ksef_allowance SET blocked_until = NULL")


class KsefXmlCommon(KsefCommon):
    """Invoices of Odoo read back from the XML that they become."""

    def _document(self, move):
        ((_row, invoice),) = adapters.invoices(move, self.env["bss.ksef.session"]._bss_now())
        return invoice

    def _problems(self, move):
        """Codes of what is wrong with the invoice."""
        found = fa3.freeze(self._document(move), self.day)
        return [] if isinstance(found, fa3.Frozen) else [problem.code for problem in found]

    def _tree(self, move):
        frozen = fa3.freeze(self._document(move), self.day)
        self.assertIsInstance(frozen, fa3.Frozen, frozen)
        return etree.fromstring(frozen.xml)

    def _values(self, tree, path):
        return [one.text for one in tree.findall("/".join(f"{{{fa3.NAMESPACE}}}{step}" for step in path.split("/")))]

    def _extra(self, **values):
        """The hook gives `values` with every invoice."""
        before = type(self.env["account.move"])._bss_ksef_extra

        def extra(records):
            return {move_id: {**found, **values} for move_id, found in before(records).items()}

        self.patch(self.env.registry["account.move"], "_bss_ksef_extra", extra)
