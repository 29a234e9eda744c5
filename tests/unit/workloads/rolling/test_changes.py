"""Production deployments, by hand: frequency, failures, recovery, rework."""

from __future__ import annotations

from unit.workloads.rolling.a_ledger import ALedger
from unit.workloads.rolling.deliveries import Deliveries

GATEWAY, QUOTES = "order-gateway", "quote-service"


def test_a_bundle_of_two_components_in_three_clusters_is_one_cycle_and_one_deployment_of_each(
    ledger: ALedger,
) -> None:
    told = Deliveries(ledger)
    told.sealed("2026-03-02 09:00", "a", {GATEWAY: ["HB-1"], QUOTES: ["HB-1"]})
    for cluster in ("one", "two", "three"):
        told.deployed("2026-03-02 10:00", "a", cluster=cluster)
    assert ledger.roll("full").state == "published"
    assert ledger.figures("cycles") == {"2026-03-01": (1, 1)}
    assert ledger.figures("cycles", GATEWAY) == ledger.figures("cycles", QUOTES) == {"2026-03-01": (1, 1)}
    # 2 deployments in the two days of March that are over: 1 a day.
    assert ledger.figures("deployment_frequency") == {"2026-03-01": (1, 2)}


def test_a_rolled_back_deployment_failed_and_recovered_when_its_pod_had_it_back(ledger: ALedger) -> None:
    told = Deliveries(ledger)
    told.sealed("2026-03-02 09:00", "a", {GATEWAY: ["HB-1"]})
    told.deployed("2026-03-02 10:00", "a")
    told.sealed("2026-03-03 09:00", "b", {GATEWAY: ["HB-2"]})
    told.deployed("2026-03-03 10:00", "b", outcome="rolled_back", seconds=90)
    told.deployed("2026-03-03 12:00", "b", outcome="rolled_back", seconds=30)
    ledger.roll("full")
    # Tried twice, it is one deployment that failed, of two; the first way back counts.
    assert ledger.figures("change_fail_rate") == {"2026-03-01": (0.5, 2)}
    assert ledger.figures("recovery_time") == {"2026-03-01": (90, 1)}
    # It never came to serve: one deployment in three days.
    assert ledger.figures("deployment_frequency") == {"2026-03-01": (1 / 3, 1)}
    assert ledger.figures("cycles") == {"2026-03-01": (2, 2)}


def test_a_deployment_that_a_person_rolled_back_failed_from_when_it_served(ledger: ALedger) -> None:
    told = Deliveries(ledger)
    told.sealed("2026-03-02 09:00", "a", {GATEWAY: ["HB-1"]})
    told.deployed("2026-03-02 10:00", "a")
    told.deployed("2026-03-02 13:00", "a", rollback=True)
    ledger.roll("full")
    assert ledger.figures("change_fail_rate") == {"2026-03-01": (1, 1)}
    assert ledger.figures("recovery_time") == {"2026-03-01": (3 * 3600, 1)}
    # The rollback is a cycle of its own, and no deployment.
    assert ledger.figures("cycles") == {"2026-03-01": (2, 2)}
    assert ledger.figures("deployment_frequency") == {"2026-03-01": (0.5, 1)}


def test_a_hotfix_is_rework_and_says_that_the_deployment_before_it_failed(ledger: ALedger) -> None:
    told = Deliveries(ledger)
    told.sealed("2026-03-02 09:00", "a", {GATEWAY: ["HB-1"]})
    told.deployed("2026-03-02 10:00", "a")
    told.sealed("2026-03-02 09:00", "q", {QUOTES: ["HB-3"]})
    told.deployed("2026-03-02 11:00", "q")
    told.sealed("2026-03-02 11:30", "fix", {GATEWAY: ["HB-2"]}, branch="hotfix/1.0.1")
    told.deployed("2026-03-02 12:00", "fix")
    ledger.roll("full")
    # Only what served before the hotfix on the same component failed, not the newest of all.
    assert ledger.figures("change_fail_rate", GATEWAY) == {"2026-03-01": (0.5, 2)}
    assert ledger.figures("change_fail_rate", QUOTES) == {"2026-03-01": (0, 1)}
    assert ledger.figures("rework_rate") == {"2026-03-01": (1 / 3, 3)}
    assert ledger.figures("recovery_time") == {"2026-03-01": (2 * 3600, 1)}


def test_where_neither_version_served_the_next_that_does_is_the_recovery(ledger: ALedger) -> None:
    told = Deliveries(ledger)
    told.sealed("2026-03-02 09:00", "a", {GATEWAY: ["HB-1"]})
    told.deployed("2026-03-02 10:00", "a", outcome="failed")
    ledger.roll("full")
    assert ledger.figures("change_fail_rate") == {"2026-03-01": (1, 1)}
    assert ledger.figures("recovery_time") == {}
    told.sealed("2026-03-03 09:00", "b", {GATEWAY: ["HB-2"]})
    told.deployed("2026-03-03 10:00", "b")
    ledger.roll("incremental")
    assert ledger.figures("recovery_time") == {"2026-03-01": (24 * 3600, 1)}
    assert ledger.figures("change_fail_rate") == {"2026-03-01": (0.5, 2)}


def test_an_incident_fails_the_deployment_of_the_story_that_caused_it(ledger: ALedger) -> None:
    told = Deliveries(ledger)
    for day, name in ((2, "a"), (3, "b")):
        told.sealed(f"2026-03-0{day} 09:00", name, {GATEWAY: [f"HB-{day}"]})
        told.deployed(f"2026-03-0{day} 10:00", name)
    incident = {"component": GATEWAY, "began_at": "2026-03-03T05:00:00Z", "incident": "OPS-8"}
    told.observed("2026-03-03 20:00", "incident", "OPS-8", caused_by="HB-2", **incident)
    told.observed("2026-03-03 20:00", "incident", "OPS-9", **{**incident, "incident": "OPS-9"})
    ledger.roll("full")
    # HB-2's deployment, though HB-3's is newer; one incident has no known cause.
    assert ledger.figures("change_fail_rate", period="day") == {"2026-03-02": (1, 1), "2026-03-03": (0, 1)}
    assert ledger.figures("incident_rate") == {"2026-03-01": (100, 2)}
    assert ledger.figures("recovery_time") == {}
    told.observed(
        "2026-03-04 20:00",
        "incident",
        "OPS-8",
        caused_by="HB-2",
        resolved_at="2026-03-03T06:00:00Z",
        **incident,
    )
    ledger.roll("incremental")
    assert ledger.figures("recovery_time") == {"2026-03-01": (28 * 3600, 1)}


def test_what_was_refused_in_the_pod_touched_nothing(ledger: ALedger) -> None:
    told = Deliveries(ledger)
    told.sealed("2026-03-02 09:00", "a", {GATEWAY: ["HB-1"]})
    told.deployed("2026-03-02 10:00", "a", outcome="refused")
    ledger.roll("full")
    assert ledger.figures("cycles") == ledger.figures("change_fail_rate") == {}
