from . import bss_bank_import_wizard, bss_payment_rematch, bss_virtual_account_import
