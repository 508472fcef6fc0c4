"""How a checked step of the life of a record writes what nobody may write by hand.

A method that a person calls (activating, confirming, undoing, answering for the network) has checked whether that
makes sense; the guards of ``models/bss_write_guard*.py`` let through what is written by the three functions below.
Whoever lacks the right to write the records at all is refused here as everywhere.
"""


def enact(records, vals):
    """Write ``vals`` on ``records``.

    :raise AccessError: the user may not write them
    """
    if records:
        records.check_access("write")
        records.sudo().write(vals)


def enact_create(model, vals):
    """Records of ``vals`` (a dict or a list of dicts), in the environment of ``model``.

    :raise AccessError: the user may not create them
    """
    model.check_access("create")
    made = model.sudo().create(vals).with_env(model.env)
    made.check_access("create")
    return made


def enact_unlink(records):
    """Delete ``records``.

    :raise AccessError: the user may not delete them
    """
    if records:
        records.check_access("unlink")
        records.sudo().unlink()
