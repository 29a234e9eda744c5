"""The service itself: alive, ready, and able to say what it is."""

from .gateway import GatewayCase


class Service(GatewayCase):
    def test_it_is_alive(self):
        self.assertEqual(self.call("GET", "/healthz"), (200, {"alive": True}))

    def test_it_is_ready(self):
        self.assertEqual(self.call("GET", "/readyz"), (200, {"ready": True}))

    def test_it_says_which_version_it_is(self):
        status, answer = self.call("GET", "/version")
        self.assertEqual((status, answer["component"]), (200, "order-gateway"))

    def test_it_says_which_configuration_is_in_force(self):
        status, answer = self.call("GET", "/config-version")
        self.assertEqual(status, 200)
        self.assertRegex(answer["sha256"], "^[0-9a-f]{64}$")

    def test_an_unknown_path_is_not_served(self):
        self.assertEqual(self.call("GET", "/admin")[0], 404)
