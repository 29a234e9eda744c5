"""A story without commits: what people edited in the configuration centre in its name."""

from __future__ import annotations

from hummingbird.core.bundle import BundleComponent, Configuration
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.component import Component
from hummingbird.core.errors import NotFound
from hummingbird.core.plan import PlannedComponent
from hummingbird.core.ports import Notary, SettingItem, SettingsStore
from hummingbird.core.story import StoryKey, mentioned_stories
from hummingbird.paths.running import running_component


def find_edits(
    catalogue: Catalogue, settings: SettingsStore, notary: Notary, component: Component, story: StoryKey
) -> PlannedComponent | str | None:
    """The component at what runs in production, with the story's edits; None when there are none.

    An edit is an item whose comment names the story and whose value is not the running one: so a second
    attempt finds what the first one released in test. A sentence when nothing runs yet.
    """
    edited = {
        name: [item for item in _items(settings, environment.apollo_env, component) if _is_of(item, story)]
        for name, environment in catalogue.environments.items()
    }
    if not any(edited.values()):
        return None
    running = running_component(notary, component.name, catalogue.production.clusters)
    if running is None:
        return (
            f"{component.name} has configuration items that name {story}, but it does not run in production "
            "yet: a story of configuration alone needs a version to configure"
        )
    fresh = {name: _other(items, running, name) for name, items in edited.items()}
    if not any(fresh.values()):
        return None
    return PlannedComponent(
        name=component.name,
        branch="",
        commit=running.commit,
        base=running.commit,
        settings={name: {item.key: item.value for item in items} for name, items in fresh.items()},
        editors=sorted({_address(catalogue, item.editor) for items in fresh.values() for item in items}),
    )


def with_edits(running: BundleComponent, planned: PlannedComponent, story: StoryKey) -> BundleComponent:
    """What runs, with the plan's items in place of its own, environment by environment."""
    edits = planned.settings or {}
    configuration = {
        name: Configuration(items={**one.items, **edits.get(name, {})})
        for name, one in running.configuration.items()
    }
    told = {"configuration": configuration, "stories": [story], "authors": planned.editors, "commits": 0}
    return running.model_copy(update=told)


def _items(settings: SettingsStore, env: str, component: Component) -> list[SettingItem]:
    try:
        return settings.commented(env, component.apollo)
    except NotFound:  # the namespace is made with the component's first release
        return []


def _is_of(item: SettingItem, story: StoryKey) -> bool:
    return story in mentioned_stories(item.comment)


def _other(items: list[SettingItem], running: BundleComponent, environment: str) -> list[SettingItem]:
    known = running.configuration.get(environment)
    return [item for item in items if known is None or known.items.get(item.key) != item.value]


def _address(catalogue: Catalogue, editor: str) -> str:
    """The mail address of whoever made an edit, as commits name authors; a stranger's account."""
    for account in ("airflow", "gitlab", "jira", "email"):
        person = catalogue.person_of(**{account: editor})
        if person is not None and person.email:
            return person.email
    return editor
