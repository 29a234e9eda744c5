"""A question's name: what it names is in it, and an older release's question keeps the name it was given."""

from __future__ import annotations

from builders import HASH, a_bundle, a_request
from hummingbird.core.approval import Signature
from hummingbird.core.canonical import content_hash


def test_a_request_of_an_older_release_keeps_its_name() -> None:
    request = a_request(a_bundle())
    then = request.document()
    for later in ("asked_at", "expires_at", "brief", "policy", "emergency"):
        then.pop(later)
    then["signatures"] = [{"number": s.number, "role": s.role} for s in request.signatures]
    assert request.id == content_hash(then)[:32]


def test_another_membership_or_policy_is_another_question_and_another_catalogue_is_not() -> None:
    one = a_request(a_bundle(), policy=HASH, signatures=[_signed_by("a")])
    assert a_request(a_bundle(), policy=HASH, signatures=[_signed_by("a")]).id == one.id
    assert (
        a_request(a_bundle(), policy=HASH, signatures=[_signed_by("a")], policy_version="1" * 64).id == one.id
    )
    assert a_request(a_bundle(), policy=HASH, signatures=[_signed_by("b")]).id != one.id
    assert a_request(a_bundle(), policy="1" * 64, signatures=[_signed_by("a")]).id != one.id


def _signed_by(person: str) -> Signature:
    return Signature(number=1, role="test_lead", any_of=["test_lead"], candidates=[person])
