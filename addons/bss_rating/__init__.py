from . import models, wizards
from .allowance_store import drop_use_table


def uninstall_hook(env):
    """The table of uses is no model: Odoo does not know it."""
    drop_use_table(env.cr)
