"""Callers that are wrong, slow, or many."""

import http.client
import time

import ddt

from ..exchange import call, line_to
from ..page import NAME, PageCase

LATE_SECONDS = 6
"""Node closes a connection that rests longer than about five seconds; browsers then open another."""


@ddt.ddt
class Wrong(PageCase):
    @ddt.data("POST", "PUT", "PATCH", "DELETE")
    def test_what_is_written_is_refused(self, method):
        self.assertEqual(call(NAME, method, "/", {}).status, 405)

    @ddt.data("/admin", "/index.html", "/orders", "/..%2f..%2fetc%2fpasswd", "//")
    def test_an_unknown_path_is_not_served(self, path):
        self.assertEqual(self.get(path).status, 404)

    def test_a_question_mark_changes_nothing(self):
        self.assertEqual(self.get("/?page=2").status, 200)


@ddt.ddt
class Slow(PageCase):
    @ddt.data(2, 3)
    def test_a_connection_that_rested_still_serves(self, seconds):
        with line_to(NAME) as line:
            self.assertEqual(line.call("GET", "/").status, 200)
            time.sleep(seconds)
            self.assertEqual(line.call("GET", "/").status, 200)

    def test_a_reader_who_comes_back_late_is_served_on_the_old_connection_or_a_new_one(self):
        with line_to(NAME) as line:
            self.assertEqual(line.call("GET", "/").status, 200)
            time.sleep(LATE_SECONDS)
            try:
                answer = line.call("GET", "/")
            except (http.client.RemoteDisconnected, ConnectionError):
                answer = self.get("/")
        self.assertEqual(answer.status, 200)


class Many(PageCase):
    def test_connections_that_say_nothing_keep_nobody_waiting(self):
        for _ in range(40):
            self.enterContext(line_to(NAME)).connection.connect()
        self.page()
