"""Which ways to people an installation has: a private JSON file; without one, Airflow alone tells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field, ValidationError

from hummingbird.clients.chat import Chat
from hummingbird.clients.jira import JiraTracker
from hummingbird.clients.jira_cloud import JiraCloudTracker
from hummingbird.clients.mail import Mail
from hummingbird.core.errors import Invalid
from hummingbird.core.record import Record
from hummingbird.notary.messengers import Messengers
from hummingbird.notary.private_file import require_private
from hummingbird.preflight.addresses import is_loopback

VARIABLE = "HB_NOTICES_FILE"
_SHORTEST_SECRET = 16


class MailWay(Record):
    """The mail server."""

    host: str
    port: int = 587
    sender: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    tls: bool = True
    user: str = ""
    password: str = Field(default="", repr=False)


class ChatWay(Record):
    """The room's incoming webhook."""

    url: str = Field(repr=False)


class TrackerWay(Record):
    """Jira, as the platform's account; `cloud` for Atlassian's own."""

    url: str
    user: str = ""
    password: str = Field(repr=False)
    cloud: bool = False
    tell: bool = True
    """Whether people are told there too; else it is only read."""
    webhook_secret: str = Field(default="", repr=False)
    """What its webhook is signed with (`X-Hub-Signature`); without one Jira is asked twice a minute."""


class WaysFile(Record):
    """The file; what is missing is not used."""

    mail: MailWay | None = None
    chat: ChatWay | None = None
    tracker: TrackerWay | None = None


@dataclass(frozen=True)
class Ways:
    """What the file sets up: the ways to people, and the tracker that incidents are read from."""

    messengers: Messengers = field(default_factory=Messengers)
    tracker: JiraTracker | JiraCloudTracker | None = None


def ways_of(environment: Mapping[str, str]) -> Ways:
    """What the environment's file sets up; Invalid, without a secret, when it is wrong."""
    named = environment.get(VARIABLE)
    if not named:
        return Ways()
    path = Path(named)
    try:
        require_private(path)
        file = WaysFile.model_validate(json.loads(path.read_text("utf-8")))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Invalid(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (OSError, ValueError) as error:
        raise Invalid(f"{path}: cannot be read: {error}") from error
    if file.mail and not file.mail.tls and not is_loopback(file.mail.host):
        raise Invalid(f"{path}: mail.tls: mail leaves this machine, so it must be true")
    if file.tracker and 0 < len(file.tracker.webhook_secret) < _SHORTEST_SECRET:
        raise Invalid(f"{path}: tracker.webhook_secret: shorter than {_SHORTEST_SECRET} characters")
    tracker = _tracker(file.tracker) if file.tracker else None
    messengers = Messengers(
        mail=Mail(**file.mail.model_dump()) if file.mail else None,
        chat=Chat(file.chat.url) if file.chat else None,
        tracker=tracker if file.tracker and file.tracker.tell else None,
        desk=tracker,
        desk_url=file.tracker.url.rstrip("/") if file.tracker else "",
        hook_secret=file.tracker.webhook_secret if file.tracker else "",
    )
    return Ways(messengers, tracker)


def _tracker(way: TrackerWay) -> JiraTracker | JiraCloudTracker:
    kind = JiraCloudTracker if way.cloud else JiraTracker
    return kind(way.url, way.user, way.password)
