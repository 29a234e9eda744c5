"""What the platform may not know: the sandbox, and where anything stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PLACES = ("dags", "plugins", "include/hummingbird", "include/airflow_local_settings.py")
FILES = sorted(
    file
    for place in PLACES
    for file in ([ROOT / place] if (ROOT / place).is_file() else (ROOT / place).rglob("*"))
    if file.is_file() and file.suffix != ".pyc"
)
ADDRESS = re.compile(
    r"(?i)\b[a-z]+://(?:[^\s/@'\"{]+@)?(?:[a-z0-9-]+\.)+[a-z]{2,}[^\s'\"]*"
    r"|\b[a-z]+://[^\s/@'\"{]+@\w[^\s'\"]*|\b\d{1,3}(?:\.\d{1,3}){3}\b|\blocalhost\b"
)
SECRET = re.compile(
    r"(?i)(?:password|token|secret)\s*=\s*[A-Za-z0-9+/_-]{12,}"
    r"|-----BEGIN (?!SSH SIGNATURE)|\bgh[ps]_|\bglpat-"
)
IMAGE = re.compile(r"(?i)^[a-z0-9.-]+(?::\d+)?/[a-z0-9./_-]+(?::[\w.-]+|@sha256:[0-9a-f]{64})$")
NAMES_NOT_PLACES = (
    # Identifiers of formats and builders: nobody connects to them.
    "https://in-toto.io/",
    "https://slsa.dev/",
    "https://hummingbird.example/",
    "https://synthetic.example/",  # where invented history says that its runs, reports and stories lie
    "https://json.schemastore.org/",
    "https://docs.oasis-open.org/",
    "https://cyclonedx.org/",
    "http://www.w3.org/",
    "http://json-schema.org/",
    "https://json-schema.org/",
    "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/",
    "postgresql://user:password@host/database",  # how a DSN is written, in an error's sentence
)
LOOPBACK = {"127.0.0.1", "localhost"}
MAY_NAME_LOOPBACK = {
    "include/hummingbird/notary/__main__.py",
    "include/hummingbird/preflight/addresses.py",
    "include/hummingbird/clients/container_engine.py",
}
"""The notary listens on loopback unless told otherwise; the preflight's rule for plain HTTP is loopback; a
container that a person tries out is published there alone."""


def literals(file: Path) -> Iterator[tuple[int, str]]:
    """The strings of a Python file that the program works with: docstrings are for readers."""
    tree = ast.parse(file.read_text("utf-8"))
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


def addresses(text: str) -> list[str]:
    """What of a text leads to a host."""
    found = (match.group(0) for match in ADDRESS.finditer(text))
    return [address for address in found if not address.startswith(NAMES_NOT_PLACES)]


def test_the_platform_never_mentions_what_stands_in_for_the_outside_world() -> None:
    text = {file: file.read_bytes().decode("utf-8", "replace").casefold() for file in FILES}
    assert [str(file.relative_to(ROOT)) for file, content in text.items() if "sandbox" in content] == []


def test_every_host_comes_from_connections_catalogue_or_mounted_secrets() -> None:
    named = [
        f"{file.relative_to(ROOT)}:{line} {address}"
        for file in FILES
        if file.suffix == ".py"
        for line, text in literals(file)
        for address in addresses(text)
        if not (address in LOOPBACK and str(file.relative_to(ROOT)) in MAY_NAME_LOOPBACK)
    ]
    assert named == []


def test_no_credential_and_no_image_stands_in_the_code() -> None:
    named = [
        f"{file.relative_to(ROOT)}:{line} {text[:60]}"
        for file in FILES
        if file.suffix == ".py"
        for line, text in literals(file)
        if SECRET.search(text) or (IMAGE.match(text) and ("@sha256:" in text or "." in text.split("/")[0]))
    ]
    assert named == []


@pytest.mark.parametrize(
    "text",
    [
        "http://10.0.0.5:8080",
        "see https://harbor.firm.cn/api",
        "127.0.0.1",
        "postgresql://u@db/x",
        "localhost",
    ],
)
def test_the_search_finds_an_address(text: str) -> None:
    assert addresses(text)


@pytest.mark.parametrize(
    "text", ["https://slsa.dev/provenance/v1", "https://{host}/api", "https://host[:port]", "version 1.2.3"]
)
def test_the_search_leaves_names_and_templates_alone(text: str) -> None:
    assert addresses(text) == []
