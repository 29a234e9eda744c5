"""The jobs of a pipeline that can run, each with what it extends and refers to put in.

A hidden job (`.name`) runs nowhere by itself; what it says counts where a job extends it or refers to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.onboarding.pipeline_files import FILE, Pipeline, Reference, merged
from sandbox.onboarding.refusal import CannotJoin

KEYWORDS = frozenset(
    {"after_script", "before_script", "cache", "default", "image", "include", "services", "spec"}
    | {"stages", "variables", "workflow"}
)
"""Top-level words that name no job."""
DEEPEST = 10
"""How far GitLab follows `extends` and `!reference`."""


@dataclass(frozen=True)
class Job:
    """A job as it would run."""

    name: str
    content: dict[str, Any]
    said_by: dict[str, tuple[str, str]]
    """The file, and the job in it, that said a keyword."""

    def where(self, keyword: str) -> str:
        """The place of a keyword, for a sentence."""
        file, by = self.said_by.get(keyword, (FILE, self.name))
        return f"{file}: job {self.name}" + ("" if by == self.name else f" (extends {by})")


def jobs_that_run(pipeline: Pipeline) -> Iterator[Job]:
    """Every job that is not hidden; CannotJoin for an extension or reference that leads nowhere."""
    for word, job in pipeline.content.items():
        if isinstance(job, dict) and word not in KEYWORDS and not str(word).startswith("."):
            content, said_by = _extended(pipeline, str(word), ())
            yield Job(str(word), resolved(pipeline, content), said_by)


def resolved(pipeline: Pipeline, value: Any, depth: int = 0) -> Any:
    """A value with every `!reference` replaced by what it leads to; CannotJoin when that is nothing."""
    if isinstance(value, Reference):
        found: Any = pipeline.content
        for step in value:
            found = found.get(step) if isinstance(found, dict) else None
        if found is None or depth == DEEPEST:
            raise CannotJoin(
                f"{FILE}: !reference {list(value)} leads nowhere; name a job and a keyword of it"
            )
        return resolved(pipeline, found, depth + 1)
    if isinstance(value, dict):
        return {key: resolved(pipeline, each, depth) for key, each in value.items()}
    if isinstance(value, list):
        return [resolved(pipeline, each, depth) for each in value]
    return value


def _extended(
    pipeline: Pipeline, name: str, way: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, tuple[str, str]]]:
    """A job over those that it extends, the last named strongest, and who said which keyword."""
    job = pipeline.content.get(name)
    if not isinstance(job, dict):
        file = pipeline.said_in.get((way[-1], "extends"), FILE)
        raise CannotJoin(f"{file}: job {way[-1]}: extends: {name} is no job of this pipeline; add it")
    if name in way or len(way) > DEEPEST:
        file = pipeline.said_in.get((name, "extends"), FILE)
        raise CannotJoin(f"{file}: job {name}: extends: too deep or in a circle ({' → '.join([*way, name])})")
    extends = resolved(pipeline, job.get("extends") or [])
    content: dict[str, Any] = {}
    said_by: dict[str, tuple[str, str]] = {}
    for parent in [extends] if isinstance(extends, str) else extends:
        inherited, by = _extended(pipeline, str(parent), (*way, name))
        content, said_by = merged(content, inherited), {**said_by, **by}
    own = {str(key): (pipeline.said_in.get((name, str(key)), FILE), name) for key in job}
    return merged(content, job), {**said_by, **own}
