"""`python -m hummingbird.notary serve|init-key|hook-tokens`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from hummingbird.core.errors import DeliveryError, Invalid
from hummingbird.notary.hook_senders import project_token, signing_token
from hummingbird.notary.service import serve
from hummingbird.notary.settings import secret_text
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
    hook = verbs.add_parser("hook-tokens", help="a project's secret and signing token for its GitLab webhook")
    hook.add_argument("project", help="its path with namespace")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.verb == "hook-tokens":
            return _hook_tokens(chosen.project)
        return _init_key(chosen.file) if chosen.verb == "init-key" else _serve(chosen.host, chosen.port)
    except DeliveryError as error:
        sys.stderr.write(f"notary: {error}\n")
        return 2


def _init_key(file: Path) -> int:
    key = SigningKey.read(file) if file.exists() else make_key(file)
    sys.stdout.write(f"{key.key_id} {key.public_base64}\n")
    return 0


def _hook_tokens(project: str) -> int:
    file = os.environ.get("HB_GITLAB_WEBHOOK_TOKEN_FILE")
    if not file:
        raise Invalid("set HB_GITLAB_WEBHOOK_TOKEN_FILE: a project's tokens are drawn from the secret in it")
    secret = secret_text(Path(file)).strip()
    sys.stdout.write(f"secret token   {project_token(secret, project)}\n")
    sys.stdout.write(f"signing token  {signing_token(secret, project)}\n")
    return 0


def _serve(host: str, port: int) -> int:
    logging.basicConfig(
        level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    return serve(os.environ, host, port)


if __name__ == "__main__":
    sys.exit(main())
