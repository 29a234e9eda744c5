"""npm installs from the configured registry and by hash, and nothing that a stranger may put in its place."""

from __future__ import annotations

import pytest

from hummingbird.core.errors import Invalid
from unit.workloads.programs.checkouts import NodeCheckout
from unit.workloads.programs.package_servers import integrity, npm_package, registry

PRICES = npm_package("acme-prices", "1.0.0")
PACKAGE = ("acme-prices", "1.0.0", PRICES)
WANTS = {"acme-prices": "^1.0.0"}
ENTRY = {"version": "1.0.0", "integrity": integrity(PRICES)}


def test_an_unlocked_manifest_is_installed_from_the_registry(shop: NodeCheckout) -> None:
    with registry(PACKAGE) as served:
        shop.registry(served.url)
        shop.wants(**WANTS)
        assert shop.install() == ["acme-prices"]


def test_a_lock_that_leads_elsewhere_is_refused_before_anything_is_fetched(shop: NodeCheckout) -> None:
    with registry(PACKAGE) as served, registry(PACKAGE) as elsewhere:
        shop.registry(served.url)
        resolved = f"{elsewhere.url}/acme-prices/-/acme-prices-1.0.0.tgz"
        shop.locks(WANTS, **{"acme-prices": {**ENTRY, "resolved": resolved}})
        with pytest.raises(
            Invalid, match=r"^package-lock\.json:13: acme-prices is fetched from 127\.0\.0\.1"
        ):
            shop.install()
        assert served.asked + elsewhere.asked == []
        shop.locks(
            WANTS, **{"acme-prices": {**ENTRY, "resolved": resolved.replace(elsewhere.url, served.url)}}
        )
        assert shop.install() == ["acme-prices"]


def test_a_lock_without_a_hash_is_refused(shop: NodeCheckout) -> None:
    with registry(PACKAGE) as served:
        shop.registry(served.url)
        shop.locks(WANTS, **{"acme-prices": {"version": "1.0.0"}})
        with pytest.raises(Invalid, match="acme-prices has no integrity: any content would do"):
            shop.install()


def test_an_address_needs_a_lock_that_holds_its_hash(shop: NodeCheckout) -> None:
    with registry() as served, registry(PACKAGE) as elsewhere:
        shop.registry(served.url)
        address = f"{elsewhere.url}/acme-prices/-/acme-prices-1.0.0.tgz"
        shop.wants(**{"acme-prices": address})
        with pytest.raises(
            Invalid, match=r"^package\.json:5: acme-prices comes from an address without a hash"
        ):
            shop.install()
        shop.locks({"acme-prices": address}, **{"acme-prices": {**ENTRY, "resolved": address}})
        assert shop.install() == ["acme-prices"]


def test_the_checkout_s_own_settings_choose_no_registry(shop: NodeCheckout) -> None:
    with registry(PACKAGE) as served, registry(PACKAGE) as elsewhere:
        shop.registry(served.url)
        shop.wants(**WANTS)
        for line in (f"registry={elsewhere.url}", f"@acme:registry={elsewhere.url}"):
            shop.write(".npmrc", f"save-exact=true\n{line}\n")
            with pytest.raises(Invalid, match=r"^\.npmrc:2: sets .*registry to 127\.0\.0\.1"):
                shop.install()
        assert elsewhere.asked == []
        shop.write(".npmrc", "save-exact=true\n")
        assert shop.install() == ["acme-prices"]


def test_a_package_that_sends_npm_to_an_address_is_refused_by_name(shop: NodeCheckout) -> None:
    with registry(PACKAGE) as elsewhere:
        address = f"{elsewhere.url}/acme-prices/-/acme-prices-1.0.0.tgz"
        asking = npm_package("acme-quotes", "1.0.0", dependencies={"acme-prices": address})
        with registry(("acme-quotes", "1.0.0", asking)) as served:
            shop.registry(served.url)
            shop.wants(**{"acme-quotes": "1.0.0"})
            with pytest.raises(Invalid, match="acme-quotes:1: asks for acme-prices from http"):
                shop.install()


def test_a_package_that_sends_npm_to_a_repository_is_refused(shop: NodeCheckout) -> None:
    asking = npm_package("acme-quotes", "1.0.0", dependencies={"acme-prices": "git+https://127.0.0.1/p.git"})
    with registry(("acme-quotes", "1.0.0", asking)) as served:
        shop.registry(served.url)
        shop.wants(**{"acme-quotes": "1.0.0"})
        with pytest.raises(Invalid, match="EALLOWGIT"):
            shop.install()
