"""What the parts of the GitLab client share: the connection, and reading python-gitlab's objects strictly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import gitlab
from gitlab.base import RESTObject
from gitlab.v4.objects import Project
from pydantic import TypeAdapter

from hummingbird.clients.http import base_address, fitting
from hummingbird.clients.reading import Limits
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.session import Session, sendable
from hummingbird.core.errors import Garbled

T = TypeVar("T")
PAGE = 100


class GitLabSite:
    """One account's view of one GitLab (REST v4)."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        verify: bool | str = True,
        limits: Limits | None = None,
        retrying: Retrying | None = None,
    ) -> None:
        base = base_address("GitLab", url)
        self._session = Session("GitLab", base, verify=verify, limits=limits, retrying=retrying)
        self._gitlab = gitlab.Gitlab(
            base,
            private_token=sendable(token),
            session=self._session,
            ssl_verify=verify,
            per_page=PAGE,
            keep_base_url=True,  # pages are asked where the first one was, whatever the links say
        )

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    @contextmanager
    def _about(self, subject: str, *, again: bool | None = None, tail: int | None = None) -> Iterator[None]:
        """Calls inside are about the subject; what python-gitlab itself cannot read is Garbled."""
        with self._session.about(subject, again=again, tail=tail):
            try:
                yield
            except gitlab.GitlabError as error:
                raise Garbled(
                    f"GitLab: {subject}: {error}; check that the address is GitLab's API"
                ) from error

    def _project(self, name: str) -> Project:
        return self._gitlab.projects.get(name, lazy=True)


def read(form: TypeAdapter[T], found: RESTObject | dict[str, Any], subject: str) -> T:
    """A foreign object as one of our forms; Garbled names the first field that does not fit."""
    document = found if isinstance(found, dict) else found.asdict()
    return fitting(form, document, f"GitLab: {subject}")
