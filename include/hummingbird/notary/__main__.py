"""`python -m hummingbird.notary serve|init-key`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from hummingbird.core.errors import DeliveryError
from hummingbird.notary.service import serve
from hummingbird.notary.signing import SigningKey, make_key


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; 2 with one sentence when it cannot start."""
    parser = argparse.ArgumentParser(prog="hummingbird.notary", description="The ledger's pen and the key.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    listen = verbs.add_parser("serve", help="serve until SIGTERM")
    listen.add_argument("--host", default="127.0.0.1")
    listen.add_argument("--port", type=int, required=True)
    make = verbs.add_parser("init-key", help="make the signing key; an existing one is kept")
    make.add_argument("file", type=Path)
    chosen = parser.parse_args(arguments)
    try:
        return _init_key(chosen.file) if chosen.verb == "init-key" else _serve(chosen.host, chosen.port)
    except DeliveryError as error:
        sys.stderr.write(f"notary: {error}\n")
        return 2


def _init_key(file: Path) -> int:
    key = SigningKey.read(file) if file.exists() else make_key(file)
    sys.stdout.write(f"{key.key_id} {key.public_base64}\n")
    return 0


def _serve(host: str, port: int) -> int:
    logging.basicConfig(
        level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    return serve(os.environ, host, port)


if __name__ == "__main__":
    sys.exit(main())
