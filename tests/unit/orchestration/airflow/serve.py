"""Run in Airflow's environment: its whole API server on a port, after telling every route that it serves."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.main import app
from starlette.routing import Mount, Route

QUIET = {"HEAD", "OPTIONS"}


def routes(here: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of everything below an application, mounted ones included."""
    for route in here.routes:
        if isinstance(route, Mount):
            yield from _mounted(route, prefix + route.path)
        elif isinstance(route, Route):
            for method in sorted((route.methods or {"GET"}) - QUIET):
                yield method, prefix + route.path
        else:
            raise TypeError(f"a kind of route that nobody told apart: {prefix} {route!r}")


def _mounted(mount: Mount, prefix: str) -> Iterator[tuple[str, str]]:
    inside: Any = mount.app
    kind = type(inside).__name__
    if kind == "WSGIMiddleware":
        for rule in get_auth_manager().flask_app.url_map.iter_rules():
            for method in sorted((rule.methods or set()) - QUIET):
                yield method, prefix + rule.rule
    elif kind == "Door":
        yield from routes(inside._opened(), prefix)
    elif kind == "StaticFiles":
        yield "GET", f"{prefix}/{{file}}"
    else:
        yield from routes(inside, prefix)
        # The execution API makes a router for each of its versions at the first request, all out of this one.
        if kind.startswith("Cadwyn"):
            yield from routes(inside._latest_version_router, prefix)


told = Path(sys.argv[2])
told.write_text(json.dumps(sorted(set(routes(app)))), "utf-8")
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
