"""Reports: what people and tools read of a scan."""

from __future__ import annotations

import json

from builders import a_finding, a_scan
from hummingbird.core.finding import Severity
from hummingbird.workloads.reports.page import scan_page
from hummingbird.workloads.reports.sarif import merged_sarif

URL = "https://packages.example/reports/findings.sarif"


def test_the_page_names_place_rule_and_how_to_see_it_and_escapes_all() -> None:
    evil = a_finding(Severity.HIGH).model_copy(
        update={"message": "<script>alert(1)</script>", "path": "a&b.py"}
    )
    page = scan_page(a_scan(findings=[evil, a_finding(Severity.LOW)]), "委托网关", URL).decode("utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "a&amp;b.py:3" in page
    assert "委托网关" in page
    assert "semgrep --config rules src/a.py" in page
    assert page.index("High (1)") < page.index("Low (1)")


def test_a_clean_page_says_so() -> None:
    assert "No findings" in scan_page(a_scan(), "x", URL).decode("utf-8")


def test_the_merged_sarif_holds_every_finding_under_its_scanner() -> None:
    report = a_scan(findings=[a_finding(Severity.HIGH), a_finding(Severity.MEDIUM)])
    document = json.loads(merged_sarif(report, "https://git.example/p"))
    (run,) = document["runs"]
    assert [result["level"] for result in run["results"]] == ["error", "warning"]
    assert run["results"][0]["partialFingerprints"] == {"hummingbird/v1": "f1"}
    assert run["versionControlProvenance"][0]["revisionId"] == report.commit
