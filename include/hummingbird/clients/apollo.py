"""Apollo's portal: bring a namespace to exactly the given items, release them, take a release back.

API: Apollo Open API (`/openapi/v1`), a consumer token in `Authorization`; every change names its operator.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter

from hummingbird.clients.http import Answer, Site, fitting
from hummingbird.clients.read_back import or_read_back
from hummingbird.clients.reading import Limits
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.session import BearerToken
from hummingbird.core.component import ApolloNamespace
from hummingbird.core.errors import Mismatch, NotFound
from hummingbird.core.ports import SettingItem
from hummingbird.core.record import Record
from hummingbird.core.story import mentioned_stories

_PAGE = 500


class Release(Record):
    """A published state of a namespace."""

    id: int
    title: str
    configurations: dict[str, str]
    comment: str | None = None


class _Item(BaseModel):
    key: str
    value: str
    comment: str | None = None
    dataChangeLastModifiedBy: str | None = None  # noqa: N815  # Apollo's name


class _Page(BaseModel):
    total: int
    content: list[_Item]


class _Release(BaseModel):
    id: int
    name: str
    configurations: dict[str, str]
    comment: str | None = None


_ITEMS: TypeAdapter[_Page | list[_Item]] = TypeAdapter(_Page | list[_Item])
_RELEASE: TypeAdapter[_Release] = TypeAdapter(_Release)


class Apollo:
    """One consumer's view of one portal; `operator` is the Apollo user that changes are made as."""

    def __init__(
        self,
        url: str,
        token: str,
        operator: str,
        *,
        verify: bool | str = True,
        limits: Limits | None = None,
        retrying: Retrying | None = None,
    ) -> None:
        auth = BearerToken(token, scheme="")
        self._site = Site("Apollo", url, auth=auth, verify=verify, limits=limits, retrying=retrying)
        self._operator = operator

    def close(self) -> None:
        """Close all connections."""
        self._site.close()

    def items(self, env: str, place: ApolloNamespace) -> dict[str, str]:
        """The namespace's edited items, released or not; NotFound when there is no such namespace."""
        return {item.key: item.value for item in self.commented(env, place)}

    def commented(self, env: str, place: ApolloNamespace) -> list[SettingItem]:
        """The same with their comments and who changed them last."""
        found: list[SettingItem] = []
        page = 0
        while True:
            answer = self._call("GET", env, place, "items", params={"page": page, "size": _PAGE})
            read = answer.read_as(_ITEMS)
            items = read.content if isinstance(read, _Page) else read
            found += [_setting(item) for item in items if item.key]  # lines of comment alone have no key
            page += 1
            if isinstance(read, list) or page * _PAGE >= read.total:
                return found

    def bring_to(self, env: str, place: ApolloNamespace, wanted: dict[str, str]) -> bool:
        """Create, update and delete items until exactly the wanted ones are there; False when they were.

        Nothing is released by this. Mismatch when others are read back, such as an edit at the same time.
        """
        present = self.items(env, place)
        if present == wanted:
            return False
        for key, value in wanted.items():
            if key not in present:
                self._create(env, place, key, value)
            elif present[key] != value:
                item = {"key": key, "value": value, "dataChangeLastModifiedBy": self._operator}
                path = f"items/{quote(key, safe='')}"
                self._change("PUT", env, place, path, item, createIfNotExists="false")
        for key in present.keys() - wanted.keys():
            self._change("DELETE", env, place, f"items/{quote(key, safe='')}")
        self._require(self.items(env, place), wanted, f"items of {_named(env, place)}")
        return True

    def latest_release(self, env: str, place: ApolloNamespace) -> Release | None:
        """What clients get now, None when nothing was released."""
        answer = self._call("GET", env, place, "releases/latest", accept=(404,))
        if answer.status == 404 or not answer.body.strip() or answer.body.strip() == b"null":
            return None
        return _release(answer)

    def release(
        self, env: str, place: ApolloNamespace, wanted: dict[str, str], title: str, comment: str
    ) -> Release:
        """Bring the namespace to the items and release them; nothing when the latest release is just that.

        A release takes all items of a namespace. Edits that wait for a story, as their comments say, are put
        back afterwards, unreleased and in their editors' names.
        """
        waiting = [item for item in self.commented(env, place) if _waits(item, wanted)]
        released = self._released(env, place, wanted, title, comment)
        for item in waiting:
            self._put_back(env, place, item)
        return released

    def _released(
        self, env: str, place: ApolloNamespace, wanted: dict[str, str], title: str, comment: str
    ) -> Release:
        self.bring_to(env, place, wanted)
        latest = self.latest_release(env, place)
        if latest is not None and latest.configurations == wanted:
            return latest
        document = {"releaseTitle": title, "releaseComment": comment, "releasedBy": self._operator}
        before = latest.id if latest is not None else 0

        def fresh() -> Release | None:
            found = self.latest_release(env, place)
            return found if found is not None and found.id != before else None

        released = or_read_back(
            lambda: _release(self._change("POST", env, place, "releases", document)), fresh
        )
        self._require(released.configurations, wanted, f"release {released.id} of {_named(env, place)}")
        return released

    def rollback(self, env: str, place: ApolloNamespace, to: int) -> Release:
        """Make an earlier release the latest one again; nothing when it is. Returns what is latest then."""
        latest = self.latest_release(env, place)
        if latest is None:
            raise NotFound(f"Apollo: {_named(env, place)}: expected a release to take back, found none")
        if latest.id == to:
            return latest
        old = latest.id

        def take_back() -> Release | None:
            self._site.call(
                "PUT",
                f"openapi/v1/envs/{quote(env, safe='')}/releases/{old}/rollback",
                about=f"rollback of {_named(env, place)} from release {old} to {to}",
                params={"operator": self._operator, "toReleaseId": to},
                again=False,  # without its answer a second one could go back one release too many
            )
            return self.latest_release(env, place)

        def taken_back() -> Release | None:
            found = self.latest_release(env, place)
            return found if found is not None and found.id == to else None

        after = or_read_back(take_back, taken_back)
        if after is None or after.id != to:
            found = "none" if after is None else str(after.id)
            raise Mismatch(
                f"Apollo: rollback of {_named(env, place)}: expected release {to} to be the latest, "
                f"found {found}; look at the namespace's release history"
            )
        return after

    def _create(self, env: str, place: ApolloNamespace, key: str, value: str) -> None:
        item = {"key": key, "value": value, "dataChangeCreatedBy": self._operator}

        def create() -> bool:
            self._change("POST", env, place, "items", item)
            return True

        or_read_back(create, lambda: self.items(env, place).get(key) == value or None)

    def _put_back(self, env: str, place: ApolloNamespace, item: SettingItem) -> None:
        editor = item.editor or self._operator
        document = {
            "key": item.key,
            "value": item.value,
            "comment": item.comment,
            "dataChangeCreatedBy": editor,
            "dataChangeLastModifiedBy": editor,
        }
        params = {"createIfNotExists": "true", "operator": editor}
        path = f"items/{quote(item.key, safe='')}"
        self._call("PUT", env, place, path, params=params, document=document)

    def _require(self, found: dict[str, str], wanted: dict[str, str], subject: str) -> None:
        if found != wanted:
            keys = sorted(key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key))
            raise Mismatch(
                f"Apollo: {subject}: expected exactly the bundle's items, found others at "
                f"{', '.join(keys[:10])}; somebody else changes this namespace, start again"
            )

    def _change(
        self, method: str, env: str, place: ApolloNamespace, path: str, document: Any = None, **params: str
    ) -> Answer:
        params["operator"] = self._operator
        return self._call(method, env, place, path, params=params, document=document)

    def _call(self, method: str, env: str, place: ApolloNamespace, path: str, **call: Any) -> Answer:
        parts = ("envs", env, "apps", place.app, "clusters", place.cluster, "namespaces", place.namespace)
        base = "/".join(quote(part, safe="") for part in parts)
        about = f"{path} of {_named(env, place)}"
        return self._site.call(method, f"openapi/v1/{base}/{path}", about=about, **call)


def _waits(item: SettingItem, wanted: dict[str, str]) -> bool:
    return bool(mentioned_stories(item.comment)) and wanted.get(item.key) != item.value


def _setting(item: _Item) -> SettingItem:
    editor = item.dataChangeLastModifiedBy or ""
    return SettingItem(key=item.key, value=item.value, comment=item.comment or "", editor=editor)


def _named(env: str, place: ApolloNamespace) -> str:
    return f"{place.app}/{env}/{place.cluster}/{place.namespace}"


def _release(answer: Answer) -> Release:
    found = fitting(_RELEASE, answer.document(), answer.head)
    return Release(id=found.id, title=found.name, configurations=found.configurations, comment=found.comment)
