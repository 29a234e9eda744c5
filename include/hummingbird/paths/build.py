"""Build a commit once: the project's own pipeline, then what it made, read back."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from hummingbird.core.artifact import PROVENANCE_TYPE, SBOM_TYPE, Build, Image, Package, Sha256
from hummingbird.core.canonical import canonical_json, sha256_hex
from hummingbird.core.code_host import CodeHost, PipelineState
from hummingbird.core.component import Component
from hummingbird.core.errors import Invalid, Mismatch
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.plan import Plan, PlannedComponent
from hummingbird.core.ports import ImageStore, Notary, PackageStore
from hummingbird.core.record import Record
from hummingbird.paths.runs import run_name

REPORTS = "reports-local"
RESULT_FILE = "build.json"
FINISHED = ("success", "failed", "canceled", "skipped")


class SbomFile(Record):
    """The software bill of materials among the pipeline's files."""

    path: str
    sha256: Sha256


class BuildResult(Record):
    """The pipeline's own account of what it made, in its artifact `build.json`."""

    component: str
    version: str
    commit: str
    image: Image
    packages: list[Package]
    sbom: SbomFile | None = None


def existing_build(notary: Notary, images: ImageStore, planned: PlannedComponent) -> Build | None:
    """The recorded build of the commit when its image is still there."""
    for build in reversed(notary.builds(planned.name, planned.commit)):
        if images.exists(build.image):
            return build
    return None


def finished(state: PipelineState) -> bool:
    """Whether the pipeline will not change any more."""
    return state.status in FINISHED


def read_build(
    code: CodeHost, images: ImageStore, packages: PackageStore, component: Component, state: PipelineState
) -> Build:
    """What the pipeline made; Mismatch when the stores hold something else than the pipeline says."""
    content = code.pipeline_file(component.gitlab_project, state.id, RESULT_FILE)
    try:
        result = BuildResult.model_validate(json.loads(content))
    except (ValueError, ValidationError) as error:
        raise Invalid(
            f"{RESULT_FILE} of pipeline {state.url} is not what a build must leave: {error}"
        ) from error
    if result.component != component.name or result.commit != state.commit:
        raise Mismatch(
            f"pipeline {state.url} says it built {result.component} {result.commit[:8]}, "
            f"expected {component.name} {state.commit[:8]}; correct the project's .gitlab-ci.yml"
        )
    if not images.exists(result.image):
        raise Mismatch(
            f"{result.image.repository}@{result.image.digest} of pipeline {state.url} is not in the registry"
        )
    for package in result.packages:
        stored = packages.checksum(package)
        if stored != package.sha256:
            raise Mismatch(
                f"{package.repository}/{package.path}: expected {package.sha256}, the store has {stored}"
            )
    sbom = _keep_sbom(code, packages, component, state, result.sbom) if result.sbom else None
    return Build(
        component=result.component,
        version=result.version,
        commit=result.commit,
        image=result.image,
        packages=result.packages,
        sbom=sbom,
        pipeline_id=state.id,
        pipeline_url=state.url,
        pipeline_seconds=state.seconds,
    )


def _keep_sbom(
    code: CodeHost, packages: PackageStore, component: Component, state: PipelineState, sbom: SbomFile
) -> Package:
    """Keep the pipeline's CycloneDX document; Mismatch when it is not the one that `build.json` names."""
    content = code.pipeline_file(component.gitlab_project, state.id, sbom.path)
    found = sha256_hex(content)
    if found != sbom.sha256:
        raise Mismatch(f"{sbom.path} of pipeline {state.url}: expected {sbom.sha256}, the file has {found}")
    path = f"sboms/{component.name}/{state.commit}/{found[:16]}.cdx.json"
    packages.put(REPORTS, path, content, SBOM_TYPE)
    return Package(repository=REPORTS, path=path, sha256=found)


def attach_evidence(
    images: ImageStore, packages: PackageStore, build: Build, provenance: dict[str, Any]
) -> None:
    """Attach the signed provenance and the bill of materials to the image, once, for anybody's tools.

    Mismatch when the registry does not give back what was attached.
    """
    documents = {PROVENANCE_TYPE: canonical_json(provenance)}
    if build.sbom is not None:
        documents[SBOM_TYPE] = packages.read(build.sbom)
    for kind, content in documents.items():
        images.attach(build.image, kind, kind, content)
        if content not in images.attached(build.image, kind):
            image = f"{build.image.repository}@{build.image.digest}"
            raise Mismatch(f"{image}: the registry took {kind} and does not list it")


def record_build(notary: Notary, plan: Plan, build: Build) -> None:
    """Write the build to the ledger, once a pipeline; the notary signs its provenance."""
    notary.append(
        DeliveryEvent(
            kind=EventKind.BUILD_FINISHED,
            key=f"build:{build.component}:{build.commit}:{build.pipeline_id}",
            subject=f"pkg:oci/{build.component}@{build.image.digest}",
            story=plan.story.key,
            component=build.component,
            run=run_name(plan.dag_id, plan.run_id),
            actor="platform",
            data={"build": build.document()},
        )
    )
