"""Provenance of a build: an in-toto statement (SLSA provenance v1) in a DSSE envelope, signed here.

https://slsa.dev/spec/v1.2/provenance, https://github.com/in-toto/attestation
"""

from __future__ import annotations

import json
from typing import Any

from hummingbird.core.artifact import Build
from hummingbird.notary.dsse import opened, sealed
from hummingbird.notary.signing import SigningKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
BUILDER = "https://hummingbird.example/builders/gitlab-ci/v1"
BUILD_TYPE = "https://hummingbird.example/build-types/gitlab-pipeline/v1"


def statement_of(build: Build, gitlab_project: str) -> dict[str, Any]:
    """The claim: these digests came from this commit by that pipeline. No times: the same build, once."""
    subject = [{"name": build.image.repository, "digest": {"sha256": build.image.digest.split(":", 1)[1]}}]
    files = [*build.packages, *([build.sbom] if build.sbom else [])]
    subject += [{"name": f"{f.repository}/{f.path}", "digest": {"sha256": f.sha256}} for f in files]
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subject,
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {"component": build.component, "version": build.version},
                "resolvedDependencies": [
                    {"uri": f"git+{gitlab_project}", "digest": {"gitCommit": build.commit}}
                ],
            },
            "runDetails": {
                "builder": {"id": BUILDER},
                "metadata": {"invocationId": f"{build.pipeline_url}#{build.pipeline_id}"},
            },
        },
    }


def sign_statement(statement: dict[str, Any], key: SigningKey) -> dict[str, Any]:
    """The DSSE envelope of a statement, by the builds' own key."""
    return sealed(PAYLOAD_TYPE, statement, key.for_builds)


def doubt_of(envelope: dict[str, Any], build: Build, key: SigningKey) -> str | None:
    """Why the envelope does not show that we built this digest from this commit, None when it does."""
    # Ledgers from before the builds had a key of their own hold provenance by the notary's.
    keys = {one.key_id: one for one in (key.for_builds, key)}
    payload = opened(PAYLOAD_TYPE, envelope, keys)
    if payload is None:
        return "is not signed by the key of the builds"
    try:
        statement = json.loads(payload)
        digests = {subject["digest"]["sha256"] for subject in statement["subject"]}
        definition = statement["predicate"]["buildDefinition"]
        commit = definition["resolvedDependencies"][0]["digest"]["gitCommit"]
        builder = statement["predicate"]["runDetails"]["builder"]["id"]
        made_by = (builder, definition["buildType"])
    except (KeyError, IndexError, TypeError, ValueError):
        return "is no provenance of a build"
    if made_by != (BUILDER, BUILD_TYPE):
        return f"names another builder, {str(builder)[:120]}"
    if build.image.digest.split(":", 1)[1] not in digests:
        return "is for another digest"
    return None if commit == build.commit else f"is for another commit, {str(commit)[:8]}"


def verifies(envelope: dict[str, Any], build: Build, key: SigningKey) -> bool:
    """Whether our key signed exactly this build: its builder, its image digest and its commit."""
    return doubt_of(envelope, build, key) is None
