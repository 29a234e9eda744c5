"""Provenance of a build: an in-toto statement (SLSA provenance v1) in a DSSE envelope, signed here.

https://slsa.dev/spec/v1.2/provenance, https://github.com/secure-systems-lab/dsse
"""

from __future__ import annotations

import base64
import json
from typing import Any

from hummingbird.core.artifact import Build
from hummingbird.core.canonical import canonical_json
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
    """The DSSE envelope of a statement."""
    payload = canonical_json(statement)
    return {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode("ascii"),
        "signatures": [{"keyid": key.key_id, "sig": key.sign(_pre_authentication(payload))}],
    }


def verifies(envelope: dict[str, Any], build: Build, key: SigningKey) -> bool:
    """Whether our key signed exactly this build: its image digest and its commit."""
    try:
        payload = base64.b64decode(envelope["payload"], validate=True)
        signature = envelope["signatures"][0]["sig"]
        statement = json.loads(payload)
        digests = {subject["digest"]["sha256"] for subject in statement["subject"]}
        commit = statement["predicate"]["buildDefinition"]["resolvedDependencies"][0]["digest"]["gitCommit"]
    except (KeyError, IndexError, TypeError, ValueError):
        return False
    return (
        envelope.get("payloadType") == PAYLOAD_TYPE
        and key.verifies(_pre_authentication(payload), signature)
        and build.image.digest.split(":", 1)[1] in digests
        and commit == build.commit
    )


def _pre_authentication(payload: bytes) -> bytes:
    kind = PAYLOAD_TYPE.encode("ascii")
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
