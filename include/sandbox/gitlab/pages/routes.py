"""The addresses of the pages: GitLab's own, so that links in notes and mails fit both."""

from __future__ import annotations

from aiohttp import web

from sandbox.gitlab.pages import code, work

PROJECT = "/{path:.+?}/-"


def routes() -> list[web.RouteDef]:
    """To be added last: the project's page takes every path that is left."""
    return [
        web.get("/", code.projects),
        web.get(f"{PROJECT}/commit/{{sha:[0-9a-f]+}}", code.commit),
        web.get(f"{PROJECT}/tree/{{ref:.+}}", code.tree),
        web.get(f"{PROJECT}/tags/{{ref:.+}}", code.tree),
        web.get(f"{PROJECT}/compare/{{old:.+?}}...{{new:.+}}", code.compare),
        web.get(f"{PROJECT}/merge_requests/{{iid:[0-9]+}}", work.merge_request),
        web.get(f"{PROJECT}/pipelines/{{pipeline:[0-9]+}}", work.pipeline),
        web.get(f"{PROJECT}/jobs/{{job:[0-9]+}}", work.job),
        web.get(f"{PROJECT}/jobs/{{job:[0-9]+}}/artifacts/download", work.download),
        web.get(f"{PROJECT}/jobs/{{job:[0-9]+}}/artifacts/raw/{{file:.+}}", work.raw),
        web.get("/{path:.+}", code.project),
    ]
