import os
import socket
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from unittest import mock

from order_gateway.gateway import Gateway
from order_gateway.quotes import NoQuotes, QuoteService, quotes_from_environment

from .orders import a_body, a_configuration


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        status, content = self.server.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class Quoting(unittest.TestCase):
    def setUp(self):
        self.server = HTTPServer(("127.0.0.1", 0), Answers)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.quotes = QuoteService("127.0.0.1", self.server.server_address[1])

    def test_a_quote_is_read(self):
        self.server.answer = (200, b'{"symbol": "600918", "previous_close": "6.52"}')
        self.assertEqual(self.quotes.quote("600918")["previous_close"], "6.52")

    def test_a_security_that_is_not_quoted_has_none_and_nothing_is_wrong(self):
        self.server.answer = (404, b"{}")
        with self.assertNoLogs("order_gateway", "WARNING"):
            self.assertIsNone(self.quotes.quote("999999"))

    def test_no_usable_answer_is_told_once_until_it_answers_again(self):
        for answer in ((503, b"{}"), (200, b"<html>")):
            with self.subTest(answer=answer):
                self.server.answer = answer
                with self.assertLogs("order_gateway", "WARNING") as told:
                    self.assertIsNone(self.quotes.quote("600918"))
                    self.assertIsNone(self.quotes.quote("600918"))
                self.assertEqual(len(told.output), 1)
                self.server.answer = (200, b"{}")
                with self.assertLogs("order_gateway", "INFO"):
                    self.quotes.quote("600918")

    def test_a_service_that_is_not_there_leaves_orders_unquoted(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        gateway = Gateway(QuoteService("127.0.0.1", port))
        gateway.take(a_configuration())
        with self.assertLogs("order_gateway", "WARNING"):
            self.assertIsNone(gateway.accept(a_body()).order.quote)

    def test_an_order_carries_its_quote(self):
        self.server.answer = (200, b'{"previous_close": "6.52"}')
        gateway = Gateway(self.quotes)
        gateway.take(a_configuration())
        self.assertEqual(gateway.accept(a_body()).order.quote, {"previous_close": "6.52"})


class FindingTheService(unittest.TestCase):
    def found(self, **environment):
        with mock.patch.dict(os.environ, environment, clear=True):
            return quotes_from_environment()

    def test_kubernetes_says_where_it_is(self):
        where = {"QUOTE_SERVICE_SERVICE_HOST": "10.0.0.7", "QUOTE_SERVICE_SERVICE_PORT": "8081"}
        self.assertEqual(self.found(**where), QuoteService("10.0.0.7", 8081, mock.ANY))

    def test_without_it_nobody_quotes(self):
        self.assertIsInstance(self.found(), NoQuotes)
        self.assertIsInstance(self.found(QUOTE_SERVICE_SERVICE_HOST="10.0.0.7"), NoQuotes)
