"""A scan as one HTML page without scripts and foreign parts: what is wrong, where, how to see it oneself."""

from __future__ import annotations

from html import escape

from hummingbird.core.baseline import Coverage
from hummingbird.core.finding import Finding, ScanReport, Severity

MOST_ROWS = 2000
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;margin:2rem auto;max-width:72rem;
padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #8884}
code{font:13px ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.good{color:light-dark(#0a6b2d,#6fdc8c)}.high{color:light-dark(#a5121b,#ff8389)}
.medium{color:light-dark(#8a4b00,#ffb366)}.low{color:light-dark(#0b4f9c,#8ab8ff)}
.quiet{opacity:.75}
"""


def scan_page(report: ScanReport, title: str, sarif_url: str, found: Coverage | None = None) -> bytes:
    """The page, UTF-8; every value from outside is escaped."""
    sections = [_section(report, severity) for severity in Severity]
    body = [
        f"<h1>{escape(title)} · scan of <code>{report.commit[:12]}</code></h1>",
        f"<p>{_summary(report, found)}</p>",
        *(section for section in sections if section),
        "<h2>Unit tests</h2>",
        _tests(report),
        "<h2>What ran</h2>",
        _scanners(report),
        f'<p class="quiet">For tools: <a href="{escape(sarif_url)}">SARIF 2.1.0</a>.</p>',
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{escape(title)} {report.commit[:12]}</title><style>{_STYLE}</style></head><body>"
        f"{''.join(body)}</body></html>"
    ).encode()


def _summary(report: ScanReport, found: Coverage | None) -> str:
    scope = "all files" if report.mode == "full" else f"files changed since {(report.base or 'ever')[:12]}"
    if not report.findings:
        return f'<span class="good">No findings</span> in {escape(scope)}.'
    counts = ", ".join(
        f'<span class="{severity.value}">{count} {severity.value}</span>'
        for severity in Severity
        if (count := sum(finding.severity is severity for finding in report.findings))
    )
    if found is None or not found.sentence:
        return f"{counts} in {escape(scope)}. Each of them blocks the release."
    blocking = (
        f"{len(found.new)} of them block the release" if found.new else "None of them blocks the release"
    )
    return f"{counts} in {escape(scope)}. {blocking}; {escape(found.sentence)}."


def _section(report: ScanReport, severity: Severity) -> str:
    found = [finding for finding in report.findings if finding.severity is severity]
    if not found:
        return ""
    rows = "".join(_row(finding) for finding in found[:MOST_ROWS])
    rest = len(found) - MOST_ROWS
    more = f"<p>And {rest} more, all of them in the SARIF document.</p>" if rest > 0 else ""
    return (
        f'<h2 class="{severity.value}">{severity.value.capitalize()} ({len(found)})</h2><table>'
        f"<tr><th>Where</th><th>What</th><th>See it yourself</th></tr>{rows}</table>{more}"
    )


def _row(finding: Finding) -> str:
    return (
        f"<tr><td><code>{escape(finding.path)}:{finding.line}</code></td>"
        f'<td>{escape(finding.message)}<br><code class="quiet">{escape(finding.scanner)} '
        f"{escape(finding.rule)}</code></td><td><code>{escape(finding.reproduce)}</code></td></tr>"
    )


def _tests(report: ScanReport) -> str:
    counts = report.unit_tests
    kind = "good" if counts.green else "high"
    failures = "".join(f"<li><code>{escape(failure)}</code></li>" for failure in report.unit_failures)
    return (
        f'<p class="{kind}">{counts.total} tests, {counts.failed} failed, {counts.skipped} skipped.</p>'
        f"<ul>{failures}</ul>"
    )


def _scanners(report: ScanReport) -> str:
    rows = "".join(
        f"<tr><td>{escape(run.scanner)} {escape(run.version)}</td><td>{run.rules}</td><td>{run.files}</td>"
        f"<td>{run.seconds:.1f} s</td><td><code>{run.rules_hash[:12]}</code></td></tr>"
        for run in report.scanners
    )
    return (
        "<table><tr><th>Scanner</th><th>Rules</th><th>Files</th><th>Time</th><th>Rules' hash</th></tr>"
        f"{rows}</table>"
    )
