"""Callers that are wrong, slow, or many."""

import time

import ddt

from ..exchange import call, line_to
from ..quotes import NAME, QuoteCase


@ddt.ddt
class Wrong(QuoteCase):
    @ddt.data("/", "/quote", "/quotes", "/quotes/600918", "/version")
    def test_what_is_written_is_refused(self, path):
        for method in ("POST", "PUT", "DELETE"):
            with self.subTest(method):
                self.assertIn(call(NAME, method, path, {}).status, (405, 501))

    @ddt.data("/", "/quote", "/admin", "/..%2f..%2fetc%2fpasswd", "/healthz/", "/Quotes")
    def test_an_unknown_path_is_not_served(self, path):
        self.assertEqual(self.get(path).status, 404)

    def test_a_path_that_is_very_long_is_refused(self):
        self.assertEqual(self.get("/quotes/" + "9" * 70_000).status, 414)

    def test_a_question_mark_changes_nothing(self):
        self.assertEqual(self.get("/quotes/600918?full=1").json, self.quote("600918"))

    def test_text_is_told_as_utf_8(self):
        answer = self.get("/quotes/600918")
        self.assertEqual(answer.headers["content-type"], "application/json; charset=utf-8")
        self.assertIn("中泰证券", answer.text)


@ddt.ddt
class Slow(QuoteCase):
    @ddt.data(2, 4)
    def test_a_connection_that_rested_still_serves(self, seconds):
        with line_to(NAME) as line:
            self.assertEqual(line.call("GET", "/quotes").status, 200)
            time.sleep(seconds)
            self.assertEqual(line.call("GET", "/quotes").status, 200)

    def test_a_caller_in_the_middle_of_its_question_keeps_nobody_waiting(self):
        with line_to(NAME) as stuck:
            stuck.connection.connect()
            stuck.connection.sock.sendall(b"GET /quo")
            self.quotes()


class Many(QuoteCase):
    def test_connections_that_say_nothing_keep_nobody_waiting(self):
        for _ in range(40):
            self.enterContext(line_to(NAME)).connection.connect()
        self.quotes()

    def test_many_questions_go_over_one_connection(self):
        with line_to(NAME) as line:
            self.assertEqual({line.call("GET", "/quotes").status for _ in range(200)}, {200})
