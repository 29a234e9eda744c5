"""Seal a bundle: commits, digests, every story and every environment's configuration under one hash."""

from __future__ import annotations

from hummingbird.core.bundle import Bundle, BundleComponent, Configuration
from hummingbird.core.call_order import callee_first
from hummingbird.core.canonical import sha256_hex
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.component import Component
from hummingbird.core.errors import NotFound
from hummingbird.core.plan import Plan, PlannedComponent
from hummingbird.core.ports import CodeHost, Notary
from hummingbird.core.story import StoryKey, mentioned_stories
from hummingbird.paths.candidate import released_commit
from hummingbird.paths.properties import parse_properties


def seal_bundle(catalogue: Catalogue, code: CodeHost, notary: Notary, plan: Plan) -> Bundle:
    """The bundle of a plan's commits, callee first; NotFound when a component has no recorded build."""
    clusters = catalogue.production.clusters
    known = {plan.story.key, *(story.key for story in plan.travelling)}
    by_name = {planned.name: planned for planned in plan.components}
    components = []
    for name in callee_first(catalogue.components, by_name):
        sealed = _component(code, notary, catalogue.component(name), by_name[name], clusters)
        carried = [key for key in sealed.stories if key in known]
        components.append(sealed.model_copy(update={"stories": carried}))
    return Bundle(story=plan.story.key, components=components)


def _component(
    code: CodeHost, notary: Notary, component: Component, planned: PlannedComponent, clusters: list[str]
) -> BundleComponent:
    builds = notary.builds(planned.name, planned.commit)
    if not builds:
        raise NotFound(f"{planned.name} {planned.commit[:8]} has no recorded build; run build for it first")
    build = builds[-1]
    base = released_commit(code, notary, component, clusters)
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
            environment: Configuration(
                items=parse_properties(
                    code.file(component.gitlab_project, path, planned.commit), f"{component.name} {path}"
                )
            )
            for environment, path in component.configuration.items()
        },
        contract_sha256=contract,
        stories=stories,
        authors=sorted({commit.author_email for commit in commits}),
        commits=len(commits),
    )
