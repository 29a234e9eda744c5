"""Harbor v2: is an image there, copy it by digest on the server, attach what was learned of it.

API: Harbor's swagger v2.0 (`/api/v2.0`); referrers: OCI distribution-spec 1.1 (see registry.py).
"""

from __future__ import annotations

import itertools
from urllib.parse import quote

from pydantic import TypeAdapter

from hummingbird.clients.http import Site, fitting
from hummingbird.clients.reading import Limits
from hummingbird.clients.registry import Registry
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.session import basic
from hummingbird.core.artifact import Digest, Image
from hummingbird.core.errors import Invalid, Mismatch

_PAGE = 100
_DIGEST: TypeAdapter[str] = TypeAdapter(Digest)
_NUMBER: TypeAdapter[int] = TypeAdapter(int)


class Harbor:
    """Fulfils ports.ImageStore; `url` is Harbor's own address, without `/api`."""

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        *,
        verify: bool | str = True,
        limits: Limits | None = None,
        retrying: Retrying | None = None,
    ) -> None:
        auth = basic(user, password)
        self._site = Site("Harbor", url, auth=auth, verify=verify, limits=limits, retrying=retrying)
        self._registry = Registry(self._site)
        self._project_numbers: dict[str, int] = {}

    def close(self) -> None:
        """Close all connections."""
        self._site.close()

    def exists(self, image: Image) -> bool:
        """Whether the repository holds the digest."""
        return self._digest(image) is not None

    def copy(self, image: Image, target_repository: str) -> Image:
        """Copy by digest on the server, read back; the same copy again changes nothing.

        Raises NotFound when the source is missing, Mismatch when the copy has another digest or is not there.
        """
        target = Image(repository=target_repository, digest=image.digest)
        if not self.exists(target):
            source = f"{image.repository}@{image.digest}"
            self._site.call(
                "POST",
                _artifacts(target_repository),
                about=f"copying {source} to {target_repository}",
                params={"from": source},
                again=True,
            )
        found = self._digest(target)
        if found != image.digest:
            raise Mismatch(
                f"Harbor: copy of {image.repository} to {target_repository}: expected {image.digest}, "
                f"found {found or 'nothing'}; do not deploy it, look at Harbor's log of the copy"
            )
        return target

    def attach(self, image: Image, artifact_type: str, media_type: str, content: bytes) -> str:
        """Attach a referrer to the image, once; returns the digest of the attached manifest."""
        return self._registry.attach(image, artifact_type, media_type, content)

    def attached(self, image: Image, artifact_type: str) -> list[bytes]:
        """The documents of a type that are attached to the image, oldest first."""
        return self._registry.attached(image, artifact_type)

    def digests(self, repository: str) -> list[str]:
        """Every artifact of a repository, newest first, without what is attached to them; none for none."""
        found: list[str] = []
        for page in itertools.count(1):
            answer = self._site.call(
                "GET",
                _artifacts(repository),
                about=f"artifacts of {repository}",
                params={"page": page, "page_size": _PAGE, "with_tag": "false"},
                accept={404},
            )
            listed = [] if answer.status == 404 else answer.documents()
            found += [fitting(_DIGEST, each.get("digest"), f"{answer.head}: digest") for each in listed]
            if len(listed) < _PAGE:
                break
        return found

    def page(self, image: Image) -> str:
        """Address of the image's page in Harbor's own user interface."""
        project, name = _names(image.repository)
        if project not in self._project_numbers:
            answer = self._site.call(
                "GET",
                f"api/v2.0/projects/{quote(project, safe='')}",
                about=f"project {project}",
                headers={"X-Is-Resource-Name": "true"},
            )
            number = answer.document().get("project_id")
            self._project_numbers[project] = fitting(_NUMBER, number, f"{answer.head}: project_id")
        number = self._project_numbers[project]
        repository = quote(name, safe="")
        return (
            f"{self._site.url}/harbor/projects/{number}/repositories/{repository}"
            f"/artifacts-tab/artifacts/{image.digest}"
        )

    def _digest(self, image: Image) -> str | None:
        answer = self._site.call(
            "GET",
            f"{_artifacts(image.repository)}/{image.digest}",
            about=f"image {image.repository}@{image.digest}",
            params={"with_tag": "false"},
            accept={404},
        )
        if answer.status == 404:
            return None
        return fitting(_DIGEST, answer.document().get("digest"), f"{answer.head}: digest")


def _names(repository: str) -> tuple[str, str]:
    project, slash, name = repository.partition("/")
    if not slash or not project or not name:
        raise Invalid(f"repository: {repository!r} must read project/name, without a host and without a tag")
    return project, name


def _artifacts(repository: str) -> str:
    project, name = _names(repository)
    twice = quote(quote(name, safe=""), safe="")  # Harbor decodes a name with slashes twice
    return f"api/v2.0/projects/{quote(project, safe='')}/repositories/{twice}/artifacts"
