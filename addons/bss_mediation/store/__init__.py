"""The usage tables and the way into them: raw SQL, in one place."""

from .direct import copy_events, event_data, known_lines, take_source
from .events import analyze, create_event_table, drop_event_table, ensure_partitions, next_month
from .identifiers import Directory
from .legs import (
    close_legs,
    create_leg_table,
    drop_leg_table,
    forget_legs,
    insert_legs,
    open_legs,
    remember_legs,
    sources_with_open_legs,
    waiting_places,
)
from .stage import (
    copy_to_stage,
    count_incoming,
    count_twins,
    insert_events,
    insert_suspense_of_stage,
    stage_fates,
)
from .suspense import count_suspense_twins, insert_suspense, reopen_suspense

__all__ = [
    "Directory",
    "analyze",
    "close_legs",
    "copy_events",
    "copy_to_stage",
    "count_incoming",
    "count_suspense_twins",
    "count_twins",
    "create_event_table",
    "create_leg_table",
    "drop_event_table",
    "drop_leg_table",
    "ensure_partitions",
    "forget_legs",
    "event_data",
    "insert_events",
    "insert_legs",
    "insert_suspense",
    "insert_suspense_of_stage",
    "known_lines",
    "next_month",
    "open_legs",
    "remember_legs",
    "reopen_suspense",
    "sources_with_open_legs",
    "stage_fates",
    "take_source",
    "waiting_places",
]
