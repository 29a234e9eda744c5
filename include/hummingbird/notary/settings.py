"""What the notary is told by its environment; every complaint is one sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hummingbird.catalogue.folders import catalogue_folders
from hummingbird.core.errors import Invalid
from hummingbird.notary.private_file import require_private
from hummingbird.notary.signing import SigningKey
from hummingbird.notary.tokens import Tokens
from hummingbird.notary.ways import Ways, ways_of

_NEEDED = (
    "HB_LEDGER_DSN",
    "HB_LEDGER_READER_DSN",
    "HB_LEDGER_WITNESS_FILE",
    "HB_NOTARY_KEY_FILE",
    "HB_NOTARY_TOKENS_FILE",
    "HB_GITLAB_WEBHOOK_TOKEN_FILE",
    "HB_AIRFLOW_URL",
    "HB_AIRFLOW_CREDENTIALS_FILE",
)
_SHORTEST_TOKEN = 16


@dataclass(frozen=True)
class Tls:
    """Certificate chain and key that the notary serves HTTPS with."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Settings:
    """Everything the notary needs; secrets have been read from their files."""

    writer_dsn: str
    reader_dsn: str
    witness: Path
    key: SigningKey
    tokens: Tokens
    webhook_token: str
    airflow_url: str
    airflow_user: str
    airflow_password: str
    catalogue: tuple[Path, ...]
    tls: Tls | None = None
    ways: Ways = field(default_factory=Ways)

    def __repr__(self) -> str:
        return f"Settings(airflow_url={self.airflow_url!r}, catalogue={[str(one) for one in self.catalogue]})"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings of the environment; Invalid names every missing variable, or the file that is wrong."""
    missing = [name for name in _NEEDED if not environment.get(name)]
    if missing:
        raise Invalid(f"the notary's settings are incomplete: set {', '.join(missing)}")
    tokens = _document(Path(environment["HB_NOTARY_TOKENS_FILE"]), ("tasks", "reader"))
    account = _document(Path(environment["HB_AIRFLOW_CREDENTIALS_FILE"]), ("user", "password"))
    webhook_token = secret_text(Path(environment["HB_GITLAB_WEBHOOK_TOKEN_FILE"])).strip()
    for name, token in (*tokens.items(), ("webhook", webhook_token)):
        if len(token) < _SHORTEST_TOKEN:
            raise Invalid(f"the notary's {name} token is shorter than {_SHORTEST_TOKEN} characters")
    return Settings(
        writer_dsn=environment["HB_LEDGER_DSN"],
        reader_dsn=environment["HB_LEDGER_READER_DSN"],
        witness=Path(environment["HB_LEDGER_WITNESS_FILE"]),
        key=SigningKey.read(Path(environment["HB_NOTARY_KEY_FILE"])),
        tokens=Tokens(tasks=tokens["tasks"], reader=tokens["reader"]),
        webhook_token=webhook_token,
        airflow_url=environment["HB_AIRFLOW_URL"].rstrip("/"),
        airflow_user=account["user"],
        airflow_password=account["password"],
        tls=_tls(environment),
        catalogue=catalogue_folders(environment),
        ways=ways_of(environment),
    )


def _tls(environment: Mapping[str, str]) -> Tls | None:
    certificate, key = (environment.get(f"HB_NOTARY_TLS_{part}_FILE") for part in ("CERT", "KEY"))
    if not certificate and not key:
        return None
    if not certificate or not key:
        raise Invalid("set both of HB_NOTARY_TLS_CERT_FILE and HB_NOTARY_TLS_KEY_FILE, or none")
    secret_text(Path(key))
    return Tls(Path(certificate), Path(key))


def secret_text(path: Path) -> str:
    """The content of a file that nobody else may read; Invalid otherwise."""
    try:
        require_private(path)
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path}: cannot be read: {error}") from error


def _document(path: Path, fields: tuple[str, ...]) -> dict[str, str]:
    try:
        document: Any = json.loads(secret_text(path))
    except ValueError as error:
        raise Invalid(f"{path}: not JSON: {error}") from error
    if not isinstance(document, dict) or not all(isinstance(document.get(f), str) for f in fields):
        raise Invalid(f"{path}: expected the texts {', '.join(fields)}")
    return {field: document[field] for field in fields}
