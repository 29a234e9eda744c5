"""What every portal handler needs, and finding the namespace a path names."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from sandbox.apollo.announcements import Announcements
from sandbox.apollo.consumers import ENVIRONMENTS, Consumers
from sandbox.apollo.errors import bad_request, not_found
from sandbox.apollo.records import Records
from sandbox.sqlite_file import Row

NAMESPACE = "/openapi/v1/envs/{env}/apps/{app}/clusters/{cluster}/namespaces/{namespace}"


@dataclass(frozen=True)
class Portal:
    """State, doors, and the way releases are announced."""

    records: Records
    consumers: Consumers
    announcements: Announcements

    def environment(self, request: web.Request) -> str:
        """The environment a path names, in any case; 400 for an unknown one, as Apollo has it."""
        name = request.match_info["env"].upper()
        if name not in ENVIRONMENTS:
            raise bad_request(f"{request.match_info['env']} is not a valid env")
        return name

    def app(self, app_id: str) -> Row:
        """An app's row; 404 when there is none."""
        row = self.records.row("SELECT * FROM app WHERE app_id = ?", app_id)
        if row is None:
            raise not_found(f"app not found for appId:{app_id}")
        return row

    def namespace(self, request: web.Request) -> Row:
        """The namespace a path names; 404 when there is none."""
        info, env = request.match_info, self.environment(request)
        row = self.records.row(
            "SELECT * FROM namespace WHERE env = ? AND app_id = ? AND cluster = ? AND name = ?",
            *(env, info["app"], info["cluster"], info["namespace"]),
        )
        if row is None:
            raise not_found(
                f"namespace not found for appId:{info['app']} clusterName:{info['cluster']}"
                f" namespaceName:{info['namespace']}"
            )
        return row

    def items(self, namespace: Row) -> list[Row]:
        """A namespace's items in the order of their lines."""
        return self.records.rows("SELECT * FROM item WHERE namespace_id = ? ORDER BY id", namespace["id"])

    def active(self, namespace_id: int) -> list[Row]:
        """A namespace's releases that were not rolled back, newest first."""
        query = "SELECT * FROM release WHERE namespace_id = ? AND NOT abandoned ORDER BY id DESC"
        return self.records.rows(query, namespace_id)


def page_of(request: web.Request, default_size: int) -> tuple[int, int]:
    """`page` (from 0) and `size`."""
    page, size = request.query.get("page", "0"), request.query.get("size", str(default_size))
    if not page.isdigit() or not size.isdigit():
        raise bad_request("page should be positive or 0, size should be positive number")
    return int(page), int(size)


def text(value: object, most: int, field: str) -> str:
    """A string no longer than Apollo takes it; 400 otherwise."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise bad_request(f"{field} must be a string")
    if len(value) > most:
        raise bad_request(f"{field} length should not exceed {most} characters")
    return value
