"""GitLab's "Predefined CI/CD variables", the project's and the pipeline's own."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from sandbox.gitlab import protection
from sandbox.gitlab.site import VERSION, Site
from sandbox.gitlab.store import Document


def slug(name: str) -> str:
    """GitLab's slug of a ref or path: lower case, dashes, at most 63 characters."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower())[:63].strip("-")


def predefined(site: Site, project: Document, pipeline: Document, commit: Document) -> dict[str, str]:
    """What every job of the pipeline is told."""
    path = project["path_with_namespace"]
    space, _, short = path.rpartition("/")
    server = urlsplit(site.url)
    user = site.accounts.known(pipeline["user"])
    url = site.web_url(project)
    kind = {"CI_COMMIT_TAG": pipeline["ref"]} if pipeline["tag"] else {"CI_COMMIT_BRANCH": pipeline["ref"]}
    title, _, description = commit["message"].partition("\n")
    return {
        "CI": "true",
        "GITLAB_CI": "true",
        "CI_SERVER": "yes",
        "CI_SERVER_NAME": "GitLab",
        "CI_SERVER_VERSION": VERSION,
        "CI_SERVER_URL": site.url,
        "CI_SERVER_PROTOCOL": server.scheme,
        "CI_SERVER_HOST": str(server.hostname),
        "CI_SERVER_PORT": str(server.port),
        "CI_SERVER_FQDN": server.netloc,
        "CI_API_V4_URL": f"{site.url}/api/v4",
        "CI_PROJECT_ID": str(project["id"]),
        "CI_PROJECT_NAME": short,
        "CI_PROJECT_TITLE": project["name"],
        "CI_PROJECT_PATH": path,
        "CI_PROJECT_PATH_SLUG": slug(path),
        "CI_PROJECT_NAMESPACE": space,
        "CI_PROJECT_ROOT_NAMESPACE": space.split("/", 1)[0],
        "CI_PROJECT_URL": url,
        "CI_PROJECT_VISIBILITY": "internal",
        "CI_DEFAULT_BRANCH": project["default_branch"],
        "CI_COMMIT_SHA": pipeline["sha"],
        "CI_COMMIT_SHORT_SHA": pipeline["sha"][:8],
        "CI_COMMIT_BEFORE_SHA": "0" * 40,
        "CI_COMMIT_REF_NAME": pipeline["ref"],
        "CI_COMMIT_REF_SLUG": slug(pipeline["ref"]),
        "CI_COMMIT_REF_PROTECTED": str(is_protected(site, project, pipeline)).lower(),
        "CI_COMMIT_TITLE": title,
        "CI_COMMIT_MESSAGE": commit["message"].rstrip("\n"),
        "CI_COMMIT_DESCRIPTION": description.strip("\n"),
        "CI_COMMIT_AUTHOR": f"{commit['author_name']} <{commit['author_email']}>",
        "CI_COMMIT_TIMESTAMP": commit["committed_date"].replace(".000", ""),
        "CI_PIPELINE_ID": str(pipeline["id"]),
        "CI_PIPELINE_IID": str(pipeline["iid"]),
        "CI_PIPELINE_SOURCE": pipeline["source"],
        "CI_PIPELINE_URL": f"{url}/-/pipelines/{pipeline['id']}",
        "CI_PIPELINE_CREATED_AT": pipeline["created_at"],
        "GITLAB_USER_ID": str(user.id),
        "GITLAB_USER_LOGIN": user.username,
        "GITLAB_USER_NAME": user.name,
        "GITLAB_USER_EMAIL": user.email,
        **kind,
    }


def is_protected(site: Site, project: Document, pipeline: Document) -> bool:
    """Whether the pipeline's ref is a protected branch."""
    return not pipeline["tag"] and bool(protection.rules_for(site.store, project["id"], pipeline["ref"]))


def own(site: Site, project: Document, pipeline: Document) -> dict[str, str]:
    """The project's variables, protected ones on protected refs only, overruled by the pipeline's."""
    guarded = is_protected(site, project, pipeline)
    found = {
        one["key"]: one["value"]
        for one in site.store.list("variable", project=project["id"])
        if guarded or not one["protected"]
    }
    return {**found, **{one["key"]: one["value"] for one in pipeline["variables"]}}


def masked(site: Site, project: Document) -> list[str]:
    """The values that no trace may show, longest first."""
    values = [one["value"] for one in site.store.list("variable", project=project["id"]) if one["masked"]]
    return sorted(values, key=len, reverse=True)


def of_job(site: Site, project: Document, job: Document, token: str) -> dict[str, str]:
    """What differs from job to job."""
    server = urlsplit(site.url)
    return {
        "CI_JOB_ID": str(job["id"]),
        "CI_JOB_NAME": job["name"],
        "CI_JOB_NAME_SLUG": slug(job["name"]),
        "CI_JOB_STAGE": job["stage"],
        "CI_JOB_URL": f"{site.web_url(project)}/-/jobs/{job['id']}",
        "CI_JOB_STARTED_AT": job["started_at"],
        "CI_JOB_TOKEN": token,
        "CI_REPOSITORY_URL": (
            f"{server.scheme}://gitlab-ci-token:{token}@{server.netloc}/{project['path_with_namespace']}.git"
        ),
    }
