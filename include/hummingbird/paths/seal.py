"""Seal a bundle: commits, digests, every story and every environment's configuration under one hash.

What a configuration story delivered stays in the releases of code that follow (`surviving`).
"""

from __future__ import annotations

from hummingbird.core.bundle import Bundle, BundleComponent, Configuration
from hummingbird.core.call_order import callee_first
from hummingbird.core.canonical import sha256_hex
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.code_host import CodeHost
from hummingbird.core.component import Component
from hummingbird.core.errors import Mismatch, NotFound
from hummingbird.core.plan import Plan, PlannedComponent
from hummingbird.core.ports import Notary
from hummingbird.core.story import StoryKey, mentioned_stories
from hummingbird.paths.candidate import master_commit
from hummingbird.paths.properties import parse_properties
from hummingbird.paths.running import running_component
from hummingbird.paths.settings_edits import with_edits
from hummingbird.paths.surviving import surviving


def seal_bundle(catalogue: Catalogue, code: CodeHost, notary: Notary, plan: Plan) -> Bundle:
    """The bundle of a plan's commits, callee first; NotFound when a component has no recorded build."""
    clusters = catalogue.production.clusters
    known = {plan.story.key, *(story.key for story in plan.travelling)}
    by_name = {planned.name: planned for planned in plan.components}
    components = []
    for name in callee_first(catalogue.components, by_name):
        running = running_component(notary, name, clusters)
        planned = by_name[name]
        if planned.settings is not None:
            components.append(_configured(running, planned, plan.story.key))
            continue
        sealed = _component(code, notary, catalogue.component(name), planned, running)
        carried = [key for key in sealed.stories if key in known]
        components.append(sealed.model_copy(update={"stories": carried}))
    return Bundle(story=plan.story.key, components=components)


def _configured(running: BundleComponent | None, planned: PlannedComponent, key: StoryKey) -> BundleComponent:
    if running is None or running.commit != planned.commit:
        now = running.commit[:8] if running else "nothing"
        raise Mismatch(
            f"{planned.name}: admitted on commit {planned.commit[:8]}, but production runs {now} by now; "
            "start test_deploy again"
        )
    return with_edits(running, planned, key)


def _component(
    code: CodeHost,
    notary: Notary,
    component: Component,
    planned: PlannedComponent,
    running: BundleComponent | None,
) -> BundleComponent:
    builds = notary.builds(planned.name, planned.commit)
    if not builds:
        raise NotFound(f"{planned.name} {planned.commit[:8]} has no recorded build; run build for it first")
    build = builds[-1]
    base = running.commit if running else master_commit(code, component)
    commits = code.commits_between(component.gitlab_project, base, planned.commit)
    stories: list[StoryKey] = sorted({key for c in commits for key in mentioned_stories(c.message)})
    contract = None
    if component.contract:
        contract = sha256_hex(code.file(component.gitlab_project, component.contract, planned.commit))
    return BundleComponent(
        name=component.name,
        version=build.version,
        commit=planned.commit,
        image=build.image,
        packages=build.packages,
        configuration={
            environment: Configuration(items=_items(code, component, environment, planned.commit, running))
            for environment in component.configuration
        },
        contract_sha256=contract,
        stories=stories,
        authors=sorted({commit.author_email for commit in commits}),
        commits=len(commits),
    )


def _items(
    code: CodeHost, component: Component, environment: str, commit: str, running: BundleComponent | None
) -> dict[str, str]:
    theirs = _file(code, component, environment, commit)
    ours = running.configuration.get(environment) if running else None
    if running is None or ours is None:
        return theirs
    try:
        base = _file(code, component, environment, running.commit)
    except NotFound:  # the running version kept its configuration elsewhere: there is nothing to compare with
        return theirs
    return surviving(base, ours.items, theirs)


def _file(code: CodeHost, component: Component, environment: str, commit: str) -> dict[str, str]:
    path = component.configuration[environment]
    content = code.file(component.gitlab_project, path, commit)
    return parse_properties(content, f"{component.name} {path}")
