"""GitLab API "Project-level CI/CD variables"."""

from __future__ import annotations

import re

from aiohttp import web

from sandbox.gitlab.accounts import MAINTAINER
from sandbox.gitlab.api.call import Call, on_project
from sandbox.gitlab.errors import message
from sandbox.gitlab.store import Document, DuplicateError

BASE = "/api/v4/projects/{id}/variables"
KEY = re.compile(r"[A-Za-z0-9_]{1,255}")
MASKABLE = re.compile(r"[^\s\\]{8,}")


def routes() -> list[web.RouteDef]:
    """Variables of a project, for its maintainers."""
    return [
        web.get(BASE, on_project(listed, MAINTAINER)),
        web.post(BASE, on_project(create, MAINTAINER)),
        web.get(f"{BASE}/{{key}}", on_project(get, MAINTAINER)),
        web.put(f"{BASE}/{{key}}", on_project(update, MAINTAINER)),
        web.delete(f"{BASE}/{{key}}", on_project(delete, MAINTAINER)),
    ]


def checked(variable: Document) -> Document:
    """The variable, or 400 for a key or a masked value that GitLab would not take."""
    if not KEY.fullmatch(variable["key"]):
        raise message(400, {"key": ["can contain only letters, digits and '_'."]})
    if variable["masked"] and not MASKABLE.fullmatch(variable["value"]):
        raise message(400, {"value": ["is invalid"]})
    if variable["environment_scope"] != "*":
        raise web.HTTPNotImplemented(reason="variables with an environment_scope")
    return variable


def new_variable(key: str, value: str, *, masked: bool = False, protected: bool = False) -> Document:
    """A checked variable document."""
    return checked(
        {
            "variable_type": "env_var",
            "key": key,
            "value": value,
            "masked": masked,
            "protected": protected,
            "raw": False,
            "environment_scope": "*",
            "description": None,
        }
    )


def _view(variable: Document) -> Document:
    return {key: value for key, value in variable.items() if key != "id"}


def _variable(call: Call) -> Document:
    found = call.site.store.find("variable", call.part("key"), project=call.project["id"])
    if found is None:
        raise message(404, "404 Variable Not Found")
    return found


def _fields(call: Call) -> Document:
    texts = ("value", "variable_type", "environment_scope", "description")
    flags = ("masked", "protected", "raw")
    found: Document = {name: call.text(name) for name in texts if name in call.params}
    return {**found, **{name: call.flag(name) for name in flags if name in call.params}}


async def listed(call: Call) -> web.Response:
    return call.listed([_view(one) for one in call.site.store.list("variable", project=call.project["id"])])


async def create(call: Call) -> web.Response:
    key, value = call.need("key", "value")
    variable = checked({**new_variable(key, value), **_fields(call)})
    try:
        made = call.site.store.add("variable", variable, project=call.project["id"], key=key)
    except DuplicateError as error:
        raise message(400, {"key": [f"({key}) has already been taken"]}) from error
    return call.reply(_view(made), 201)


async def get(call: Call) -> web.Response:
    return call.reply(_view(_variable(call)))


async def update(call: Call) -> web.Response:
    variable = checked({**_variable(call), **_fields(call)})
    call.site.store.put("variable", variable)
    return call.reply(_view(variable))


async def delete(call: Call) -> web.Response:
    call.site.store.remove("variable", _variable(call)["id"])
    return call.gone()
