"""The catalogue's own side: the entry, its port, its baseline, and the notary that decides by it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from hummingbird.clients.http import Site
from hummingbird.clients.session import Anonymous
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.component import Component
from hummingbird.joining.check import Check, asked, either, missing, there
from hummingbird.joining.reach import Reach

CATALOGUE, NOTARY = "catalogue", "notary"


def check_entry(catalogue: Catalogue, component: Component, now: datetime) -> Iterator[Check]:
    """What loading the catalogue does not prove."""
    yield there(CATALOGUE, "entry", f"{component.name} ({component.title}) is complete")
    baseline = catalogue.baselines.get(component.name)
    if baseline is None:
        yield there(CATALOGUE, "baseline", "none: every finding blocks")
        return
    void = baseline.why_void(catalogue.baseline, now)
    if void is not None and baseline.findings:
        yield missing(CATALOGUE, "baseline", void, "")
        return
    told = f"{len(baseline.findings)} findings of {baseline.owner}, until {baseline.expires_at.date()}"
    yield there(CATALOGUE, "baseline", told)


def check_notary(reach: Reach) -> Iterator[Check]:
    """The service that holds the pen."""
    mend = "give connection notary the address and the tasks' token; `hummingbird.notary serve` must run"
    yield from asked(NOTARY, "address", mend, lambda: _notary(reach))


def _notary(reach: Reach) -> Iterator[Check]:
    with Site(NOTARY, reach.url, auth=Anonymous()) as site:
        health = site.call("GET", "health", about="health", accept={503})
        mend = "see the notary's log; its database must answer"
        yield either(
            NOTARY, "health", health.status == 200, f"{reach.url} is well", f"answers {health.status}", mend
        )
        key = site.call("GET", "keys/current", about="public key", accept={404})
        mend = "run `python -m hummingbird.notary init-key`"
        yield either(NOTARY, "key", key.status == 200, "is published", "is not published", mend)
