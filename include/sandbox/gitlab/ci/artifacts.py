"""What a job leaves behind: the archive of its paths and its reports, kept apart from the work tree."""

from __future__ import annotations

import base64
import re
import shutil
import zipfile
from pathlib import Path

from sandbox.gitlab.ci.tool import STATE
from sandbox.gitlab.site import Site
from sandbox.gitlab.store import Document

DOTENV = Path(".gitlab-ci-reports") / "dotenv"


def safe_name(job: str) -> str:
    """The tool's folder name for a job: everything but word characters and dashes as URL-safe base64."""

    def encoded(match: re.Match[str]) -> str:
        return base64.urlsafe_b64encode(match[0].encode()).decode().rstrip("=")

    return re.sub(r"[^A-Za-z0-9_-]+", encoded, job)


def folder_of(site: Site, job: Document) -> Path:
    """Where a job's artifacts are kept."""
    return site.folder / "artifacts" / str(job["id"])


def collect(site: Site, tree: Path, job: Document, *, succeeded: bool) -> list[Document]:
    """Keep a finished job's files; the list is what the API shows as `artifacts`."""
    built = tree / STATE / "builds" / safe_name(job["name"])
    given = tree / STATE / "artifacts" / safe_name(job["name"])
    kept = folder_of(site, job)
    kept.mkdir(parents=True, exist_ok=True)
    found: list[Document] = []
    if job["artifacts"].get("when") == "on_failure" and not succeeded:
        sources = [(built, path) for path in _matching(built, job["artifacts"].get("paths") or [])]
    else:
        sources = [(given, path) for path in _files(given) if DOTENV not in path.parents]
    if sources:
        archive = kept / "artifacts.zip"
        _zip(archive, sources)
        found.append(_entry("archive", archive, "zip"))
    for path in _files(given / DOTENV):
        found.append(_keep_report(given / DOTENV / path, kept / "reports" / "dotenv" / path, "dotenv"))
    junit = (job["artifacts"].get("reports") or {}).get("junit") or []
    for path in _matching(built, [junit] if isinstance(junit, str) else junit):
        found.append(_keep_report(built / path, kept / "reports" / "junit" / path, "junit"))
    return found


def restore(site: Site, tree: Path, job: Document) -> None:
    """Give a finished job's files back to the tool, for the jobs after it in another work tree."""
    kept = folder_of(site, job)
    given = tree / STATE / "artifacts" / safe_name(job["name"])
    given.mkdir(parents=True, exist_ok=True)
    if (kept / "artifacts.zip").is_file():
        with zipfile.ZipFile(kept / "artifacts.zip") as archive:
            for entry in archive.infolist():
                path = Path(archive.extract(entry, given))
                path.chmod((entry.external_attr >> 16) & 0o777 or 0o644)
    if (kept / "reports" / "dotenv").is_dir():
        shutil.copytree(kept / "reports" / "dotenv", given / DOTENV, dirs_exist_ok=True)


def read(site: Site, job: Document, path: str) -> bytes | None:
    """One kept file: from the archive, else from the reports."""
    kept = folder_of(site, job)
    if (kept / "artifacts.zip").is_file():
        with zipfile.ZipFile(kept / "artifacts.zip") as archive:
            if path in archive.namelist():
                return archive.read(path)
    for kind in ("junit", "dotenv"):
        report = (kept / "reports" / kind / path).resolve()
        if report.is_relative_to(kept.resolve()) and report.is_file():
            return report.read_bytes()
    return None


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def _matching(folder: Path, patterns: list[str]) -> list[Path]:
    found: set[Path] = set()
    for pattern in patterns:
        for path in folder.glob(pattern.strip("/").removeprefix("./")):
            inner = [path / name for name in _files(path)] if path.is_dir() else [path]
            found.update(one.relative_to(folder) for one in inner)
    return sorted(found)


def _zip(archive: Path, sources: list[tuple[Path, Path]]) -> None:
    draft = archive.with_suffix(".draft")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as file:
        for root, path in sources:
            file.write(root / path, path.as_posix())
    draft.replace(archive)


def _keep_report(source: Path, final: Path, kind: str) -> Document:
    final.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, final)
    return _entry(kind, final, None)


def _entry(kind: str, file: Path, form: str | None) -> Document:
    return {"file_type": kind, "size": file.stat().st_size, "filename": file.name, "file_format": form}
