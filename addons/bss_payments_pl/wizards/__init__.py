from . import bss_bank_import_wizard, bss_virtual_account_import
