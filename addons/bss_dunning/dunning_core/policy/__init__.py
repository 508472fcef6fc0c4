"""Which step of a strategy comes next, when, and why not now."""
