"""git's own hooks, run by `git receive-pack` as separate programs: standard library only.

`pre-receive` refuses what the pusher may not do (GitLab's words); `post-receive` writes the accepted updates
as one file into the spool folder, before git answers the pusher: a killed sandbox still owes their events.
"""

from __future__ import annotations

import fnmatch
import json
import os
import subprocess
import sys
import time
from pathlib import Path

DEVELOPER, MAINTAINER = 30, 40


def rewrites(old: str, new: str) -> bool:
    """Whether the new commit leaves something of the old behind."""
    return subprocess.run(["git", "merge-base", "--is-ancestor", old, new], check=False).returncode != 0


def refusal(old: str, new: str, ref: str, level: int, protected: list[dict[str, object]]) -> str:
    """GitLab's sentence for a forbidden update; empty when it is allowed."""
    created, deleted = not old.strip("0"), not new.strip("0")
    if ref.startswith("refs/tags/"):
        changed = not created and level < MAINTAINER
        return "You are not allowed to change existing tags on this project." if changed else ""
    branch = ref.removeprefix("refs/heads/")
    rules = [rule for rule in protected if fnmatch.fnmatchcase(branch, str(rule["name"]))]
    if not rules:
        return ""
    if deleted:
        return "You can only delete protected branches using the web interface."
    if not any(int(str(rule["push"])) and level >= int(str(rule["push"])) for rule in rules):
        return "You are not allowed to push code to protected branches on this project."
    if not created and not any(rule["allow_force_push"] for rule in rules) and rewrites(old, new):
        return "You are not allowed to force push code to a protected branch on this project."
    return ""


def main(name: str) -> int:
    """Act as the hook of that name; the rules and the pusher come by environment."""
    order = json.loads(os.environ["SANDBOX_PUSH"])
    updates = [line.split(maxsplit=2) for line in sys.stdin.read().splitlines()]
    if name == "pre-receive":
        for old, new, ref in updates:
            if text := refusal(old, new, ref, order["level"], order["protected"]):
                print(f"GitLab: {text}", file=sys.stderr)
                return 1
        return 0
    spool = Path(order["spool"])
    final = spool / f"{time.time_ns():020d}-{os.getpid()}.json"
    draft = final.with_suffix(".draft")
    draft.write_text(
        json.dumps({"project": order["project"], "user": order["user"], "updates": updates}), "utf-8"
    )
    draft.replace(final)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
