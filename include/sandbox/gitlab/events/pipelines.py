"""Pipeline events: one at the end of each pipeline."""

from __future__ import annotations

from sandbox.gitlab import history
from sandbox.gitlab.events.queue import enqueue
from sandbox.gitlab.moment import seconds_between
from sandbox.gitlab.projects import in_event
from sandbox.gitlab.site import Site
from sandbox.gitlab.store import Document

WORDS = {"success": "passed", "manual": "blocked"}


async def announce(site: Site, project: Document, pipeline: Document, jobs: list[Document]) -> None:
    """Owe the event of an ended pipeline, with its jobs."""
    commit = await history.commit(site.repository(project), site.web_url(project), pipeline["sha"])
    user = site.accounts.known(pipeline["user"]).in_event()
    payload = {
        "object_kind": "pipeline",
        "object_attributes": {
            "id": pipeline["id"],
            "iid": pipeline["iid"],
            "name": None,
            "ref": pipeline["ref"],
            "tag": pipeline["tag"],
            "sha": pipeline["sha"],
            "before_sha": "0" * 40,
            "source": pipeline["source"],
            "status": pipeline["status"],
            "detailed_status": WORDS.get(pipeline["status"], pipeline["status"]),
            "stages": list(dict.fromkeys(job["stage"] for job in jobs)),
            "created_at": pipeline["created_at"],
            "finished_at": pipeline["finished_at"],
            "duration": seconds_between(pipeline["started_at"], pipeline["finished_at"]),
            "queued_duration": seconds_between(pipeline["created_at"], pipeline["started_at"]),
            "variables": [{"key": one["key"], "value": one["value"]} for one in pipeline["variables"]],
            "url": f"{site.web_url(project)}/-/pipelines/{pipeline['id']}",
        },
        "merge_request": None,
        "user": user,
        "project": in_event(site, project),
        "commit": {
            "id": commit["id"],
            "message": commit["message"],
            "title": commit["title"],
            "timestamp": commit["committed_date"],
            "url": commit["web_url"],
            "author": {"name": commit["author_name"], "email": commit["author_email"]},
        },
        "builds": [
            {
                "id": job["id"],
                "stage": job["stage"],
                "name": job["name"],
                "status": job["status"],
                "created_at": job["created_at"],
                "started_at": job["started_at"],
                "finished_at": job["finished_at"],
                "duration": seconds_between(job["started_at"], job["finished_at"]),
                "failure_reason": job["failure_reason"],
                "when": job["when"],
                "manual": job["status"] == "manual",
                "allow_failure": bool(job["allow_failure"]),
                "user": user,
            }
            for job in jobs
        ],
    }
    enqueue(site, project, "pipeline_events", payload)
