"""Whether a team's own .gitlab-ci.yml can run: jobs in a shell with Python or Node, nothing else.

The files are never changed. What they use and the sandbox's runner lacks is refused by file, job and name.
`rules:` and `only:` are not asked: what they compare is known when a pipeline starts. A job for tags alone is
judged too: every delivery ends in a tag.
"""

from __future__ import annotations

import re
from typing import Any

from sandbox.onboarding.pipeline_files import FILE, Files, Pipeline, read_pipeline
from sandbox.onboarding.pipeline_jobs import Job, jobs_that_run, resolved
from sandbox.onboarding.refusal import CannotJoin

RESULT = "build.json"
SCRIPTS = ("before_script", "script", "after_script")
JUDGED = ("image", "services", *SCRIPTS)
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


def check(files: Files) -> bool:
    """Whether the pipeline itself leaves what the platform needs; CannotJoin for what cannot run."""
    pipeline = read_pipeline(files)
    _defaults(pipeline)
    jobs = list(jobs_that_run(pipeline))
    for job in jobs:
        _job(job)
    if not jobs:
        raise CannotJoin(f"{FILE}: it names no job; add one with a script, or take the file out")
    return any(RESULT in _artifacts(job.content) for job in jobs)


def _defaults(pipeline: Pipeline) -> None:
    default = pipeline.content.get("default")
    inner = default if isinstance(default, dict) else {}
    for keyword in JUDGED:
        outer = keyword not in inner
        value = resolved(pipeline, (pipeline.content if outer else inner).get(keyword))
        place = (keyword, "") if outer else ("default", keyword)
        file = pipeline.said_in.get(place, FILE)
        _keyword(f"{file}: the file's defaults", keyword, value)


def _job(job: Job) -> None:
    if "trigger" in job.content:
        raise CannotJoin(
            f"{job.where('trigger')}: trigger: starts another pipeline, which nobody here runs; take it out"
        )
    for keyword in JUDGED:
        _keyword(job.where(keyword), keyword, job.content.get(keyword))


def _keyword(where: str, keyword: str, value: Any) -> None:
    if keyword == "image":
        _image(where, value)
    if keyword == "services" and value:
        raise CannotJoin(
            f"{where}: services: {_short(value)} need containers beside the job; let the test start a "
            "stand-in of its own, or move the job out of this pipeline"
        )
    if keyword in SCRIPTS:
        _script(where, value)


def _image(where: str, image: Any) -> None:
    named = image.get("name", "") if isinstance(image, dict) else image
    if named and not IMAGES.search(str(named)):
        raise CannotJoin(
            f"{where}: image: {_short(named)} is neither Python nor Node; jobs run in a shell with those "
            "two, so use an official python or node image, or move the job out of this pipeline"
        )


def _script(where: str, value: Any) -> None:
    said = _flat(value) if isinstance(value, list) else [value or ""]
    for line in (line for text in said for line in str(text).splitlines()):
        for word in re.split(r"[\s;&|()]+", line):
            if word in FORBIDDEN:
                raise CannotJoin(f"{where}: `{_short(line)}` needs {FORBIDDEN[word]}")


def _flat(value: Any) -> list[Any]:
    return [inner for one in value for inner in (_flat(one) if isinstance(one, list) else [one])]


def _artifacts(job: dict[str, Any]) -> list[str]:
    paths = (job.get("artifacts") or {}).get("paths") or []
    return [str(one) for one in paths]


def _short(value: object) -> str:
    return " ".join(str(value).split())[:80]
