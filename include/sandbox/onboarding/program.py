"""What a repository is: the language of its program, how it starts, how it is tested, its version."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from sandbox.onboarding.refusal import CannotJoin
from sandbox.onboarding.source import Source

PROCFILE_HELP = "add a Procfile with the line `web: <command that serves HTTP on $PORT>`"
SUFFIXES = {".py": "python", ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript"}
FOREIGN = re.compile(r"(^|/)(node_modules|vendor|third_party|\.venv|dist|build)/|\.min\.js$|\.bundle\.js$")
ENTRANCES = ("app.py", "main.py", "server.py", "wsgi.py", "run.py")
APPLICATION = re.compile(
    r"^(app|application|server)\s*=\s*[\w.]*(Flask|FastAPI|Starlette|Quart)\(", re.MULTILINE
)
SERVERS = {
    "gunicorn": "gunicorn {module}:{name}",
    "uvicorn": "uvicorn {module}:{name} --host 0.0.0.0 --port $PORT",
}


@dataclass(frozen=True)
class Program:
    """Everything the pipeline and the catalogue need to know of it."""

    language: str
    languages: list[str]
    start: str
    prepare: str | None
    """Shell command that the image needs run once its packages are there; None for none."""
    unit_tests: str
    unit_test_command: list[str] | None
    version: str
    shape: str
    """How it was recognised, for people."""


def recognise(source: Source) -> Program:
    """The program of a repository; CannotJoin names what is missing and what to add."""
    files = source.files()
    language, start, shape = _start(source, files)
    prepare = None
    if language == "python" and "manage.py" in files and "STATIC_ROOT" in _all(source, files, "settings.py"):
        prepare = "python3 manage.py collectstatic --noinput"
    unit_tests, command = _tests(source, files, language)
    return Program(
        language=language,
        languages=_languages(files, language),
        start=start,
        prepare=prepare,
        unit_tests=unit_tests,
        unit_test_command=command,
        version=_version(source),
        shape=shape,
    )


def _start(source: Source, files: list[str]) -> tuple[str, str, str]:
    node, python = "package.json" in files, any(name.endswith(".py") for name in files)
    for line in source.text("Procfile").splitlines():
        name, colon, command = line.partition(":")
        if colon and name.strip() == "web":
            word = command.split()[0] if command.split() else ""
            language = "javascript" if word in ("node", "npm", "npx", "yarn") or not python else "python"
            return language, command.strip(), "Procfile"
    for found in (
        _python_start(source, files) if python else None,
        _node_start(source, files) if node else None,
    ):
        if found is not None:
            return found
    if not node and not python:
        kinds = sorted({PurePosixPath(name).suffix for name in files if PurePosixPath(name).suffix})[:6]
        raise CannotJoin(
            f"no Python and no JavaScript program is here (found {', '.join(kinds) or 'no source'}); the "
            f"platform delivers those two: {PROCFILE_HELP}, beside requirements.txt or package.json"
        )
    raise CannotJoin(f"{_unsaid(source, files)}: nothing here says how a server starts; {PROCFILE_HELP}")


def _unsaid(source: Source, files: list[str]) -> str:
    """What is here instead of a program that is recognised."""
    manifests = [name for name in ("package.json", "pyproject.toml", "setup.py") if name in files]
    if manifests:
        return f"{' and '.join(manifests)} {'describe' if manifests[1:] else 'describes'} a library"
    usual = ", ".join(ENTRANCES)
    ours = (
        name for name in files if name.endswith(".py") and not _is_pytest(name) and not FOREIGN.search(name)
    )
    program = next((name for name in ours if name not in ENTRANCES and _is_program(source.text(name))), None)
    if program:
        return f"{program} looks like a program and is none of those that are tried ({usual})"
    return f"no {usual} at the top makes a web application or has a `__main__` block"


def _is_program(text: str) -> bool:
    return bool(APPLICATION.search(text) or ("__main__" in text and re.search(r"__name__\s*==", text)))


def _python_start(source: Source, files: list[str]) -> tuple[str, str, str] | None:
    declared = " ".join(
        source.text(name) for name in ("requirements.txt", "pyproject.toml", "setup.py", "Pipfile")
    )
    if "manage.py" in files:
        module = next(
            (n[: -len("/wsgi.py")] for n in files if n.endswith("/wsgi.py") and n.count("/") == 1), None
        )
        if module and "gunicorn" in declared:
            return "python", f"gunicorn {module}.wsgi", "Django with gunicorn"
        raise CannotJoin(
            "manage.py is Django's, and nothing here serves it in production; add gunicorn to "
            "requirements.txt and a Procfile with the line `web: gunicorn <project>.wsgi`"
        )
    for name in ENTRANCES:
        text = source.text(name)
        made = APPLICATION.search(text)
        server = "uvicorn" if made and made[2] in ("FastAPI", "Starlette", "Quart") else "gunicorn"
        if made and server in declared:
            command = SERVERS[server].format(module=name[:-3], name=made[1])
            return "python", command, f"{made[2]} in {name} with {server}"
        if "__main__" in text and re.search(r"__name__\s*==", text):
            return "python", f"python3 {name}", f"python3 {name}"
        if made:
            raise CannotJoin(
                f"{name} makes a {made[2]} application and nothing here serves it; add {server} to "
                f"requirements.txt, or end {name} with a `__main__` block that listens on $PORT"
            )
    for name in files:
        parts = PurePosixPath(name).parts
        inner = parts[1:] if parts[0] == "src" else parts
        if len(inner) == 2 and inner[1] == "__main__.py":
            return "python", f"python3 -m {inner[0]}", f"package {inner[0]} with __main__.py"
    return None


def _node_start(source: Source, files: list[str]) -> tuple[str, str, str] | None:
    manifest = _manifest(source)
    script = (manifest.get("scripts") or {}).get("start")
    if script:
        return "javascript", str(script), "scripts.start of package.json"
    if "server.js" in files:
        return "javascript", "node server.js", "server.js"
    programs = manifest.get("bin") or {}
    names = [programs] if isinstance(programs, str) else list(programs.values())
    if len(names) == 1:
        return "javascript", f"node {names[0]}", "bin of package.json"
    main = str(manifest.get("main") or "index.js").removeprefix("./")
    for name in (main, f"{main}.js", f"{main}/index.js"):
        if name in files and re.search(r"\.listen\s*\(", source.text(name)):
            return "javascript", f"node {name}", "main of package.json"
    return None


def _manifest(source: Source) -> dict[str, Any]:
    try:
        content = json.loads(source.text("package.json") or "{}")
    except ValueError as error:
        raise CannotJoin(f"package.json: not JSON: {error}") from error
    return content if isinstance(content, dict) else {}


def _tests(source: Source, files: list[str], language: str) -> tuple[str, list[str] | None]:
    """Folder of the unit tests, and the command where the language's usual runner does not do."""
    return _python_tests(source, files) if language == "python" else _node_tests(source, files)


