"""What every handler needs: records, content, access; and the rules that all of them keep."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from sandbox.artifactory.access import Access, User
from sandbox.artifactory.checksum_store import ChecksumStore
from sandbox.artifactory.errors import ArtifactoryError
from sandbox.artifactory.places import Place
from sandbox.artifactory.records import Records
from sandbox.sqlite_file import Row


@dataclass(frozen=True)
class Depot:
    """Artifactory's state and its doors."""

    records: Records
    store: ChecksumStore
    access: Access

    def admit(self, request: web.Request, action: str, place: Place) -> User:
        """The caller, when allowed the action there; 401 or 403."""
        user = self.access.user(request)
        self.require(user, action, place)
        return user

    def require(self, user: User, action: str, place: Place) -> None:
        """403 when a known user lacks the action."""
        if not user.may(action, place.repo):
            raise ArtifactoryError(
                403,
                f"Not enough permissions to {action} artifact '{place}'"
                f" (user '{user.name}' needs {action.upper()} permission).",
            )

    def require_deploy(self, user: User, place: Place, sha256: str) -> None:
        """403 when the user may not deploy, or would overwrite other content without delete permission."""
        self.require(user, "deploy", place)
        known = self.records.node(place.repo, place.path)
        if known and known["sha256"] != sha256 and not user.may("delete", place.repo):
            raise ArtifactoryError(
                403,
                f"Not enough permissions to overwrite artifact '{place}'"
                f" (user '{user.name}' needs DELETE permission).",
            )

    def file(self, place: Place) -> Row:
        """A file's row; 404 when there is none."""
        row = self.records.node(place.repo, place.path)
        if row is None:
            raise ArtifactoryError(404, f"Unable to find item '{place}'")
        return row
