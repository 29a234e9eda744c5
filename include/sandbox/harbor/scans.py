"""Scans with SYNTHETIC reports: no vulnerability data exists here, and every report says so.

A scan is done when it is asked for; its report is empty of findings and labelled synthetic.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from aiohttp import web

from sandbox.harbor.artifacts import Artifacts
from sandbox.harbor.database import now
from sandbox.harbor.errors import HarborError, bad_request, not_found
from sandbox.harbor.gate import Harbor
from sandbox.harbor.names import api_repository_of
from sandbox.sqlite_file import Row

REPORT_TYPE = "application/vnd.security.vulnerability.report; version=1.1"
SCANNER = {"name": "Synthetic", "vendor": "sandbox", "version": "1"}
_ARTIFACT = "/api/v2.0/projects/{project}/repositories/{repository}/artifacts/{reference}"


class Scans:
    """Handlers of …/scan and …/additions/vulnerabilities."""

    def __init__(self, harbor: Harbor, artifacts: Artifacts) -> None:
        self._harbor = harbor
        self._artifacts = artifacts

    def routes(self) -> list[web.RouteDef]:
        """The scan calls."""
        return [
            web.post(f"{_ARTIFACT}/scan", self.scan),
            web.get(f"{_ARTIFACT}/additions/vulnerabilities", self.vulnerabilities),
        ]

    async def scan(self, request: web.Request) -> web.Response:
        """POST: 202; the synthetic report is there when this returns."""
        project, repository = api_repository_of(request)
        self._harbor.admit(request, project, "scan", "create")
        body = await request.json() if request.can_read_body else {}
        kind = body.get("scan_type", "vulnerability")
        if kind not in {"vulnerability", "sbom"}:
            raise bad_request(f"scan_type should be one of [vulnerability sbom], not {kind!r}")
        if kind == "sbom":
            raise HarborError(
                501, "NOT_IMPLEMENTED", "the stand-in generates no SBOM: push one as an accessory"
            )
        artifact = self._artifacts.get(repository, request.match_info["reference"])
        present = now()
        report = {
            "generated_at": present,
            "scanner": SCANNER,
            "severity": "None",
            "vulnerabilities": [],
            "synthetic": True,
        }
        self._harbor.database.run(
            "INSERT OR REPLACE INTO scan VALUES (?, ?, ?, ?)",
            artifact["id"],
            json.dumps(report),
            present,
            now(),
        )
        return web.Response(status=202)

    async def vulnerabilities(self, request: web.Request) -> web.Response:
        """GET of the report, by report type; empty before the first scan, as Harbor has it."""
        project, repository = api_repository_of(request)
        self._harbor.admit(request, project, "artifact-addition", "read")
        artifact = self._artifacts.get(repository, request.match_info["reference"])
        accepted = request.headers.get("X-Accept-Vulnerabilities", REPORT_TYPE)
        if REPORT_TYPE not in accepted:
            raise not_found(f"report of type {accepted}")
        scan = self._harbor.database.row("SELECT * FROM scan WHERE artifact_id = ?", artifact["id"])
        return web.json_response({REPORT_TYPE: json.loads(scan["report"])} if scan else {})


def overview(scan: Row) -> dict[str, Any]:
    """The summary of a report (NativeReportSummary)."""
    report = json.loads(scan["report"])
    return {
        "report_id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{scan['artifact_id']} {scan['started']}")),
        "scan_status": "Success",
        "severity": report["severity"],
        "duration": 0,
        "summary": {"total": len(report["vulnerabilities"]), "fixable": 0, "summary": {}},
        "start_time": scan["started"],
        "end_time": scan["ended"],
        "complete_percent": 100,
        "scanner": SCANNER,
    }
