"""Whether a team's own .gitlab-ci.yml can run: jobs in a shell with Python or Node, nothing else.

The file itself is never changed. What it uses and the sandbox's runner lacks is refused by job and by name.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from sandbox.onboarding.refusal import CannotJoin

FILE = ".gitlab-ci.yml"
RESULT = "build.json"
KEYWORDS = frozenset(
    {"after_script", "before_script", "cache", "default", "image", "include", "pages", "services", "spec"}
    | {"stages", "variables", "workflow"}
)
"""Top-level words that name no job."""
IMAGES = re.compile(r"(^|/)(python|node)([:@]|$)")
FORBIDDEN = {
    "docker": "a docker daemon; let the platform's own job build the image and take this line out",
    "docker-compose": "a docker daemon; start what the tests need inside the test",
    "podman": "a container engine; let the platform's own job build the image and take this line out",
    "buildah": "a container engine; let the platform's own job build the image and take this line out",
    "/kaniko/executor": "the kaniko image; let the platform's own job build the image and take this line out",
    "apt-get": "rights to install system packages; take what is needed from PyPI or npm",
    "apt": "rights to install system packages; take what is needed from PyPI or npm",
    "apk": "rights to install system packages; take what is needed from PyPI or npm",
    "yum": "rights to install system packages; take what is needed from PyPI or npm",
    "sudo": "rights that a job does not have; take the line out",
}


class _Loader(yaml.SafeLoader):
    """Knows GitLab's own tag `!reference`, whose content is looked at where it stands."""


def _reference(loader: yaml.SafeLoader, node: yaml.Node) -> object:
    return loader.construct_sequence(node) if isinstance(node, yaml.SequenceNode) else None


_Loader.add_constructor("!reference", _reference)


def check(text: str) -> bool:
    """Whether the pipeline itself leaves what the platform needs; CannotJoin for what cannot run."""
    try:
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with one tag more
    except yaml.YAMLError as error:
        raise CannotJoin(f"{FILE}: not YAML: {' '.join(str(error).split())[:200]}") from error
    if not isinstance(content, dict):
        raise CannotJoin(f"{FILE}: expected jobs, found {type(content).__name__}; add a job with a script")
    _includes(content.get("include"))
    defaults = {**content, **(content.get("default") or {})}
    _place(
        "the file's defaults",
        {k: defaults[k] for k in ("image", "services", "before_script") if k in defaults},
    )
    jobs = {str(name): job for name, job in content.items() if name not in KEYWORDS and isinstance(job, dict)}
    for name, job in jobs.items():
        _job(name, job)
    if not any(not name.startswith(".") for name in jobs) and not content.get("include"):
        raise CannotJoin(f"{FILE}: it names no job; add one with a script, or take the file out")
    return any(RESULT in _artifacts(job) for job in jobs.values())


def _includes(include: Any) -> None:
    entries = include if isinstance(include, list) else [include] if include else []
    for entry in entries:
        local = entry.startswith("/") if isinstance(entry, str) else set(entry) <= {"local", "rules"}
        if isinstance(entry, str) and not entry.startswith(("http:", "https:")):
            local = True
        if not local:
            raise CannotJoin(
                f"{FILE}: include: {_short(entry)} lies outside of the repository; copy its jobs into a file "
                "here and include that with `local:`"
            )


def _job(name: str, job: dict[str, Any]) -> None:
    if "trigger" in job:
        raise CannotJoin(
            f"{FILE}: job {name}: trigger: starts another pipeline, which nobody here runs; take it out"
        )
    _place(f"job {name}", job)


def _place(where: str, job: dict[str, Any]) -> None:
    image = job.get("image")
    named = image.get("name", "") if isinstance(image, dict) else image
    if named and not IMAGES.search(str(named)):
        raise CannotJoin(
            f"{FILE}: {where}: image: {_short(named)} is neither Python nor Node; jobs run in a shell with "
            "those two, so use an official python or node image, or move the job out of this pipeline"
        )
    if job.get("services"):
        raise CannotJoin(
            f"{FILE}: {where}: services: {_short(job['services'])} need containers beside the job; let the "
            "test start a stand-in of its own, or move the job out of this pipeline"
        )
    for line in _lines(job):
        for word in re.split(r"[\s;&|()]+", line):
            if word in FORBIDDEN:
                raise CannotJoin(f"{FILE}: {where}: `{_short(line)}` needs {FORBIDDEN[word]}")


def _lines(job: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for key in ("before_script", "script", "after_script"):
        value = job.get(key) or []
        found += [str(one) for one in ([value] if isinstance(value, str) else _flat(value))]
    return [line for text in found for line in text.splitlines()]


def _flat(value: Any) -> list[Any]:
    return [inner for one in value for inner in (_flat(one) if isinstance(one, list) else [one])]


def _artifacts(job: dict[str, Any]) -> list[str]:
    paths = (job.get("artifacts") or {}).get("paths") or []
    return [str(one) for one in paths]


def _short(value: object) -> str:
    return " ".join(str(value).split())[:80]
