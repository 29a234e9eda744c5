"""ESLint over planted defects and a clean control, as the scan pod runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import scanner_programs  # noqa: F401  which ESLint
from hummingbird.core.errors import Garbled
from hummingbird.core.finding import Severity
from hummingbird.scanners.eslint import FILE, NOT_READ, Eslint
from hummingbird.workloads.scan_view import build_view
from hummingbird.workloads.scanning import Scanned, scan

CLEAN = 'import { readFileSync } from "node:fs";\nexport const read = (p) => readFileSync(p, "utf8");\n'
DEFECTS = [
    ("eval(input);\n", "no-eval", Severity.HIGH),
    ("undefinedName();\n", "no-undef", Severity.HIGH),
    ("export const f = (x) => { if (x = 1) return 2; return 3; };\n", "no-cond-assign", Severity.MEDIUM),
    ("try { f(); } catch {}\nfunction f() {}\n", "no-empty", Severity.MEDIUM),
    ("export const f = () => { const unused = 1; };\n", "no-unused-vars", Severity.LOW),
]


def scan_of(files: dict[str, str], root: Path) -> Scanned:
    source = root / "source"
    for name, text in files.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    eslint = Eslint()
    build_view(source, sorted(files), [eslint], root / "view")
    names = [name for name in sorted(files) if eslint.takes(name)]
    return scan(eslint, names, root / "view", root)


def test_every_planted_defect_is_found_by_name_and_severity_even_where_it_is_suppressed(
    tmp_path: Path,
) -> None:
    files = {f"src/bad{n}.mjs": f"/* eslint-disable */ {text}" for n, (text, _, _) in enumerate(DEFECTS)}
    scanned = scan_of({**files, "src/clean.mjs": CLEAN}, tmp_path)
    found = {(finding.path, finding.rule, finding.severity) for finding in scanned.findings}
    expected = {(f"src/bad{n}.mjs", rule, severity) for n, (_, rule, severity) in enumerate(DEFECTS)}
    assert expected <= found
    assert "src/clean.mjs" not in {path for path, _, _ in found}
    assert all("without an owner" in finding.message for finding in scanned.findings)
    assert scanned.run.files == len(DEFECTS) + 1
    assert scanned.run.rules == len(json.loads(FILE.read_text("utf-8"))["rules"]) > 50
    assert scanned.run.version[0].isdigit()


def test_scripts_modules_and_markup_are_read_as_what_they_are(tmp_path: Path) -> None:
    files = {
        "a.js": "const fs = require('fs');\nmodule.exports = { read: (p) => fs.readFileSync(p) };\n",
        "b.js": CLEAN,
        "c.cjs": "exports.one = 1;\n",
        "d.jsx": "export const View = () => <p title='x'>y</p>;\n",
        "test/e.js": "describe('e', () => { it('is', () => {}); });\n",
    }
    assert scan_of(files, tmp_path).findings == []


def test_a_file_that_cannot_be_parsed_is_a_finding(tmp_path: Path) -> None:
    (finding,) = scan_of({"broken.mjs": "function ( {\n"}, tmp_path).findings
    assert (finding.rule, finding.severity) == (NOT_READ, Severity.MEDIUM)


def test_a_repository_cannot_switch_off_its_scan(tmp_path: Path) -> None:
    files = {
        "bad.mjs": "eval(process.argv[2]);\n",
        "eslint.config.mjs": "export default [{ ignores: ['**/*'] }];\n",
        ".eslintrc.json": '{"root": true, "rules": {}}',
        ".eslintignore": "*\n",
    }
    assert [finding.rule for finding in scan_of(files, tmp_path).findings] == ["no-eval"]


def test_a_scanner_without_files_still_proves_that_it_is_there(tmp_path: Path) -> None:
    scanned = scan_of({"readme.md": "x"}, tmp_path)
    assert (scanned.run.files, scanned.findings) == (0, [])


def test_no_report_is_not_a_clean_one(tmp_path: Path) -> None:
    with pytest.raises(Garbled, match="no report"):
        Eslint().read(tmp_path, tmp_path, "")
