"""The probes and what programs read."""

import ddt

from ..page import PageCase

JSON = "application/json; charset=utf-8"


@ddt.ddt
class Service(PageCase):
    @ddt.data(("/healthz", {"alive": True}), ("/readyz", {"ready": True}))
    @ddt.unpack
    def test_a_probe_is_answered(self, path, told):
        answer = self.get(path)
        self.assertEqual((answer.status, answer.json), (200, told))

    @ddt.data("/healthz", "/readyz", "/version", "/config-version", "/no-such-page")
    def test_what_programs_read_is_json(self, path):
        answer = self.get(path)
        self.assertEqual(answer.headers["content-type"], JSON)
        self.assertIsInstance(answer.json, dict)

    def test_the_page_is_html_in_utf_8(self):
        self.assertEqual(self.get("/").headers["content-type"], "text/html; charset=utf-8")

    def test_the_configuration_is_told_by_its_hash_and_source(self):
        told = self.get("/config-version").json
        self.assertRegex(told["sha256"], "^[0-9a-f]{64}$")
        self.assertIn(told["source"], ("apollo", "file"))

    @ddt.data("component", "version", "commit")
    def test_the_version_tells(self, key):
        self.assertTrue(self.get("/version").json[key])
