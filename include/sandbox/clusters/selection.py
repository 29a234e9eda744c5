"""Label and field selectors, as lists, watches, services and deployments use them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sandbox.clusters.jsons import Json, dig
from sandbox.clusters.resources import EVENTS, NAMESPACES, PODS, REPLICA_SETS, SECRETS, Resource
from sandbox.clusters.statuses import bad_request

Test = Callable[[Json], bool]

_TERM = re.compile(
    r"""\s*(?: (?P<absent>![^,=!()\s]+)
             | (?P<key>[^,=!()\s]+)\s*
               (?: (?P<op>==|=|!=)\s*(?P<value>[^,()\s]*)
                 | \s(?P<set>in|notin)\s*\((?P<values>[^)]*)\) )? )\s*(?:,|$)""",
    re.VERBOSE,
)
_COMMON = {"metadata.name", "metadata.namespace"}
_FIELDS: dict[Resource, set[str]] = {
    PODS: {
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    },
    EVENTS: {
        *(f"involvedObject.{x}" for x in ("kind", "namespace", "name", "uid", "apiVersion")),
        *(f"involvedObject.{x}" for x in ("resourceVersion", "fieldPath")),
        *("reason", "reportingComponent", "source", "type"),
    },
    NAMESPACES: {"status.phase", "name"},
    SECRETS: {"type"},
    REPLICA_SETS: {"status.replicas"},
}


def labels_match(selector: str) -> Callable[[Mapping[str, str]], bool]:
    """A test of labels for `a=b,c!=d,e in (f,g),!h`; ApiError 400 when it cannot be read."""
    tests: list[Callable[[Mapping[str, str]], bool]] = []
    at = 0
    while at < len(selector):
        term = _TERM.match(selector, at)
        if term is None or term.end() == at:
            raise bad_request(f"unable to parse requirement: {selector!r}")
        tests.append(_label_test(term))
        at = term.end()
    return lambda labels: all(test(labels) for test in tests)


def _label_test(term: re.Match[str]) -> Callable[[Mapping[str, str]], bool]:
    if term["absent"]:
        absent = term["absent"][1:]
        return lambda labels: absent not in labels
    key = term["key"]
    if term["op"]:
        value, wanted = term["value"], term["op"] != "!="
        return lambda labels: (labels.get(key) == value) is wanted
    if term["set"]:
        values, inside = {each.strip() for each in term["values"].split(",")}, term["set"] == "in"
        return lambda labels: (key in labels and labels[key] in values) is inside
    return lambda labels: key in labels


def fields_match(kind: Resource, selector: str) -> Test:
    """A test of one object for `metadata.name=x,status.phase!=y`; ApiError 400 for an unknown field."""
    tests: list[Test] = []
    for term in filter(None, selector.split(",")):
        parts = re.fullmatch(r"([^=!]+)(==|=|!=)(.*)", term)
        if parts is None:
            raise bad_request(f"invalid field selector {term!r}")
        path, wanted, value = parts[1].strip(), parts[2] != "!=", parts[3]
        if path not in _COMMON and path not in _FIELDS.get(kind, ()):
            raise bad_request(f"field label not supported: {path}")
        tests.append(_field_test(path, value, wanted))
    return lambda body: all(test(body) for test in tests)


def _field_test(path: str, value: str, wanted: bool) -> Test:
    keys = ("metadata", "name") if path == "name" else tuple(path.split("."))

    def test(body: Json) -> bool:
        found = dig(body, "source", "component") if path == "source" else dig(body, *keys)
        text = str(found).lower() if isinstance(found, bool) else "" if found is None else str(found)
        return (text == value) is wanted

    return test


def selection(kind: Resource, labels: str, fields: str) -> Test:
    """Both selectors of a request as one test of an object."""
    by_label, by_field = labels_match(labels), fields_match(kind, fields)
    return lambda body: by_label(body["metadata"].get("labels") or {}) and by_field(body)


def label_selector(selector: Json | None) -> Callable[[Mapping[str, str]], bool]:
    """A test of labels for a LabelSelector object (matchLabels, matchExpressions)."""
    terms = [f"{key}={value}" for key, value in ((selector or {}).get("matchLabels") or {}).items()]
    for each in (selector or {}).get("matchExpressions") or []:
        values = ",".join(each.get("values") or [])
        shapes = {
            "In": f"{each['key']} in ({values})",
            "NotIn": f"{each['key']} notin ({values})",
            "Exists": each["key"],
            "DoesNotExist": f"!{each['key']}",
        }
        terms.append(shapes[each["operator"]])
    return labels_match(",".join(terms))
