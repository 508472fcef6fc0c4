from . import controllers, models, wizards
from .virtual_account_guard import drop_guard


def uninstall_hook(env):
    """The guard of virtual accounts is no model: Odoo does not know it."""
    drop_guard(env.cr)
