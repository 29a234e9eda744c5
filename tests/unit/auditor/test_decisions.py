"""True rows that tell of something that must not happen: the verifier decides again and says so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from auditor.signed import Broken
from unit.auditor.evidence_file import EvidenceFile
from unit.auditor.test_verify_evidence import delivered, file, fresh
from unit.notary.conftest import airflow, messengers, scene

__all__ = ["airflow", "delivered", "file", "fresh", "messengers", "scene"]


def test_true_decisions_hold(file: EvidenceFile) -> None:
    told = "\n".join(file.replay().told)
    assert told.count("warrant  ") == 2
    assert told.count("deployed ") == 4


@pytest.mark.parametrize(
    ("without", "why"),
    [
        ("approval.updated", "issued without all signatures"),
        ("approval.created", "for something else than people were asked about"),
        ("bundle.sealed", "which no row before it seals"),
        ("warrant.issued", "a warrant was used that no row before it gives"),
        ("warrant.consumed", "under a warrant that was not used there"),
    ],
)
def test_a_deployment_without_what_it_needs_is_named(file: EvidenceFile, without: str, why: str) -> None:
    with pytest.raises(Broken, match=why):
        file.replay(without=without)


@pytest.mark.parametrize("before", ["warrant.issued", "warrant.consumed"])
def test_what_was_taken_back_before_it_was_used_is_named(file: EvidenceFile, before: str) -> None:
    decisions = file.decisions()
    with pytest.raises(Broken, match="release_approver had taken the approval back by then"):
        for row in file.rows:
            event = json.loads(row["envelope"])["customData"]["event"]
            if before in event["kind"]:
                for request in decisions.requests:
                    taken = {"withdrawal": {"person": "release_approver"}}
                    kind = "dev.cdeventsx.hummingbird-approval.withdrawn.0.1.0"
                    decisions.take(row, event | {"kind": kind, "subject": request, "data": taken})
            decisions.take(row, event)


def test_a_bundle_that_is_not_its_name_is_named(file: EvidenceFile) -> None:
    def act(event: dict[str, Any]) -> None:
        event["data"]["bundle"]["components"][0]["version"] = "9.9.9"

    with pytest.raises(Broken, match="not the one that its name says"):
        file.replay(bundle__sealed=act)


def test_a_request_for_another_environment_is_named(file: EvidenceFile) -> None:
    def act(event: dict[str, Any]) -> None:
        event["data"]["request"]["environment"] = "dev"

    with pytest.raises(Broken, match="something else than people were asked about"):
        file.replay(approval__created=act)


def test_one_person_with_two_signatures_is_named(file: EvidenceFile) -> None:
    def act(event: dict[str, Any]) -> None:
        event["data"]["approval"]["person"] = "release_approver"

    with pytest.raises(Broken, match=r"gave two of the signatures|was not among those who could"):
        file.replay(approval__updated=act)


def test_the_requester_as_signer_is_named(file: EvidenceFile) -> None:
    def act(event: dict[str, Any]) -> None:
        event["data"]["approval"]["person"] = "release_manager"

    with pytest.raises(Broken, match="release_manager signed and was not among those who could"):
        file.replay(approval__updated=act)


def test_a_rejection_opens_nothing(file: EvidenceFile) -> None:
    def act(event: dict[str, Any]) -> None:
        event["data"]["approval"]["decision"] = "rejected"

    with pytest.raises(Broken, match="without all signatures"):
        file.replay(approval__updated=act)


def test_a_warrant_that_was_widened_is_named(file: EvidenceFile) -> None:
    def act(event: dict[str, Any]) -> None:
        event["data"]["warrant"]["clusters"].append("dev")

    with pytest.raises(Broken, match="the warrant is not what the notary signed"):
        file.replay(warrant__issued=act)


def test_a_warrant_used_elsewhere_is_named(file: EvidenceFile) -> None:
    def act(event: dict[str, Any]) -> None:
        event["cluster"] = "dev"

    with pytest.raises(Broken, match="no row before it gives for dev"):
        file.replay(warrant__consumed=act)


def test_other_digests_than_the_bundle_s_are_named(file: EvidenceFile) -> None:
    def act(event: dict[str, Any]) -> None:
        event["data"]["report"]["components"][0]["digest"] = "sha256:" + "0" * 64

    with pytest.raises(Broken, match="other digests run in test than the bundle carries"):
        file.replay(service__deployed=act)


def test_a_provenance_of_another_build_is_named(file: EvidenceFile) -> None:
    def act(event: dict[str, Any]) -> None:
        event["data"]["build"]["commit"] = "0" * 40

    with pytest.raises(Broken, match="of another digest or commit than the build"):
        file.replay(artifact__signed=act)


def test_a_row_of_an_unknown_form_is_named_and_no_reason_to_stumble(file: EvidenceFile) -> None:
    def act(event: dict[str, Any]) -> None:
        event["data"] = {"warrant": []}

    with pytest.raises(Broken, match=r"not a warrant\.issued as the platform writes it"):
        file.replay(warrant__issued=act)
