"""What a configuration story delivered stays when code is released next: a merge of three."""

from __future__ import annotations

from collections.abc import Mapping


def surviving(base: Mapping[str, str], ours: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    """`theirs`, with what was delivered apart from code.

    `base` is the file at the running commit, `ours` what the running bundle holds, `theirs` the file at the
    candidate. Where ours is not base, a configuration story delivered it; it stays unless the candidate
    itself changed the same key.
    """
    merged = dict(theirs)
    for key in base.keys() | ours.keys():
        delivered_apart = ours.get(key) != base.get(key)
        changed_by_candidate = theirs.get(key) != base.get(key)
        if not delivered_apart or changed_by_candidate:
            continue
        if key in ours:
            merged[key] = ours[key]
        else:
            merged.pop(key, None)
    return merged
