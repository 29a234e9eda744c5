"""Calls are bounded, repeated only where harmless, and never take a broken answer for success."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from hummingbird.clients import connection
from hummingbird.clients.http import Site, base_address
from hummingbird.clients.reading import Limits
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.session import BearerToken
from hummingbird.clients.translation import seconds_asked, words
from hummingbird.core.errors import (
    Conflict,
    Denied,
    Final,
    Garbled,
    Invalid,
    NotFound,
    Overloaded,
    Retryable,
    Unreachable,
)
from unit.clients.misbehaving import (
    Behaviour,
    Server,
    drips,
    drips_head,
    drops,
    says,
    sends,
    serving,
    truncates,
    truncates_chunks,
)
from unit.clients.sleeper import Sleeper


@pytest.fixture
def site(server: Server, retrying: Retrying) -> Iterator[Site]:
    limits = Limits(connect=1, read=1, total=0.5, size=1000)
    with Site("Vendor", server.url, auth=BearerToken("s3cret"), limits=limits, retrying=retrying) as site:
        yield site


def test_a_good_answer_is_returned_after_one_request(site: Site, server: Server) -> None:
    server.does(says(200, {"a": 1}))
    assert site.call("GET", "things/1", about="thing 1").document() == {"a": 1}
    assert [r.path for r in server.received] == ["/things/1"]
    assert server.received[0].headers["Authorization"] == "Bearer s3cret"


def test_a_503_is_asked_again_after_a_random_wait(site: Site, server: Server, sleeper: Sleeper) -> None:
    server.does(says(503), says(503), says(200, {}))
    site.call("GET", "x", about="x")
    assert len(server.received) == 3
    assert sleeper.slept == [0.15, 0.3]


def test_retry_after_is_honoured_in_seconds(site: Site, server: Server, sleeper: Sleeper) -> None:
    server.does(says(429, Retry_After="7"), says(200, {}))
    site.call("GET", "x", about="x")
    assert sleeper.slept == [7.15]


def test_a_retry_after_beyond_the_cap_is_handed_to_the_caller(
    site: Site, server: Server, sleeper: Sleeper
) -> None:
    server.does(says(503, Retry_After="3600"))
    with pytest.raises(Overloaded) as raised:
        site.call("GET", "x", about="x")
    assert raised.value.after == 3600
    assert sleeper.slept == []


def test_attempts_are_bounded(site: Site, server: Server) -> None:
    server.does(says(500, {"message": "boom"}))
    with pytest.raises(Retryable, match="boom"):
        site.call("GET", "x", about="x")
    assert len(server.received) == 4


def test_patience_ends_before_the_attempts_do(server: Server, sleeper: Sleeper) -> None:
    clock = iter(range(0, 1000, 20))
    retrying = Retrying(patience=30, sleep=sleeper, chance=lambda: 1.0, monotonic=lambda: float(next(clock)))
    server.does(says(503))
    with Site("Vendor", server.url, retrying=retrying) as site, pytest.raises(Overloaded):
        site.call("GET", "x", about="x")
    assert len(server.received) < 4


def test_a_post_is_not_sent_twice_when_its_answer_was_lost(site: Site, server: Server) -> None:
    server.does(drops)
    with pytest.raises(Unreachable, match="may have taken effect"):
        site.call("POST", "x", about="x", document={})
    assert len(server.received) == 1


def test_a_post_that_is_safe_to_repeat_is_sent_again(site: Site, server: Server) -> None:
    server.does(drops, says(201, {"id": 1}))
    assert site.call("POST", "x", about="x", document={}, again=True).status == 201
    assert len(server.received) == 2


def test_a_post_turned_away_by_429_is_sent_again(site: Site, server: Server) -> None:
    server.does(says(429), says(201, {}))
    site.call("POST", "x", about="x", document={})
    assert len(server.received) == 2


def test_a_post_answered_503_is_not_sent_again(site: Site, server: Server) -> None:
    server.does(says(503))
    with pytest.raises(Overloaded):
        site.call("POST", "x", about="x", document={})
    assert len(server.received) == 1


def test_a_post_without_a_connection_is_tried_again(retrying: Retrying, sleeper: Sleeper) -> None:
    with serving() as gone:
        url = gone.url
    with Site("Vendor", url, retrying=retrying) as site, pytest.raises(Unreachable, match="no connection"):
        site.call("POST", "x", about="x", document={})
    assert len(sleeper.slept) == 3


@pytest.mark.parametrize("broken", [truncates, truncates_chunks])
def test_a_truncated_answer_is_garbled(site: Site, server: Server, broken: Behaviour) -> None:
    server.does(broken)
    with pytest.raises(Garbled, match="does not count as success"):
        site.call("GET", "x", about="x")
    assert len(server.received) == 4


def test_a_login_page_with_status_200_is_garbled(site: Site, server: Server) -> None:
    server.does(sends(200, b"<html>Sign in</html>", Content_Type="text/html"))
    with pytest.raises(Garbled, match="expected JSON, found text/html"):
        site.call("GET", "x", about="x").document()


def test_a_list_where_an_object_is_promised_is_garbled(site: Site, server: Server) -> None:
    server.does(says(200, [1]))
    answer = site.call("GET", "x", about="x")
    with pytest.raises(Garbled, match="object"):
        answer.document()
    with pytest.raises(Garbled, match="list of objects"):
        answer.documents()


def test_a_slow_drip_ends_at_the_total_deadline(site: Site, server: Server) -> None:
    server.does(drips)
    began = time.monotonic()
    with pytest.raises(Unreachable, match="complete answer"):
        site.call("POST", "x", about="x")
    assert time.monotonic() - began < 2


def test_a_slow_drip_of_the_head_ends_too(
    site: Site, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.3)
    server.does(drips_head)
    began = time.monotonic()
    with pytest.raises(Unreachable):
        site.call("POST", "x", about="x")
    assert time.monotonic() - began < 2


def test_silence_ends_at_the_read_limit(server: Server, retrying: Retrying) -> None:
    server.does(lambda _handler: time.sleep(0.5))
    with (
        Site("Vendor", server.url, limits=Limits(read=0.1), retrying=retrying) as site,
        pytest.raises(Unreachable, match="in time"),
    ):
        site.call("POST", "x", about="x")


def test_an_answer_that_is_too_large_is_refused(site: Site, server: Server) -> None:
    server.does(sends(200, b"x" * 2000))
    with pytest.raises(Invalid, match="larger than 1000 bytes"):
        site.call("GET", "x", about="x")
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Invalid),
        (401, Denied),
        (403, Denied),
        (404, NotFound),
        (409, Conflict),
        (412, Conflict),
        (418, Invalid),
        (422, Invalid),
        (429, Overloaded),
        (500, Retryable),
        (501, Final),
        (502, Unreachable),
        (503, Overloaded),
        (504, Unreachable),
    ],
)
def test_every_error_status_becomes_one_of_our_errors(
    site: Site, server: Server, status: int, kind: type[Exception]
) -> None:
    server.does(says(status, {"message": "because"}))
    with pytest.raises(kind) as raised:
        site.call("POST", "things/7", about="thing 7")
    sentence = str(raised.value)
    assert "Vendor: POST /things/7 for thing 7" in sentence
    assert f"expected success, found {status} (because); " in sentence
    assert "s3cret" not in sentence


def test_a_status_the_caller_handles_is_returned(site: Site, server: Server) -> None:
    server.does(says(404))
    assert site.call("GET", "x", about="x", accept={404}).status == 404


def test_a_redirect_on_the_same_host_is_followed(site: Site, server: Server) -> None:
    server.does(says(302, Location="/there"), says(200, {"there": True}))
    assert site.call("GET", "x", about="x").document() == {"there": True}
    assert [r.path for r in server.received] == ["/x", "/there"]


def test_a_redirect_to_another_host_is_refused_and_gets_no_credentials(site: Site, server: Server) -> None:
    with serving() as other:
        other.does(says(200, {}))
        server.does(says(302, Location=f"{other.url}/there"))
        with pytest.raises(Invalid, match="credentials are not sent to"):
            site.call("GET", "x", about="x")
        assert other.received == []


def test_a_redirected_post_is_refused(site: Site, server: Server) -> None:
    server.does(says(307, Location="/there"))
    with pytest.raises(Invalid, match="redirected"):
        site.call("POST", "x", about="x")


def test_redirects_in_a_circle_end(site: Site, server: Server) -> None:
    server.does(says(302, Location="/x"))
    with pytest.raises(Invalid, match="redirected 4 times"):
        site.call("GET", "x", about="x")


def test_cookies_are_not_sent_back(site: Site, server: Server) -> None:
    server.does(says(200, {}, Set_Cookie="sid=1"))
    site.call("GET", "x", about="x")
    site.call("GET", "x", about="x")
    assert "Cookie" not in server.received[1].headers


def test_an_address_on_another_host_is_not_called(site: Site) -> None:
    with pytest.raises(Invalid, match="another host"):
        site.call("PUT", "http://elsewhere.example/upload", about="x")


@pytest.mark.parametrize(
    "address", ["", "host", "ftp://host", "http://", "http://me:pw@host", "http://h?a=b"]
)
def test_an_address_that_cannot_be_one_is_refused(address: str) -> None:
    with pytest.raises(Invalid, match="must read https://") as raised:
        base_address("Vendor", address)
    assert "pw" not in str(raised.value)


@pytest.mark.parametrize("token", ["", "s3cret\r\nX: y", "two words", "s3crét"])
def test_a_token_that_cannot_be_sent_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(Invalid, match="token") as raised:
        BearerToken(token)
    assert "s3cr" not in str(raised.value)


def test_an_unsendable_header_is_refused(site: Site) -> None:
    with pytest.raises(Invalid, match="cannot be sent"):
        site.call("GET", "x", about="x", headers={"X-Name": "a\r\nb"})


def test_retry_after_as_a_date_and_as_nonsense() -> None:
    def now() -> datetime:
        return datetime(2026, 1, 2, 3, 4, 0, tzinfo=UTC)

    assert seconds_asked("Fri, 02 Jan 2026 03:04:09 GMT", now) == 9
    assert seconds_asked("Fri, 02 Jan 2026 03:03:00 GMT", now) == 0
    assert seconds_asked("soon", now) is None
    assert seconds_asked(None, now) is None


def test_words_of_an_error_body_are_short_and_on_one_line() -> None:
    assert words(b'{"errors": [{"code": "DENIED", "message": "no\\nway"}]}') == "no way"
    assert words(b'{"error": {"kind": "Refused", "message": "because"}}') == "because"
    assert words(b'{"errorMessages": ["a", "b"], "errors": {}}') == "a; b"
    assert words(b'{"errors": {"summary": "missing"}}') == "summary: missing"
    assert len(words(b"y" * 5000)) == 600
    assert words(b"\x1b[31mred\xff") == "[31mred\ufffd"
