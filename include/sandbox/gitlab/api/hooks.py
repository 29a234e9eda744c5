"""GitLab API "Project webhooks", with their recent events."""

from __future__ import annotations

import uuid

from aiohttp import web

from sandbox.gitlab.accounts import MAINTAINER
from sandbox.gitlab.api.call import Call, on_project
from sandbox.gitlab.errors import ApiError, not_found
from sandbox.gitlab.events.queue import TRIGGERS
from sandbox.gitlab.moment import now
from sandbox.gitlab.store import Document

BASE = "/api/v4/projects/{id}/hooks"


def routes() -> list[web.RouteDef]:
    """Hooks of a project, for its maintainers."""
    return [
        web.get(BASE, on_project(listed, MAINTAINER)),
        web.post(BASE, on_project(create, MAINTAINER)),
        web.get(f"{BASE}/{{hook}}", on_project(get, MAINTAINER)),
        web.put(f"{BASE}/{{hook}}", on_project(update, MAINTAINER)),
        web.delete(f"{BASE}/{{hook}}", on_project(delete, MAINTAINER)),
        web.get(f"{BASE}/{{hook}}/events", on_project(events, MAINTAINER)),
    ]


def new_hook(url: str, token: str, triggers: dict[str, bool], branch_filter: str = "") -> Document:
    """A hook document; like GitLab, push events are on unless said otherwise."""
    return {
        "url": url,
        "token": token,
        "uuid": str(uuid.uuid4()),
        "created_at": now(),
        "push_events_branch_filter": branch_filter,
        **{name: triggers.get(name, name == "push_events") for name in TRIGGERS},
    }


def _view(call: Call, hook: Document) -> Document:
    """Everything but the token, which GitLab never shows again."""
    hidden = ("token", "uuid")
    shown = {key: value for key, value in hook.items() if key not in hidden}
    return {
        **shown,
        "project_id": call.project["id"],
        "enable_ssl_verification": True,
        "alert_status": "executable",
    }


def _hook(call: Call) -> Document:
    found = call.site.store.get("hook", call.number("hook"))
    if found is None or found["project_id"] != call.project["id"]:
        raise not_found()
    return found


def _triggers(call: Call) -> dict[str, bool]:
    return {name: call.flag(name) for name in TRIGGERS if name in call.params}


def _checked_url(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ApiError(422, {"message": {"url": ["is blocked: Only allowed schemes are http, https"]}})
    return url


async def listed(call: Call) -> web.Response:
    return call.listed(
        [_view(call, hook) for hook in call.site.store.list("hook", project=call.project["id"])]
    )


async def create(call: Call) -> web.Response:
    (url,) = call.need("url")
    hook = new_hook(
        _checked_url(url), call.text("token"), _triggers(call), call.text("push_events_branch_filter")
    )
    made = call.site.store.add("hook", {**hook, "project_id": call.project["id"]}, project=call.project["id"])
    return call.reply(_view(call, made), 201)


async def get(call: Call) -> web.Response:
    return call.reply(_view(call, _hook(call)))


async def update(call: Call) -> web.Response:
    hook = _hook(call)
    texts = {
        name: call.text(name) for name in ("url", "token", "push_events_branch_filter") if name in call.params
    }
    hook = {**hook, **texts, **_triggers(call)}
    _checked_url(hook["url"])
    call.site.store.put("hook", hook)
    return call.reply(_view(call, hook))


async def delete(call: Call) -> web.Response:
    hook = _hook(call)
    with call.site.store.transaction():
        call.site.store.remove("hook", hook["id"])
        for delivery in call.site.store.list("delivery", project=call.project["id"]):
            if delivery["hook"] == hook["id"]:
                call.site.store.remove("delivery", delivery["id"])
    return call.gone()


async def events(call: Call) -> web.Response:
    """What was sent or is owed to the hook, newest first."""
    hook = _hook(call)
    kinds = ("finished_delivery", "delivery")
    owed = [one for kind in kinds for one in call.site.store.list(kind, project=call.project["id"])]
    hidden = "X-Gitlab-Token"
    return call.listed(
        [
            {
                "id": one["id"],
                "url": one["url"],
                "trigger": one["trigger"],
                "request_headers": {key: value for key, value in one["headers"].items() if key != hidden},
                "request_data": one["payload"],
                "response_status": one["answer"].split(" ", 1)[0],
                "response_body": one["answer"].partition(" ")[2],
                "state": one["state"],
                "attempts": one["attempts"],
                "created_at": one["created_at"],
            }
            for one in reversed(owed)
            if one["hook"] == hook["id"]
        ]
    )
