import json
import os
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from unittest import mock

from quote_service.book import Book
from quote_service.loading import load

from .books import ITEMS


class Release(BaseHTTPRequestHandler):
    answer = (404, b"")

    def do_GET(self):
        status, content = self.server.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class Loading(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name, "application.properties")
        self.file.write_text("\n".join(f"{key} = {value}" for key, value in ITEMS.items()), "utf-8")
        self.apollo = HTTPServer(("127.0.0.1", 0), Release)
        threading.Thread(target=self.apollo.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.addCleanup(self.apollo.server_close)
        self.addCleanup(self.apollo.shutdown)

    def loaded(self, **environment):
        book = Book()
        with mock.patch.dict(os.environ, environment, clear=True):
            load(book)
        return book

    def url(self):
        return f"http://127.0.0.1:{self.apollo.server_address[1]}/PRO"

    def test_what_apollo_has_released_is_taken(self):
        content = json.dumps({"releaseKey": "r1", "configurations": ITEMS})
        self.apollo.answer = (200, content.encode())
        book = self.loaded(APOLLO_CONFIG_URL=self.url(), QUOTE_SERVICE_CONFIG=str(self.file))
        self.assertEqual((book.configuration.source, book.configuration.release_key), ("apollo", "r1"))

    def test_without_a_release_the_files_are_taken(self):
        for answer in ((404, b""), (200, b"<html>"), (200, b"[]")):
            with self.subTest(answer=answer):
                self.apollo.answer = answer
                book = self.loaded(APOLLO_CONFIG_URL=self.url(), QUOTE_SERVICE_CONFIG=str(self.file))
                self.assertEqual(book.configuration.source, "file")

    def test_without_apollo_and_files_it_says_what_is_missing(self):
        self.assertIn("QUOTE_SERVICE_CONFIG", self.loaded().rejection)

    def test_a_file_that_is_not_there_is_named(self):
        self.assertIn("nowhere", self.loaded(QUOTE_SERVICE_CONFIG="nowhere.properties").rejection)
