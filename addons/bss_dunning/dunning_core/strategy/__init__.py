"""Ladders as they are designed: their lawful calendar, what is wrong with them, and moving between versions."""
