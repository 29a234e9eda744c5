"""`python -m sandbox.onebox.seeding HOME PORT_BASE SYSTEM…`: the seed, told this platform's notary."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from sandbox.onebox.place import Place
from sandbox.onebox.platform_environment import metrics_dsn
from sandbox.seed.__main__ import main as seed


def public_key(pem: bytes) -> str:
    """The public half of a private key, raw, base64."""
    public = load_pem_private_key(pem, password=None).public_key()
    return base64.b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def main(arguments: list[str]) -> int:
    """The seed's exit code."""
    home, port_base, *systems = arguments
    place = Place(Path(home), int(port_base))
    key = public_key((place.secrets / "notary-key.pem").read_bytes())
    notary = ["--notary-url", place.notary_url, "--notary-public-key", key]
    measuring = ["--metrics-dsn", metrics_dsn(place)]
    return seed(["--home", home, "--port-base", port_base, *notary, *measuring, "--only", *systems])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
