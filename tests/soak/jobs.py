"""Executes waiting jobs as the workers of the job runner do, without its server: for children that are killed or measured."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psycopg2.errors

#: Seconds that a job may be marked without being held by anybody (the job runner itself waits ten).
GRACE = 2.0

TAKE = """
UPDATE queue_job SET state = 'enqueued', date_enqueued = now() AT TIME ZONE 'UTC'
 WHERE id = (SELECT id FROM queue_job
              WHERE state = 'pending' AND channel LIKE %(channel)s || '%%'
                AND (eta IS NULL OR eta <= now() AT TIME ZONE 'UTC' + %(ahead)s * interval '1 second')
           ORDER BY eta NULLS FIRST, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING uuid
"""
#: As the job runner finds the jobs of killed workers: marked, but their row of the lock table is free.
RESCUE = """
UPDATE queue_job SET state = 'pending'
 WHERE state IN ('enqueued', 'started') AND channel LIKE %(channel)s || '%%'
   AND date_enqueued < now() AT TIME ZONE 'UTC' - %(grace)s * interval '1 second'
   AND (id IN (SELECT queue_job_id FROM queue_job_lock WHERE id = queue_job.id FOR NO KEY UPDATE SKIP LOCKED)
        OR NOT EXISTS (SELECT 1 FROM queue_job_lock l WHERE l.queue_job_id = queue_job.id))
"""
LEFT = """
SELECT count(*) FROM queue_job
 WHERE state IN ('pending', 'enqueued', 'started') AND channel LIKE %(channel)s || '%%'
"""


def run_one(env: Any, channel: str, ahead: float = 0.0) -> bool:
    """Run the next job that is due within ``ahead`` seconds; False when there is none."""
    from odoo.addons.queue_job.controllers.main import RunJobController

    try:
        env.cr.execute(RESCUE, {"channel": channel, "grace": GRACE}, log_exceptions=False)
        env.cr.commit()
        env.cr.execute(TAKE, {"channel": channel, "ahead": ahead}, log_exceptions=False)
        found = env.cr.fetchone()
        env.cr.commit()
    except psycopg2.errors.SerializationFailure:  # another worker was quicker
        env.cr.rollback()
        return True
    if not found:
        return False
    job = RunJobController._acquire_job(env, found[0])
    try:
        if job is not None:
            RunJobController._runjob(env, job)
        env.cr.commit()
    except psycopg2.errors.SerializationFailure:
        # the job is done; another worker, done with its own, tells the jobs that wait for both
        env.cr.rollback()
    env.invalidate_all()
    return True


def wake(env: Any) -> None:
    """What the scheduled action does for jobs whose worker was killed before it told those that wait."""
    from odoo import fields

    try:
        env["queue.job"]._bss_wake(fields.Datetime.now())
        env.cr.commit()
    except psycopg2.errors.SerializationFailure:  # they were told just now
        env.cr.rollback()
    env.invalidate_all()


def left(env: Any, channel: str) -> int:
    """Jobs that are not done: waiting, or with another worker."""
    env.cr.execute(LEFT, {"channel": channel})
    count: int = env.cr.fetchone()[0]
    env.cr.commit()
    return count


def run_all(
    env: Any,
    channel: str,
    *,
    ahead: float = 0.0,
    pause: float = 0.2,
    longest: float = 600.0,
    idle: Callable[[], bool] | None = None,
) -> None:
    """Work until nothing is left, or until ``idle`` (asked whenever no job is due) says that it is enough."""
    until = time.monotonic() + longest
    while time.monotonic() < until:
        if run_one(env, channel, ahead):
            continue
        wake(env)
        if (idle() if idle else not left(env, channel)) is True:
            return
        time.sleep(pause)
    raise TimeoutError(f"jobs of {channel} were not done within {longest:.0f} s")
