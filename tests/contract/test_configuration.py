"""The Apollo clients against the sandbox's portal and config service."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from hummingbird.clients.apollo import Apollo
from hummingbird.clients.apollo_config import ApolloConfig
from hummingbird.core.component import ApolloNamespace
from hummingbird.core.errors import DeliveryError, Denied, NotFound
from sandbox_world import SandboxWorld

PLACE = ApolloNamespace(app="order-gateway")
ITEMS = {"price.limit": "0.10", "greeting": "委托", "odd key/with.slash": "a=b\nc"}


@pytest.fixture(scope="module")
def world(sandbox: SandboxWorld) -> SandboxWorld:
    return sandbox.seeded("apollo")


@pytest.fixture
def portal(world: SandboxWorld) -> Iterator[Apollo]:
    client = Apollo(world.url("apollo"), world.secret("apollo.platform"), "platform")
    yield client
    client.close()


@pytest.fixture
def service(world: SandboxWorld) -> Iterator[ApolloConfig]:
    client = ApolloConfig(f"{world.url('apollo-config')}/DEV")
    yield client
    client.close()


def test_items_are_created_changed_and_deleted_until_they_are_exact(portal: Apollo) -> None:
    portal.bring_to("DEV", PLACE, ITEMS)
    assert portal.items("DEV", PLACE) == ITEMS
    other = {"greeting": "hello", "new": "1"}
    assert portal.bring_to("DEV", PLACE, other)
    assert portal.items("DEV", PLACE) == other
    assert not portal.bring_to("DEV", PLACE, other)


def test_a_release_is_what_clients_get_and_the_same_again_is_none(
    portal: Apollo, service: ApolloConfig
) -> None:
    first = portal.release("DEV", PLACE, ITEMS, "HB-101", "bundle abc")
    assert (first.title, first.comment, first.configurations) == ("HB-101", "bundle abc", ITEMS)
    assert portal.release("DEV", PLACE, ITEMS, "HB-101 again", "").id == first.id
    served = service.served(PLACE)
    assert served is not None
    assert served.configurations == ITEMS


def test_an_edit_that_nobody_released_is_released_away(portal: Apollo) -> None:
    released = portal.release("DEV", PLACE, ITEMS, "HB-102", "")
    portal.bring_to("DEV", PLACE, {**ITEMS, "by.hand": "1"})
    assert portal.release("DEV", PLACE, ITEMS, "HB-102", "").id == released.id
    assert portal.items("DEV", PLACE) == ITEMS


def edit(world: SandboxWorld, key: str, value: str, comment: str) -> None:
    """What a person does in the portal: another value, a comment, no release."""
    item = {"key": key, "value": value, "comment": comment}
    names = {"dataChangeLastModifiedBy": "developer2", "dataChangeCreatedBy": "developer2"}
    answer = requests.put(
        f"{world.url('apollo')}/openapi/v1/envs/DEV/apps/{PLACE.app}/clusters/default/namespaces/application"
        f"/items/{key}?createIfNotExists=true",
        json=item | names,
        headers={"Authorization": world.secret("apollo.platform")},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text


def test_edits_are_read_with_comment_and_editor(world: SandboxWorld, portal: Apollo) -> None:
    portal.release("DEV", PLACE, {"a": "1"}, "HB-102", "")
    edit(world, "a", "2", "HB-110 限额")
    (item,) = portal.commented("DEV", PLACE)
    assert (item.key, item.value, item.comment, item.editor) == ("a", "2", "HB-110 限额", "developer2")


def test_an_edit_that_waits_for_its_story_survives_a_release_and_is_not_in_it(
    world: SandboxWorld, portal: Apollo
) -> None:
    portal.release("DEV", PLACE, {"a": "1", "b": "1"}, "HB-102", "")
    edit(world, "a", "2", "HB-110 限额")
    edit(world, "b", "2", "trying out")
    edit(world, "c", "3", "HB-110 新项")
    released = portal.release("DEV", PLACE, {"a": "1", "b": "5"}, "HB-111", "")
    assert released.configurations == {"a": "1", "b": "5"}
    assert portal.items("DEV", PLACE) == {"a": "2", "b": "5", "c": "3"}
    assert {item.editor for item in portal.commented("DEV", PLACE) if item.comment} == {"developer2"}
    assert portal.release("DEV", PLACE, {"a": "1", "b": "5"}, "HB-111", "").id == released.id
    assert portal.release("DEV", PLACE, {"a": "2", "b": "5", "c": "3"}, "HB-110", "").id != released.id


def test_a_rollback_makes_the_earlier_release_the_latest(portal: Apollo, service: ApolloConfig) -> None:
    old = portal.release("DEV", PLACE, {"a": "1"}, "old", "")
    new = portal.release("DEV", PLACE, {"a": "2"}, "new", "")
    assert new.id != old.id
    assert portal.rollback("DEV", PLACE, old.id).id == old.id
    assert portal.rollback("DEV", PLACE, old.id).id == old.id
    served = service.served(PLACE)
    assert served is not None
    assert served.configurations == {"a": "1"}


def test_a_rollback_to_a_release_that_is_not_there_fails(portal: Apollo) -> None:
    portal.release("DEV", PLACE, {"a": "3"}, "new", "")
    with pytest.raises(DeliveryError, match="rollback of order-gateway/DEV"):
        portal.rollback("DEV", PLACE, 999_999)


def test_environments_are_kept_apart(portal: Apollo) -> None:
    before = portal.items("PRO", PLACE)
    portal.bring_to("DEV", PLACE, {"only": "dev"})
    assert portal.items("PRO", PLACE) == before


def test_an_unknown_app_is_not_found(portal: Apollo, service: ApolloConfig) -> None:
    with pytest.raises(NotFound):
        portal.items("DEV", ApolloNamespace(app="none"))
    assert service.served(ApolloNamespace(app="none")) is None


def test_a_reader_may_not_release(world: SandboxWorld) -> None:
    client = Apollo(world.url("apollo"), world.secret("apollo.auditor"), "auditor")
    with pytest.raises(Denied):
        client.release("PRO", PLACE, {"a": "1"}, "mine", "")
    client.close()