def _python_tests(source: Source, files: list[str]) -> tuple[str, list[str] | None]:
    said = _said_by_app_json(source)
    if said:
        return ".", ["sh", "-c", said]
    of_django = any(name.endswith("tests.py") or "/tests/" in f"/{name}" for name in files)
    if "manage.py" in files and of_django and not _configures_pytest(source, files):
        return ".", ["python3", "manage.py", "test"]
    for folder in ("tests", "test"):
        if any(name.startswith(f"{folder}/") and _is_pytest(name) for name in files):
            return folder, None
    if any(_is_pytest(name) for name in files):
        return ".", None
    raise CannotJoin(
        "no unit test is here, and none means no delivery; add a folder tests with test_*.py files that "
        "pytest runs (one that starts the program and asks it a question is a good beginning)"
    )


def _node_tests(source: Source, files: list[str]) -> tuple[str, list[str] | None]:
    command = str((_manifest(source).get("scripts") or {}).get("test", ""))
    if command and "no test specified" not in command:
        return ".", ["npm", "test"]
    for folder in ("test", "tests"):
        if any(name.startswith(f"{folder}/") and re.search(r"[.-]test\.[cm]?js$", name) for name in files):
            return folder, None
    raise CannotJoin(
        'package.json has no script `test`, and none means no delivery; add `"test": "node --test"` and a '
        "file test/<name>.test.js"
    )


def _said_by_app_json(source: Source) -> str | None:
    try:
        content = json.loads(source.text("app.json") or "{}")
        said = content["environments"]["test"]["scripts"]["test"]
    except (ValueError, KeyError, TypeError):
        return None
    return str(said)


def _configures_pytest(source: Source, files: list[str]) -> bool:
    return "pytest.ini" in files or "[tool.pytest" in source.text("pyproject.toml")


def _is_pytest(name: str) -> bool:
    return bool(re.search(r"(^|/)(test_[^/]*|[^/]*_test)\.py$", name))


def _languages(files: list[str], first: str) -> list[str]:
    ours = (name for name in files if not FOREIGN.search(name))
    found = {SUFFIXES[suffix] for name in ours if (suffix := PurePosixPath(name).suffix) in SUFFIXES}
    return [first, *sorted(found - {first})]


def _version(source: Source) -> str:
    said = source.text("VERSION").strip().splitlines()[:1]
    try:
        project = tomllib.loads(source.text("pyproject.toml")).get("project", {})
    except tomllib.TOMLDecodeError as error:
        raise CannotJoin(f"pyproject.toml: not TOML: {error}") from error
    declared = said or [project.get("version")]
    version = str(declared[0] or _manifest(source).get("version") or "0.1.0")
    if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,39}", version):
        return "0.1.0"
    return version


def _all(source: Source, files: list[str], ending: str) -> str:
    return "\n".join(source.text(name) for name in files if name.endswith(ending))
