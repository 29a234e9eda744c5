"""What a pod says while it works: whole lines, at once, each of bounded length."""

from __future__ import annotations

LONGEST_LINE = 2000
"""Characters; more of one line helps nobody and fills the log store."""


def say(sentence: str) -> None:
    """Print one line; control characters become visible, so that nobody can forge a second line."""
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in sentence)
    if len(line) > LONGEST_LINE:
        line = f"{line[:LONGEST_LINE]} … ({len(line) - LONGEST_LINE} more characters)"
    print(line, flush=True)
