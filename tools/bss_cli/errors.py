"""Errors meant for the person at the keyboard."""


class UserError(Exception):
    """Something the user can cure: printed as one clear line and its cure, never as a traceback."""

    def __init__(self, message: str, cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message}\n  cure: {self.cure}" if self.cure else self.message
