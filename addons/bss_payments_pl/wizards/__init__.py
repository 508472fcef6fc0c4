from . import bss_bank_import_wizard
