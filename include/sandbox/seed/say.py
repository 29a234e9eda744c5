"""What the seed tells whoever watches: one line a thing, and whether it was there before."""

from __future__ import annotations


def say(system: str, what: str, *, made: bool) -> None:
    """`jira         created HB-101 …`, or `present`."""
    print(f"{system:<12} {'created' if made else 'present'}  {what}", flush=True)
