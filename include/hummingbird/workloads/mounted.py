"""What a pod finds mounted: the namespace's Secret, one JSON file a system, under HB_SECRETS."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

from pydantic import Field, ValidationError

from hummingbird.core.errors import Invalid, NotFound
from hummingbird.core.record import Record


class GitlabAccess(Record):
    """gitlab.json: reads repositories."""

    url: str
    user: str
    token: str = Field(repr=False)


class HarborAccess(Record):
    """harbor.json: a robot that pulls."""

    url: str
    user: str
    password: str = Field(repr=False)


class ArtifactoryAccess(Record):
    """artifactory.json: stores reports."""

    url: str
    user: str
    token: str = Field(repr=False)


class ApolloAccess(Record):
    """apollo.json: the portal's consumer token, and where applications read from."""

    url: str
    token: str = Field(repr=False)
    config_url: str
    operator: str = "platform"
    """Apollo user that changes are made as."""


class NotaryKey(Record):
    """notary.json: the public key (base64, raw Ed25519) that warrants are checked with."""

    url: str
    public_key: str


class MetricsAccess(Record):
    """metrics.json: the ledger's database for the role that measures, of the tooling cluster alone."""

    dsn: str = Field(repr=False)


Access = TypeVar("Access", bound=Record)


def access(name: str, form: type[Access]) -> Access:
    """Read `<HB_SECRETS>/<name>.json`; the error names the file and field, never a value."""
    folder = Path(setting("HB_SECRETS"))
    path = folder / f"{name}.json"
    if not path.is_file():
        raise NotFound(f"{name}.json is missing in the pod's Secret; it needs {', '.join(form.model_fields)}")
    try:
        return form.model_validate_json(path.read_bytes())
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, one["loc"])) or "the document" for one in error.errors())
        raise Invalid(f"{name}.json in the pod's Secret is not as expected: {fields}") from None


def setting(name: str) -> str:
    """An environment variable that the pod's manifest must set; NotFound says which is missing."""
    value = os.environ.get(name, "")
    if not value:
        raise NotFound(f"the pod's manifest must set {name}")
    return value
