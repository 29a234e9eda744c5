"""All findings of a scan as one SARIF 2.1.0 document, a run a scanner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hummingbird.core.canonical import canonical_json
from hummingbird.core.finding import Finding, ScannerRun, ScanReport, Severity

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}


def merged_sarif(report: ScanReport, repository_url: str) -> bytes:
    """The document; it names repository and commit, so that it can be read far from here."""
    runs = [_run(report, run, repository_url) for run in report.scanners]
    return canonical_json({"$schema": SCHEMA, "version": "2.1.0", "runs": runs})


def _run(report: ScanReport, run: ScannerRun, repository_url: str) -> dict[str, Any]:
    found = [finding for finding in report.findings if finding.scanner == run.scanner]
    rules = sorted({finding.rule for finding in found})
    return {
        "tool": {
            "driver": {
                "name": run.scanner,
                "version": run.version,
                "rules": [{"id": rule} for rule in rules],
                "properties": {"rules": run.rules, "rulesSha256": run.rules_hash, "files": run.files},
            }
        },
        "invocations": [{"executionSuccessful": True}],
        "versionControlProvenance": [{"repositoryUri": repository_url, "revisionId": report.commit}],
        "results": _results(found),
    }


def _results(found: Sequence[Finding]) -> list[dict[str, Any]]:
    return [
        {
            "ruleId": finding.rule,
            "level": _LEVELS[finding.severity],
            "message": {"text": finding.message},
            "partialFingerprints": {"hummingbird/v1": finding.fingerprint},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": finding.path, "uriBaseId": "SRCROOT"},
                        "region": {"startLine": finding.line},
                    }
                }
            ],
            "properties": {"severity": finding.severity.value, "reproduce": finding.reproduce},
        }
        for finding in found
    ]
