"""Strategy records into the kernel of ladders."""

from .dunning_core.strategy.rung import Rung


def rungs(steps):
    """Ladder of these step records, numbered by their place, so that unsaved steps of a form have a key, too."""
    return [
        Rung(
            key=place,
            code=step.code or "",
            channel=step.channel or "",
            notice=step.legal_notice or "",
            days_after_due=step.days_after_due,
            days_after_previous=step.days_after_previous,
            repeat_count=max(step.repeat_count, 1),
            repeat_days=max(step.repeat_days, 1),
            working_days_only=step.working_days_only,
            text=step.letter_text or "",
        )
        for place, step in enumerate(steps)
    ]
