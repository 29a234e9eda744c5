"""The pages as a browser's other end: who may come, what may be done, what cannot get in."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from httpx import Client, Response
from sqlalchemy import Engine, text

from builders import the_catalogue
from cockpit_world import HOSTILE, Teller, by_cookie, publish, served, tell_hostile, tell_stories
from hummingbird.cockpit.app import create_app
from hummingbird.cockpit.ledger_reader import LedgerReader
from hummingbird.ledger.engine import connect
from postgres import LedgerDatabase

HTML = {"accept": "text/html"}
PAGES = [
    "/delivery/",
    "/delivery/stories",
    "/delivery/stories/HB-101",
    "/delivery/rows/1",
    "/delivery/metrics",
    "/delivery/metrics/lead_time",
    "/delivery/metrics/lead_time/facts?starts=2026-11-01",
]
NOT_THERE = {
    "/delivery/stories/HB-999": 404,
    "/delivery/rows/99999": 404,
    "/delivery/metrics/nonsense": 404,
    "/delivery/nonsense": 404,
    "/delivery/rows/zero": 400,
    "/delivery/stories?before=-1": 400,
    "/delivery/metrics?period=century": 400,
    "/delivery/metrics/lead_time/facts?starts=yesterday": 400,
}


@pytest.fixture
def reader(ledger_database: LedgerDatabase) -> Iterator[LedgerReader]:
    made = LedgerReader(ledger_database.reader)
    yield made
    made.close()


@pytest.fixture
def client(ledger_database: LedgerDatabase) -> Iterator[Client]:
    with served(ledger_database.reader) as address, Client(base_url=address) as made:
        yield made


def look(client: Client, path: str, who: str = "auditor") -> Response:
    return client.get(path, headers={**HTML, "cookie": f"_token={who}" if who else ""})


def test_nobody_is_sent_to_the_sign_in_and_who_lacks_the_right_is_refused(client: Client) -> None:
    for path in PAGES:
        sent = look(client, path, who="")
        assert sent.status_code == 303, path
        assert sent.headers["location"].startswith("/auth/login/?next=/delivery/")
        assert client.get(path, headers={"accept": "application/json"}).status_code == 401, path
        refused = look(client, path, who="visitor")
        assert refused.status_code == 403, path
        assert "visitor may not read these pages" in refused.text


def test_every_route_asks_who_comes_and_none_changes_anything(reader: LedgerReader) -> None:
    routes = [
        route for route in create_app(reader, the_catalogue, by_cookie).routes if hasattr(route, "methods")
    ]
    assert len(routes) >= 7
    for route in routes:
        assert isinstance(route, APIRoute)
        assert route.methods == {"GET"}, route.path
        assert any("visitor" in str(each.call) for each in route.dependant.dependencies), route.path


def test_every_answer_carries_the_rules_for_the_browser(client: Client) -> None:
    paths = [*PAGES, "/delivery/static/cockpit.css", "/delivery/none"]
    for path, who in itertools.product(paths, ("auditor", "visitor", "")):
        headers = look(client, path, who).headers
        rules = headers["content-security-policy"]
        assert "default-src 'none'" in rules
        assert "frame-ancestors 'self'" in rules
        assert "unsafe" not in rules
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "SAMEORIGIN"
        if "static" not in path:
            assert headers["cache-control"] == "no-store"


def test_what_people_typed_is_shown_and_never_run(client: Client, writer: Engine) -> None:
    with writer.begin() as connection:
        tell_hostile(connection)
    for path in ("/delivery/stories", "/delivery/stories/HB-108", f"/delivery/stories?q={HOSTILE}"):
        page = look(client, path).text
        assert "<script>document" not in page
        assert "<img" not in page
        assert "&lt;script&gt;" in page


def test_an_address_that_is_no_web_address_is_no_link(client: Client, writer: Engine) -> None:
    with writer.begin() as connection:
        teller = Teller(connection, "HB-7", "x")
        teller.story = teller.story.model_copy(update={"url": "javascript:alert(1)"})
        teller.begin("scan")
    for path in ("/delivery/stories", "/delivery/stories/HB-7"):
        assert 'href="javascript' not in look(client, path).text


def test_a_row_shows_that_its_hash_holds(client: Client, writer: Engine) -> None:
    with writer.begin() as connection:
        tell_stories(connection)
    page = look(client, "/delivery/rows/2").text
    assert "its hash holds" in page
    assert "hummingbird-bundle.sealed" in page


def test_what_is_not_there_or_not_understood_is_told_in_a_sentence(client: Client) -> None:
    for path, status in NOT_THERE.items():
        answer = look(client, path)
        assert answer.status_code == status, path
        assert '<p class="lead">' in answer.text


def test_a_ledger_that_does_not_answer_is_told_and_a_writer_s_role_is_refused(
    ledger_database: LedgerDatabase, tmp_path: Any
) -> None:
    for dsn, says in (
        (f"postgresql://ledger_reader@/ledger?host={tmp_path}", "does not answer"),
        (ledger_database.writer, "may write the ledger"),
    ):
        with served(dsn) as address, Client(base_url=address) as client:
            answer = look(client, "/delivery/stories")
        assert (answer.status_code, says in answer.text) == (503, True)


def test_figures_lead_to_their_facts_and_those_to_rows_of_the_ledger(
    client: Client, writer: Engine, ledger_database: LedgerDatabase
) -> None:
    with writer.begin() as connection:
        tell_stories(connection)
    publish_with(ledger_database)
    page = look(client, "/delivery/metrics/lead_time").text
    link = re.search(r'<a[^>]* href="(/delivery/metrics/lead_time/facts[^"]*)"', page)
    assert link
    facts = look(client, link[1].replace("&amp;", "&")).text
    assert "1 h 30 min" in facts or "Facts 1 to 100 of 130" in facts
    assert 'href="/delivery/rows/1"' in facts


def test_a_withheld_publication_keeps_the_figures_and_says_why_and_since_when(
    client: Client, ledger_database: LedgerDatabase
) -> None:
    publish_with(ledger_database)
    whole = look(client, "/delivery/metrics").text
    assert "Nothing newer since" not in whole
    why = "expect_column_values_to_not_be_null on fact.day: 1 row"
    publish_with(ledger_database, state="withheld", why=why)
    publish_with(ledger_database, state="withheld", why="still <b>so</b>")
    held = look(client, "/delivery/metrics").text
    assert "Nothing newer since" in held
    assert "still &lt;b&gt;so&lt;/b&gt;" in held
    assert "1 h 30 min" in held, "the last good figures stay"
    publish_again(ledger_database)
    assert "Nothing newer since" not in look(client, "/delivery/metrics").text


def test_generated_history_is_named_on_the_page(client: Client, ledger_database: LedgerDatabase) -> None:
    publish_with(ledger_database)
    assert "Generated history" not in look(client, "/delivery/metrics").text
    publish_again(ledger_database, synthetic=True)
    assert "Generated history" in look(client, "/delivery/metrics").text


def test_what_is_not_known_is_a_dash_and_not_nought(client: Client, ledger_database: LedgerDatabase) -> None:
    publish_with(ledger_database)
    page = look(client, "/delivery/metrics").text
    tile = page[page.index("/metrics/cost_per_value") :]
    assert '<p class="figure">–' in tile[: tile.index("</li>")]


def publish_with(database: LedgerDatabase, **fields: Any) -> None:
    """A publication by the rollup's own role."""
    engine = connect(database.metrics, pool_size=1)
    with engine.begin() as connection:
        publish(connection, **fields)
    engine.dispose()


def publish_again(database: LedgerDatabase, **fields: Any) -> None:
    """Another one: the figures are made anew."""
    engine = connect(database.metrics, pool_size=1)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM metrics.figure"))
        connection.execute(text("DELETE FROM metrics.fact"))
        publish(connection, **fields)
    engine.dispose()
