"""Who makes the call that is being served."""

from __future__ import annotations

from contextvars import ContextVar

ACTING: ContextVar[str] = ContextVar("jira user")
