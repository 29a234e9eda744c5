"""Who looks at the pages, and who may not."""

from __future__ import annotations

from hummingbird.core.record import Record


class Visitor(Record):
    """A person who is signed in and may read."""

    name: str


class SignInNeeded(Exception):
    """Nobody is signed in; `url` is where to do that and come back."""

    def __init__(self, url: str) -> None:
        super().__init__("nobody is signed in")
        self.url = url


class NotAllowed(Exception):
    """Somebody is signed in who may not read; the message says what is missing."""
