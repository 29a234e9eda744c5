"""Content with another hash than the lock's is refused, naming file, package and both hashes."""

from __future__ import annotations

import hashlib

import pytest

from hummingbird.core.errors import Invalid
from unit.workloads.programs.checkouts import NodeCheckout, PythonCheckout
from unit.workloads.programs.package_servers import index, integrity, npm_package, registry, sha256, wheel

OURS = wheel("acme_pricing", "1.0", says="ours")
PRICES = npm_package("acme-prices", "1.0.0")


def test_other_content_than_was_locked_is_refused_by_name_with_both_hashes(checkout: PythonCheckout) -> None:
    checkout.write("requirements.txt", f"# lock\nacme-pricing==1.0 --hash={sha256(OURS[1])}\n")
    forged = wheel("acme_pricing", "1.0", says="forged")
    with index(forged) as internal:
        checkout.indexes(internal.url)
        with pytest.raises(
            Invalid, match=r"^requirements\.txt:2: acme-pricing==1\.0 must have hash"
        ) as refusal:
            checkout.install()
    for content in (OURS[1], forged[1]):
        assert hashlib.sha256(content).hexdigest() in str(refusal.value)
    assert not (checkout.target / "acme_pricing.py").exists()


def test_an_address_whose_hash_is_another_is_refused_by_name(checkout: PythonCheckout) -> None:
    with index(OURS) as internal:
        checkout.indexes(internal.url)
        address = f"{internal.url}/files/{OURS[0]}#sha256={'0' * 64}"
        checkout.write("requirements.txt", f"acme-pricing @ {address}\n")
        with pytest.raises(Invalid, match=r"^requirements\.txt:1: acme-pricing must have hash 0{64} and has"):
            checkout.install()


def test_npm_content_other_than_the_lock_s_is_refused_by_name_and_the_lock_s_own_is_installed(
    shop: NodeCheckout,
) -> None:
    forged = npm_package("acme-prices", "1.0.0", description="forged")
    package = ("acme-prices", "1.0.0", PRICES)
    locked = {"acme-prices": {"version": "1.0.0", "integrity": integrity(PRICES)}}
    with registry(package, lies=forged) as served:
        shop.registry(served.url)
        shop.locks({"acme-prices": "^1.0.0"}, **locked)
        with pytest.raises(Invalid, match=r"^package-lock\.json: acme-prices must have integrity") as refusal:
            shop.install()
    assert integrity(PRICES) in str(refusal.value)
    assert integrity(forged) in str(refusal.value)
    with registry(package) as served:
        shop.registry(served.url)
        assert shop.install() == ["acme-prices"]
