"""Small true records for tests: name what matters, the rest is sensible."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hummingbird.catalogue.load import load_catalogue
from hummingbird.core.approval import Approval, ApprovalRequest, Brief, Decision, Signature
from hummingbird.core.artifact import Build, Image, Package
from hummingbird.core.bundle import Bundle, BundleComponent, Configuration
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.environment import Calendar
from hummingbird.core.finding import Finding, ScannerRun, ScanReport, Severity, SuiteReport, TestCounts
from hummingbird.core.gate import Facts, SignedBuild
from hummingbird.core.named_policy import STANDARD
from hummingbird.core.story import Story, StoryKey, story_key

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
COMMIT = "1" * 40
DIGEST = "sha256:" + "a" * 64
HASH = "b" * 64
CATALOGUE_FOLDER = Path(__file__).parents[1] / "include" / "catalog"


def the_catalogue() -> Catalogue:
    """The catalogue of the repository."""
    return load_catalogue(CATALOGUE_FOLDER)


def a_story(key: str = "HB-101", *, status: str = "In Progress", closed: bool = False) -> Story:
    """A deliverable story unless told otherwise."""
    return Story(
        key=story_key(key),
        project=key.split("-", maxsplit=1)[0],
        title="冰山委托校验",
        status=status,
        closed=closed,
        url=f"https://jira.example/browse/{key}",
    )


def a_component(**changes: Any) -> BundleComponent:
    """order-gateway 1.1.0 at one commit."""
    fields: dict[str, Any] = {
        "name": "order-gateway",
        "version": "1.1.0",
        "commit": COMMIT,
        "image": Image(repository="trading-dev/order-gateway", digest=DIGEST),
        "packages": [Package(repository="trading-dev-local", path="order-gateway/a.tar.gz", sha256=HASH)],
        "configuration": {name: Configuration(items={"limit": name}) for name in ("dev", "test", "prod")},
        "stories": [story_key("HB-101")],
        "authors": ["developer@hummingbird.example"],
    }
    return BundleComponent(**{**fields, **changes})


def a_bundle(*components: BundleComponent, story: str = "HB-101") -> Bundle:
    """A bundle of one component unless told otherwise."""
    return Bundle(story=StoryKey(story), components=list(components) or [a_component()])


def a_finding(severity: Severity = Severity.LOW) -> Finding:
    """One finding."""
    return Finding(
        scanner="semgrep",
        rule="hb.python.x",
        severity=severity,
        path="src/a.py",
        line=3,
        message="not closed",
        fingerprint="f1",
        reproduce="semgrep --config rules src/a.py",
    )


def a_scan(**changes: Any) -> ScanReport:
    """A clean full scan of the bundle's commit."""
    fields: dict[str, Any] = {
        "component": "order-gateway",
        "commit": COMMIT,
        "mode": "full",
        "scanners": [
            ScannerRun(scanner="semgrep", version="1", rules=10, rules_hash=HASH, files=5, seconds=1.0)
        ],
        "findings": [],
        "unit_tests": TestCounts(total=20, failed=0, skipped=0),
    }
    return ScanReport(**{**fields, **changes})


def a_build(**changes: Any) -> Build:
    """The build of the bundle's commit."""
    fields: dict[str, Any] = {
        "component": "order-gateway",
        "version": "1.1.0",
        "commit": COMMIT,
        "image": Image(repository="trading-dev/order-gateway", digest=DIGEST),
        "pipeline_id": 7,
        "pipeline_url": "https://gitlab.example/p/7",
    }
    return Build(**{**fields, **changes})


def a_suite(bundle: Bundle, **changes: Any) -> SuiteReport:
    """A green functional suite of the bundle in test."""
    fields: dict[str, Any] = {
        "component": "order-gateway",
        "bundle": bundle.sha256,
        "environment": "test",
        "suite": "functional",
        "counts": TestCounts(total=12, failed=0, skipped=0),
        "seconds": 3.0,
    }
    return SuiteReport(**{**fields, **changes})


def a_request(bundle: Bundle, environment: str = "prod", **changes: Any) -> ApprovalRequest:
    """An open request to the roles of the environment."""
    catalogue = the_catalogue()
    roles = catalogue.environment(environment).approval.roles
    fields: dict[str, Any] = {
        "story": bundle.story,
        "bundle": bundle.sha256,
        "evidence": HASH,
        "environment": environment,
        "operation": "deploy",
        "policy_version": catalogue.policy_version,
        "requester": "release_manager",
        "asked_by": "prod_deploy/HB-101.1__prod_deploy",
        "asked_at": NOW - timedelta(minutes=5),
        "expires_at": NOW + timedelta(hours=24),
        "signatures": [Signature(number=n, role=role) for n, role in enumerate(roles)],
        "brief": Brief(changes="a", different="b", risk="c", details=["bundle: x"]),
    }
    return ApprovalRequest(**{**fields, **changes})


def an_approval(request: ApprovalRequest, number: int, person: str, **changes: Any) -> Approval:
    """A person's yes to one signature of a request."""
    fields: dict[str, Any] = {
        "request": request.id,
        "number": number,
        "role": request.signatures[number].role,
        "person": person,
        "decision": Decision.APPROVED,
        "reason": "",
        "answered_at": NOW,
        "source": "approval/run/sign/0",
    }
    return Approval(**{**fields, **changes})


def the_facts(environment: str = "prod", **changes: Any) -> Facts:
    """Facts under which every gate of the environment is open."""
    catalogue = the_catalogue()
    bundle = changes.pop("bundle", None) or a_bundle()
    request = a_request(bundle, environment)
    people = ["release_approver", "operations_approver"] if environment == "prod" else ["test_lead"]
    fields: dict[str, Any] = {
        "now": NOW,
        "environment": catalogue.environment(environment),
        "operation": "deploy",
        "bundle": bundle,
        "evidence_hash": HASH,
        "policy_version": catalogue.policy_version,
        "requester": "release_manager",
        "stories": [a_story()],
        "deliverable_statuses": catalogue.stories.deliverable_statuses,
        "scans": [a_scan()],
        "builds": [SignedBuild(build=a_build(), provenance_verified=True)],
        "suites": [a_suite(bundle)],
        "deployed_environments": ["dev", "test"],
        "clusters": catalogue.environment(environment).clusters,
        "promoted_clusters": catalogue.environment(environment).clusters,
        "request": request,
        "approvals": [
            an_approval(request, signature.number, people[signature.number])
            for signature in request.signatures
        ],
        "calendar": catalogue.calendars[catalogue.environment(environment).calendar],
        "has_run_before": True,
        "classes": [STANDARD],
        "holders": {role: [p.name for p in catalogue.holders_of(role)] for role in catalogue.roles},
    }
    return Facts(**{**fields, **changes})


def a_calendar(**changes: Any) -> Calendar:
    """Open on weekdays from 18:00 to 22:00 in Shanghai."""
    fields: dict[str, Any] = {
        "name": "evenings",
        "timezone": "Asia/Shanghai",
        "weekly": {day: ["18:00-22:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
    }
    return Calendar(**{**fields, **changes})
