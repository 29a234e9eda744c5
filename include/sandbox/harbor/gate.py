"""The two doors: the registry's (401 with a challenge), the v2.0 API's (401 for nobody, else 403)."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from sandbox.harbor.accounts import Accounts
from sandbox.harbor.blob_files import BlobFiles
from sandbox.harbor.database import Database
from sandbox.harbor.errors import HarborError, forbidden, not_found
from sandbox.harbor.permissions import Principal
from sandbox.sqlite_file import Row


@dataclass(frozen=True)
class Harbor:
    """What every handler needs: records, content, accounts."""

    database: Database
    files: BlobFiles
    accounts: Accounts

    def project(self, name: str) -> Row:
        """A project's row by name; 404 as Harbor says it."""
        row = self.database.row("SELECT * FROM project WHERE name = ?", name)
        if row is None:
            raise not_found(f"project {name}")
        return row

    def admit(self, request: web.Request, project: str, resource: str, action: str) -> Principal:
        """Pass the v2.0 API's door for one action in an existing project."""
        who = self.accounts.caller(request)
        if not who.known:
            raise HarborError(401, "UNAUTHORIZED", "unauthorized")
        self.project(project)
        if not who.may(project, resource, action):
            raise forbidden()
        return who

    def admit_system_admin(self, request: web.Request) -> Principal:
        """Pass the v2.0 API's door for what only a system administrator may."""
        who = self.accounts.caller(request)
        if not who.known:
            raise HarborError(401, "UNAUTHORIZED", "unauthorized")
        if not who.system_admin:
            raise forbidden()
        return who

    def admit_to_registry(self, request: web.Request, repository: str, *actions: str) -> Principal:
        """Pass the registry's door. Refused is 401 with a challenge for strangers and known callers alike."""
        try:
            who = self.accounts.caller(request)
        except HarborError as error:
            error.headers.update(_challenge(request, repository, actions))
            raise
        project = repository.partition("/")[0]
        if who.known and self.database.row("SELECT 1 FROM project WHERE name = ?", project) is None:
            message = f"project {project} not found"
            raise HarborError(401, "UNAUTHORIZED", message, _challenge(request, repository, actions))
        for action in actions:
            if not who.may(project, "repository", action):
                message = f"unauthorized to access repository: {repository}, action: {action}"
                raise HarborError(401, "UNAUTHORIZED", message, _challenge(request, repository, actions))
        return who

    def admit_login(self, request: web.Request) -> Principal:
        """Pass the registry's door for `GET /v2/`, which clients use to log in."""
        try:
            who = self.accounts.caller(request)
        except HarborError as error:
            error.headers.update(_challenge(request, "", ()))
            raise
        if not who.known:
            raise HarborError(401, "UNAUTHORIZED", "unauthorized", _challenge(request, "", ()))
        return who

    def admit_to_catalog(self, request: web.Request) -> Principal:
        """Pass the registry's door for the catalogue of all repositories: system administrators only."""
        who = self.accounts.caller(request)
        if not who.system_admin:
            challenge = {"WWW-Authenticate": 'Basic realm="harbor"'}
            raise HarborError(401, "UNAUTHORIZED", "unauthorized to list catalog", challenge)
        return who


def _challenge(request: web.Request, repository: str, actions: tuple[str, ...]) -> dict[str, str]:
    """What tells a client how to authenticate: a token for strangers, basic for those who tried."""
    if "Authorization" in request.headers:
        return {"WWW-Authenticate": 'Basic realm="harbor"'}
    value = f'Bearer realm="{request.scheme}://{request.host}/service/token",service="harbor-registry"'
    if repository:
        value += f',scope="repository:{repository}:{",".join(actions)}"'
    return {"WWW-Authenticate": value}
