"""The judge can say no: each thing that may be wrong with an exchange is told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from contract.vendor.exchange import Exchange
from contract.vendor.judge import Excused, Judge

JSON = {"content-type": "application/json"}
MAPS = "/api/v1/namespaces/trading/configmaps"
MAP: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "web"},
    "data": {"a": "b"},
}
COMMENT = "/rest/api/3/issue/HB-101/comment"


def said(value: Any) -> bytes:
    return json.dumps(value).encode()


MADE = Exchange("POST", f"{MAPS}?dryRun=All", JSON, said(MAP), 201, JSON, said(MAP))
WATCHED = Exchange(
    "GET", f"{MAPS}?watch=true&timeoutSeconds=1", {}, b"", 200, JSON, said({"type": "ADDED", "object": MAP})
)
PATCHED = Exchange(
    "PATCH",
    f"{MAPS}/web?fieldManager=hummingbird&force=true",
    {"content-type": "application/apply-patch+yaml"},
    said({**MAP, "metadata": {"name": "web"}}),
    200,
    JSON,
    said(MAP),
)


@pytest.fixture(scope="module")
def kubernetes() -> Judge:
    return Judge("kubernetes/swagger.json")


@pytest.mark.parametrize("exchange", [MADE, WATCHED, PATCHED], ids=["made", "watched", "patched"])
def test_what_is_as_documented_is_fine(kubernetes: Judge, exchange: Exchange) -> None:
    assert kubernetes.judge(exchange) == []


@pytest.mark.parametrize(
    ("exchange", "told"),
    [
        (replace(MADE, target=f"{MAPS}/web/nothing"), "has no POST"),
        (replace(MADE, method="PUT"), "has no PUT"),
        (replace(MADE, target=f"{MAPS}?dryrun=All"), "no parameter dryrun"),
        (replace(WATCHED, target=f"{MAPS}?limit=many"), "'many' is no integer"),
        (replace(MADE, body=b""), "a body is required"),
        (replace(MADE, body=said({**MAP, "dada": {}})), "'dada' was unexpected"),
        (replace(MADE, body=said({**MAP, "data": {"a": 1}})), "1 is not of type 'string'"),
        (replace(PATCHED, sent={"content-type": "text/plain"}), "text/plain is none of"),
        (replace(PATCHED, body=said({**MAP, "dada": {}})), "patch: $: Additional properties"),
        (replace(WATCHED, body=said(MAP)), "where none is taken"),
        (replace(MADE, status=204, answer=b""), "status 204 is none of"),
        (replace(MADE, answer=said({**MAP, "invented": 1})), "answer: $: Additional properties"),
        (replace(MADE, answer=said({**MAP, "metadata": {"name": 1}})), "answer: $.metadata.name"),
        (
            replace(WATCHED, answer=said({"type": "ADDED", "object": {**MAP, "invented": 1}})),
            "answer: $: Additional properties",
        ),
    ],
)
def test_each_deviation_is_told(kubernetes: Judge, exchange: Exchange, told: str) -> None:
    found = kubernetes.judge(exchange)
    assert any(told in each for each in found), found


def test_documents_of_version_three_are_judged_too() -> None:
    judge = Judge("jira/jira-cloud-platform-v3.swagger.json")
    fine = Exchange("POST", COMMENT, JSON, said({"body": {}}), 201, JSON, said({"id": "1", "body": {}}))
    assert judge.judge(fine) == []
    for wrong, told in (
        (replace(fine, body=said({"bodi": {}})), "'bodi' was unexpected"),
        (replace(fine, answer=said({"id": 1})), "answer: $.id"),
        (replace(fine, target=f"{COMMENT}?expnd=x"), "no parameter expnd"),
        (replace(fine, sent={"content-type": "text/plain"}), "text/plain is none of"),
        (Exchange("GET", f"{COMMENT}?orderBy=size", {}, b"", 200, JSON, b"{}"), "is none of"),
    ):
        assert any(told in each for each in judge.judge(wrong)), told


def test_an_excuse_holds_for_its_status_and_form_only_and_an_unused_one_is_told() -> None:
    form = {"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.Status"}
    excuse = Excused(why="errors", reference="x", statuses=frozenset({409}), schema=form)
    judge = Judge("kubernetes/swagger.json", excused=[excuse])
    assert judge.unused_excuses() == ["errors"]
    refusal = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 409}
    assert judge.judge(replace(MADE, status=409, answer=said(refusal))) == []
    assert judge.unused_excuses() == []
    assert judge.judge(replace(MADE, status=409, answer=said({"error": "x"})))
    assert judge.judge(replace(MADE, status=418, answer=said(refusal)))
