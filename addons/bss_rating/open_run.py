"""The open run of a company: it holds the usage that is rated as it is loaded, until charges are made of it.

Loads share an advisory lock on it to the end of their transactions; who closes it waits for all of them. As transactions see what was
there when they began, both sides look at the run with fresh eyes: a load by a cursor of its own, the closing by beginning anew.
"""

from odoo import SUPERUSER_ID, api
from odoo.addons.bss_mediation.adapters import in_test
from odoo.exceptions import UserError
from odoo.tools import mute_logger
from psycopg2.errors import LockNotAvailable, UniqueViolation

OPEN_LOCK = 7_230_003
CLOSE_TIMEOUT = "60s"  # a person waits for it
MAKE_TIMEOUT = "5s"


def open_run_shared(cr, company):
    """Id of the open run, made when it is missing; it stays open until the transaction of ``cr`` ends."""
    cr.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", (OPEN_LOCK, company.id))
    if in_test():
        return _found(cr, company.id) or _made(cr, company.id)
    for _attempt in range(2):
        with company.env.registry.cursor() as fresh:
            run_id = _found(fresh, company.id)
            if run_id:
                return run_id
            fresh.execute("SELECT EXISTS (SELECT FROM res_company WHERE id = %s)", (company.id,))
            if not fresh.fetchone()[0]:  # the company is of our own transaction: nobody else can look for its run
                return _found(cr, company.id) or _made(cr, company.id)
            try:
                with mute_logger("odoo.sql_db"):
                    fresh.execute("SELECT set_config('lock_timeout', %s, TRUE)", (MAKE_TIMEOUT,))
                    run_id = _made(fresh, company.id)
                fresh.commit()  # pylint: disable=invalid-commit
                return run_id
            except UniqueViolation:  # another load was faster
                fresh.rollback()
            except LockNotAvailable:
                # what a run needs (its number, its company) was written by our own transaction, which cannot wait for itself
                fresh.rollback()
                return _found(cr, company.id) or _made(cr, company.id)
    raise UserError(company.env._("Usage of %(company)s is being charged; try again.", company=company.name))


def close_open_run(cr, run):
    """Close the run to further loads, so that charges can be made of all it will ever hold; other runs are left alone.

    What was done before is committed: loads that were under way are seen by a new transaction only. Where it must not be
    (``bss_one_transaction``) the run stays open, and what those loads bring is charged another time.

    :return: whether the run was closed now
    """
    run.ensure_one()
    if run.is_continuous and run.state != "running" and not run.finished_at:
        run._bss_close()  # whoever closed it did not come to the end
    if not run.is_continuous or run.state != "running" or run.env.context.get("bss_one_transaction"):
        return False
    if in_test():
        run._bss_close()
        return True
    run.env.flush_all()
    cr.commit()  # pylint: disable=invalid-commit
    try:
        with mute_logger("odoo.sql_db"):
            cr.execute("SELECT set_config('lock_timeout', %s, TRUE)", (CLOSE_TIMEOUT,))
            cr.execute("SELECT pg_advisory_xact_lock(%s, %s)", (OPEN_LOCK, run.company_id.id))
    except LockNotAvailable as error:
        cr.rollback()
        run.env.invalidate_all(flush=False)
        raise UserError(run.env._("Usage files are being loaded. Make the charges when that is done.")) from error
    run.state = "done"
    run.env.flush_all()
    cr.commit()  # pylint: disable=invalid-commit
    run.env.invalidate_all()
    run._bss_close()
    return True


def _found(cr, company_id):
    cr.execute(
        "SELECT id FROM bss_rating_run WHERE company_id = %s AND is_continuous AND state = 'running'", (company_id,)
    )
    row = cr.fetchone()
    return row and row[0]


def _made(cr, company_id):
    runs = api.Environment(cr, SUPERUSER_ID, {})["bss.rating.run"]
    return runs._bss_open(company_id).id
