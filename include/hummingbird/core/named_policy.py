"""The part of the catalogue that a question names: another part may change while people are asked."""

from __future__ import annotations

from hummingbird.core.bundle import Bundle
from hummingbird.core.canonical import content_hash
from hummingbird.core.catalogue import Catalogue

STANDARD = "standard"


def classes_of(catalogue: Catalogue, bundle: Bundle) -> list[str]:
    """The classes of a bundle's components, sorted."""
    known = (catalogue.components.get(component.name) for component in bundle.components)
    return sorted({component.component_class if component else STANDARD for component in known})


def named_policy(
    catalogue: Catalogue, bundle: Bundle, environment: str, operation: str, *, in_emergency: bool = False
) -> str:
    """Its hash: environment, clusters, components, their scanners and baselines, who may sign.

    Without calendars: the window is looked at again when the approval is used, so a freeze voids nothing.
    """
    stage = catalogue.environment(environment)
    stages = [stage, *([catalogue.environment(stage.previous)] if stage.previous else [])]
    names = [component.name for component in bundle.components]
    components = [catalogue.components[name] for name in names if name in catalogue.components]
    languages = sorted({language for component in components for language in component.languages})
    roles = stage.rule_of(operation, in_emergency=in_emergency).named_roles
    return content_hash(
        {
            "environments": [each.document() for each in stages],
            "clusters": [catalogue.clusters[name].document() for name in stage.clusters],
            "components": [component.document() for component in components],
            "scanners": {language: catalogue.scanners.get(language, []) for language in languages},
            "baseline": catalogue.baseline.document(),
            "baselines": [
                catalogue.baselines[name].document() for name in names if name in catalogue.baselines
            ],
            "stories": catalogue.stories.document(),
            "signers": {role: [p.document() for p in catalogue.holders_of(role)] for role in roles},
        }
    )
