"""A repository that cannot be delivered as it is."""

from __future__ import annotations


class CannotJoin(Exception):
    """Why, naming the job or the file, and what to add: one sentence for the team."""
