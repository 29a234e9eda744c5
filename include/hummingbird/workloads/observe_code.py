"""The code-observing workload: lines by language and new commits of each component's lasting branch."""

from __future__ import annotations

from pathlib import Path

from hummingbird.clients.ticket import JobTicket
from hummingbird.core.errors import Invalid
from hummingbird.core.job import CodeJob, CodeTarget
from hummingbird.core.observation import CodeObserved, CodeReport
from hummingbird.core.outcome import Outcome, outcome_line
from hummingbird.workloads.checkout import Checkout, fetch
from hummingbird.workloads.mounted import GitlabAccess, access
from hummingbird.workloads.pod import work
from hummingbird.workloads.progress import say

LANGUAGES = {
    ".py": "python",
    ".js": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".jsx": "javascript",
    ".ts": "typescript",
    ".tsx": "typescript",
    ".java": "java",
    ".kt": "kotlin",
    ".go": "go",
    ".rs": "rust",
    ".c": "c",
    ".h": "c",
    ".cc": "c++",
    ".cpp": "c++",
    ".hpp": "c++",
    ".cs": "c#",
    ".sql": "sql",
    ".sh": "shell",
    ".html": "html",
    ".css": "css",
    ".vue": "vue",
    ".yaml": "yaml",
    ".yml": "yaml",
}
"""File name's end → language; other files are not counted."""
_LARGEST = 2_000_000
"""Bytes; a larger file is data."""


def main(arguments: list[str]) -> int:
    """Do the ticket's looking; 0 when what was seen is posted."""
    if arguments:
        raise Invalid(f"observe_code takes its job from the ticket, not from arguments: {arguments[0]}")
    work(CodeJob, observe)
    return 0


def observe(job: CodeJob, _: JobTicket, scratch: Path) -> CodeReport:
    """Look at each component."""
    seen = []
    for number, target in enumerate(job.targets):
        own = scratch / str(number)
        own.mkdir()
        seen.append(_seen(target, own))
    say(outcome_line(Outcome.DONE, f"looked at the code of {len(seen)} components"))
    return CodeReport(seen=seen)


def lines_of(checkout: Checkout) -> dict[str, int]:
    """Language → lines that are not blank, of the files whose names tell a language."""
    counted: dict[str, int] = {}
    for name in checkout.files():
        language = LANGUAGES.get(Path(name).suffix.lower())
        path = checkout.folder / name
        if language is None or path.stat().st_size > _LARGEST:
            continue
        lines = sum(1 for line in path.read_bytes().splitlines() if line.strip())
        counted[language] = counted.get(language, 0) + lines
    return dict(sorted(counted.items()))


def _seen(target: CodeTarget, scratch: Path) -> CodeObserved:
    component = target.component
    checkout = fetch(access("gitlab", GitlabAccess), component.gitlab_project, target.commit, None, scratch)
    lines = lines_of(checkout)
    say(f"{component.name} {target.commit[:12]}: {sum(lines.values())} lines")
    return CodeObserved(component=component.name, commit=target.commit, lines=lines, commits=target.commits)
