"""Hooks of bulk invoicing: what other addons say about the invoices that are written as rows."""

from odoo import api, models
from odoo.tools import ormcache

from ..bulk.eligibility import foreign_compute

# modules whose overrides the equivalence tests of bulk invoicing ran with
COMPATIBLE = (
    "account",
    "account_debit_note",
    "account_edi_ubl_cii",
    "account_payment",
    "analytic",
    "base",
    "base_import",
    "base_sparse_field",
    "bss_contracts",
    "html_editor",
    "l10n_pl",
    "l10n_pl_edi",
    "mail",
    "phone_validation",
    "portal",
    "product",
    "queue_job",
    "sale",
    "sms",
    "snailmail",
    "snailmail_account",
    "utm",
    "web",
)


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    # addons that do not build on this one may have hooks of these names too, and load before it or after it

    @api.model
    def _bss_bulk_compatible_modules(self):
        """Names of modules whose overrides change nothing on invoices of bill runs that rows would miss."""
        beside = getattr(super(), "_bss_bulk_compatible_modules", set)
        return beside() | set(COMPATIBLE)

    @api.model
    @ormcache()
    def _bss_bulk_foreign_compute(self):
        """Looked for once: the walk over everything that depends on invoices takes as long as 300 of them."""
        return foreign_compute(self.env.registry, self._bss_bulk_compatible_modules())

    @api.model
    @ormcache("key")
    def _bss_bulk_patterns(self, key):
        """{shape: pattern of its invoices} for what ``key`` says, filled by ``bulk.patterns``; empty in a new process."""
        return {}

    @api.model
    def _bss_bulk_profile(self, partners):
        """{partner id: tuple}: what else of a customer decides stored columns of its invoices.

        Language, fiscal position, receivable account, way of payment, country, whether there is a VAT number and
        whether goods go elsewhere are looked at already.
        """
        beside = getattr(super(), "_bss_bulk_profile", None)
        return beside(partners) if beside else dict.fromkeys(partners.ids, ())

    def _bss_after_mass_reconcile(self):
        """Hook: payments written as rows were matched with items of these documents, in the same transaction.

        Whoever overrides ``account.partial.reconcile.create`` does the same here. Extend with super() first.
        """

    def _bss_bulk_after_post(self):
        """Hook: set-based work on newly posted invoices of a bill run, in the same transaction.

        Runs for invoices written as rows, and through ``_bss_after_issue`` for those of the ORM; so it must do
        nothing twice. Extend with super() first.
        """
