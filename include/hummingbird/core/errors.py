"""What can go wrong, in two words: try again, or stop.

DeliveryError
├── Retryable            machinery: the same call may succeed later
│   ├── Unreachable      no connection, or no answer in time
│   ├── Overloaded       429 or 503; may say when to come back
│   └── Garbled          an answer that is not what its interface promises
└── Final                trying again cannot help
    ├── NotFound         the system does not know the thing
    ├── Denied           the system knows us and says no (401, 403)
    ├── Conflict         the thing is in another state than expected (409, 412)
    ├── Invalid          bad input, named by field (400, 422)
    └── Mismatch         two sources that must agree do not: a digest, a commit, a signature

A refusal by a rule is no error: it is a Verdict (core/gate.py).
"""

from __future__ import annotations


class DeliveryError(Exception):
    """Base of every error the platform raises itself; the message is one sentence for a person."""


class Retryable(DeliveryError):
    """Machinery failed; `after` seconds is when the other side said to come back, None when it did not."""

    def __init__(self, message: str, *, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class Unreachable(Retryable):
    """No connection, or no answer within the time limit; the call may have taken effect."""


class Overloaded(Retryable):
    """The other side asked us to slow down."""


class Garbled(Retryable):
    """The answer is truncated or not of the promised form; it never counts as success."""


class Final(DeliveryError):
    """Trying again cannot help."""


class NotFound(Final):
    """The other side does not know the thing."""


class Denied(Final):
    """The other side refuses these credentials."""


class Conflict(Final):
    """The thing is in another state than the call expects."""


class Invalid(Final):
    """The input is malformed; the message names the field."""


class Mismatch(Final):
    """Two sources that must agree do not."""
