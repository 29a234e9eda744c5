import json
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from order_gateway.apollo import Apollo, ApolloUnavailableError
from order_gateway.gateway import Gateway
from order_gateway.watch import ConfigurationWatch

from .orders import ITEMS


class Service(BaseHTTPRequestHandler):
    """One application's namespace, as the configuration service answers for it."""

    def do_GET(self):
        parts = urlsplit(self.path)
        if parts.path == "/configs/order-gateway/default/application":
            return self.answer(200, {"configurations": ITEMS, "releaseKey": "r-1"})
        if parts.path == "/notifications/v2":
            asked = json.loads(parse_qs(parts.query)["notifications"][0])[0]
            if asked["notificationId"] == 7:
                return self.answer(304, None)
            return self.answer(200, [{"namespaceName": asked["namespaceName"], "notificationId": 7}])
        return self.answer(404, {"message": "no such configuration"})

    def answer(self, status, body):
        content = b"" if body is None else json.dumps(body).encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class FollowingApollo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = ThreadingHTTPServer(("127.0.0.1", 0), Service)
        threading.Thread(target=cls.service.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        cls.url = f"http://127.0.0.1:{cls.service.server_address[1]}"

    @classmethod
    def tearDownClass(cls):
        cls.service.shutdown()
        cls.service.server_close()

    def test_a_release_is_read_with_its_key(self):
        configuration = Apollo(self.url, "order-gateway").read()
        self.assertEqual((configuration.release_key, configuration.source), ("r-1", "apollo"))
        self.assertEqual(configuration.items, ITEMS)

    def test_an_application_without_a_release_is_not_there(self):
        with self.assertRaisesRegex(ApolloUnavailableError, "answered 404"):
            Apollo(self.url, "another").read()

    def test_a_new_release_is_notified_and_silence_means_none(self):
        apollo = Apollo(self.url, "order-gateway")
        self.assertEqual((apollo.wait(-1), apollo.wait(7)), (7, 7))

    def test_a_closed_port_is_an_unavailable_service(self):
        with self.assertRaises(ApolloUnavailableError):
            Apollo("http://127.0.0.1:1", "order-gateway").read()

    def test_a_release_taken_makes_the_gateway_ready(self):
        gateway, apollo = Gateway(), Apollo(self.url, "order-gateway")
        ConfigurationWatch(gateway, apollo, []).load_release(apollo)
        self.assertEqual(gateway.configuration.release_key, "r-1")
