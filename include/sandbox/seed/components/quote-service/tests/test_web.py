import http.client
import json
import socket
import struct
import threading
import unittest

from quote_service.book import Book
from quote_service.web import QuoteServer

from .books import a_book


class OverHttp(unittest.TestCase):
    def serve(self, book):
        server = QuoteServer(("127.0.0.1", 0), book)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.port = server.server_address[1]

    def call(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        self.addCleanup(connection.close)
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, json.loads(response.read())

    def test_it_is_alive_but_not_ready_before_a_configuration_is_there(self):
        self.serve(Book())
        self.assertEqual(self.call("/healthz"), (200, {"alive": True}))
        for path in ("/readyz", "/quotes", "/quotes/600918", "/config-version"):
            with self.subTest(path):
                self.assertEqual(self.call(path)[0], 503)

    def test_a_security_is_quoted(self):
        self.serve(a_book())
        status, quote = self.call("/quotes/600918")
        self.assertEqual((status, quote["symbol"], quote["name"]), (200, "600918", "中泰证券"))
        self.assertIn(quote, self.call("/quotes")[1]["quotes"])

    def test_a_security_that_is_not_quoted_is_not_found(self):
        self.serve(a_book())
        self.assertEqual(self.call("/quotes/%E4%BA%94"), (404, {"error": "五 is not quoted"}))

    def test_a_search_without_a_name_is_refused_and_the_first_one_is_told_to_come_again(self):
        self.serve(a_book())
        self.assertEqual(self.call("/search")[0], 400)
        status, answer = self.call("/search?name=%E9%93%B6%E8%A1%8C")
        self.assertEqual((status, answer["error"]), (503, "the index of names is being made; ask again"))

    def test_it_says_what_it_is_and_how_it_is_configured(self):
        self.serve(a_book())
        self.assertEqual(self.call("/readyz"), (200, {"ready": True}))
        self.assertEqual(self.call("/version")[1]["component"], "quote-service")
        self.assertEqual(self.call("/config-version")[1]["source"], "test")

    def test_an_unknown_path_is_not_served(self):
        self.serve(a_book())
        self.assertEqual(self.call("/secrets")[0], 404)

    def test_a_caller_that_hangs_up_leaves_no_trace(self):
        self.serve(a_book())
        with self.assertNoLogs("quote_service", "WARNING"):
            for _ in range(3):
                caller = socket.create_connection(("127.0.0.1", self.port), timeout=5)
                caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                caller.sendall(b"GET /healthz HTTP/1.1\r\n")
                caller.close()
            self.assertEqual(self.call("/healthz")[0], 200)
