from . import controllers, models, wizards
from .frozen_store import drop_table
from .models.bss_ksef_limit import drop_call_tables


def uninstall_hook(env):
    """The tables of frozen XML and of counted calls are no models: Odoo does not know them."""
    drop_table(env.cr)
    drop_call_tables(env.cr)
