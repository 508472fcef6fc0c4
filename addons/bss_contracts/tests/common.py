from datetime import date

from odoo.addons.bss_catalog.tests.common import BssCommon


class ContractsCommon(BssCommon):
    """A Polish operator with one bill cycle and a maker of subscribers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.billing_journal = cls.env["account.journal"].create(
            {"name": "Mass billing", "code": "BSSB", "type": "sale", "company_id": cls.company.id}
        )
        cls.cycle = cls.env["bss.bill.cycle"].create(
            {"name": "1st", "day": 1, "due_days": 14, "journal_id": cls.billing_journal.id}
        )
        cls.fibre = cls.make_offering("T-NET300", 59.0, service="internet")
        cls._msisdn = 600100000

    @classmethod
    def next_msisdn(cls):
        cls._msisdn += 1
        return f"48{cls._msisdn}"

    @classmethod
    def make_account(cls, name="Jan Kowalski", kind="consumer", **vals):
        partner_vals = {
            "name": name,
            "bss_customer_kind": kind,
            "is_company": kind in ("company", "public"),
            "country_id": cls.env.ref("base.pl").id,
            "street": "ul. Lipowa 1",
            "zip": "00-001",
            "city": "Warszawa",
            "email": "klient@example.com",
            **vals.pop("partner", {}),
        }
        partner = cls.env["res.partner"].create(partner_vals)
        return cls.env["bss.account"].create({"partner_id": partner.id, "bill_cycle_id": cls.cycle.id, **vals})

    @classmethod
    def make_service(cls, contract, product, state="active", date_start=date(2026, 1, 1), msisdn=None, **vals):
        """Service of a contract; ``state`` other than pending writes what a done order would."""
        service = cls.env["bss.service"].create(
            {
                "contract_id": contract.id,
                "product_id": product.id,
                "state": state,
                "date_start": date_start if state != "pending" else False,
                **vals,
            }
        )
        if msisdn:
            cls.env["bss.service.identifier"].create(
                {"service_id": service.id, "kind": "msisdn", "value": msisdn, "date_start": date_start}
            )
        return service

    @classmethod
    def make_subscriber(
        cls,
        name="Jan Kowalski",
        kind="consumer",
        products=None,
        date_start=date(2026, 1, 1),
        charged_through=None,
        msisdn=None,
        partner=None,
        **account_vals,
    ):
        """Billing account with an active contract and one active service per product.

        :param products: product.product records (default: one fibre offering of 59.00 net)
        :param charged_through: last day already charged on every service (default: never charged)
        :param msisdn: number of the first service ("48…"); ``True`` takes the next free one
        :return: the account; ``account.contract_ids``, ``account.service_ids``
        """
        if products is None:
            products = [cls.fibre]
        account = cls.make_account(name, kind, partner=partner or {}, **account_vals)
        contract = cls.env["bss.contract"].create(
            {"account_id": account.id, "date_signed": date_start, "date_start": date_start, "state": "active"}
        )
        number = cls.next_msisdn() if msisdn is True else msisdn
        for index, product in enumerate(products):
            cls.make_service(
                contract,
                product,
                date_start=date_start,
                msisdn=number if index == 0 else None,
                charged_through=charged_through,
            )
        return account

    @classmethod
    def make_run(cls, date_start=date(2026, 11, 1), date_end=date(2026, 11, 30), date_invoice=None, cycle=None):
        return cls.env["bss.bill.run"].create(
            {
                "cycle_id": (cycle or cls.cycle).id,
                "date_start": date_start,
                "date_end": date_end,
                "date_invoice": date_invoice or date_start,
            }
        )

    @classmethod
    def bill(cls, **kwargs):
        """Make, collect and issue a bill run in place."""
        run = cls.make_run(**kwargs).with_context(queue_job__no_delay=True)
        run._bss_collect()
        run._bss_issue()
        return run
