"""When a job may start, and what its jobs make of a pipeline: GitLab's rules, as pure functions."""

from __future__ import annotations

from sandbox.gitlab.store import Document

WAITING = ("created", "pending", "running")


def _before(job: Document, jobs: list[Document], stages: list[str]) -> list[Document]:
    if job["needs"] is not None:
        # A needed job of a matrix stands for all of its variants.
        return [
            one
            for one in jobs
            if any(one["name"] == n or one["name"].startswith(f"{n}: [") for n in job["needs"])
        ]
    place = stages.index(job["stage"])
    return [one for one in jobs if stages.index(one["stage"]) < place]


def _stands_in_the_way(job: Document) -> bool:
    """A manual job nobody has started blocks the rest unless it may fail."""
    return job["status"] in WAITING or (job["status"] == "manual" and not job["allow_failure"])


def decide(job: Document, jobs: list[Document], stages: list[str]) -> str:
    """`wait`, `run`, or the status it gets instead: `skipped`, `manual`; for a job that is only created."""
    former = _before(job, jobs, stages)
    if any(_stands_in_the_way(one) for one in former):
        return "wait"
    failed = any(
        one["status"] in ("failed", "canceled") and one["allow_failure"] is not True for one in former
    )
    if job["needs"] is not None:
        failed = failed or any(one["status"] == "skipped" and one["when"] != "on_failure" for one in former)
    wanted = {"always": True, "on_failure": failed}.get(job["when"], not failed)
    if not wanted:
        return "skipped"
    return "manual" if job["when"] == "manual" else "run"


def outcome(jobs: list[Document]) -> str:
    """The status of a pipeline from those of its jobs."""
    counted = [
        job["status"] for job in jobs if not (job["status"] == "failed" and job["allow_failure"] is True)
    ]
    if any(status == "running" for status in counted):
        return "running"
    for status in ("failed", "canceled"):
        if status in counted:
            return status
    if any(job["status"] == "manual" and not job["allow_failure"] for job in jobs):
        return "manual"
    if any(status in WAITING for status in counted):
        return "pending"
    return "skipped" if counted and all(status == "skipped" for status in counted) else "success"
