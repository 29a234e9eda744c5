"""pip installs what the checkout and one index say, and nothing that a stranger may put in its place."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from hummingbird.core.errors import Invalid
from unit.workloads.programs.checkouts import PythonCheckout
from unit.workloads.programs.package_servers import index, sha256, source_archive, wheel

OURS = wheel("acme_pricing", "1.0", says="ours")
STRANGERS = wheel("acme_pricing", "99.0", says="a stranger's")
BUILDER = wheel("acme_builder", "1.0")


def test_unlocked_requirements_are_installed_from_the_one_index(checkout: PythonCheckout) -> None:
    checkout.write("requirements.txt", "acme-pricing\n")
    with index(OURS) as internal:
        checkout.indexes(internal.url)
        assert "ours" in checkout.install()


def test_with_a_second_index_a_name_without_hash_is_refused_before_anything_is_fetched(
    checkout: PythonCheckout,
) -> None:
    checkout.write("requirements.txt", "-r base.txt\n")
    checkout.write("base.txt", "# names\nacme-pricing\n")
    with index(OURS) as internal, index(STRANGERS) as public:
        checkout.indexes(internal.url, public.url)
        with pytest.raises(
            Invalid, match=r"base\.txt:2: acme-pricing has no hash while 2 indexes .*pin everyth"
        ):
            checkout.install()
        assert internal.asked + public.asked == []


def test_with_a_second_index_what_is_locked_by_hash_is_installed_and_no_other_version(
    checkout: PythonCheckout,
) -> None:
    checkout.write("requirements.txt", f"acme-pricing==1.0 --hash={sha256(OURS[1])}\n")
    with index(OURS) as internal, index(STRANGERS, wheel("acme_pricing", "1.0", says="other")) as public:
        checkout.indexes(internal.url, public.url)
        assert "ours" in checkout.install()


def test_an_index_that_the_checkout_names_needs_hashes_too(checkout: PythonCheckout) -> None:
    with index(OURS) as internal, index(STRANGERS) as public:
        checkout.indexes(internal.url)
        line = f"--extra-index-url {public.url}/simple/\nacme-pricing==1.0"
        checkout.write("requirements.txt", f"{line}\n")
        with pytest.raises(Invalid, match=r"requirements\.txt:1: names 127\.0\.0\.1:\d+ as another place"):
            checkout.install()
        checkout.write("requirements.txt", f"{line} --hash={sha256(OURS[1])}\n")
        assert "ours" in checkout.install()


def test_with_a_second_index_nothing_is_built_from_a_source_archive(checkout: PythonCheckout) -> None:
    archive = source_archive("acme_pricing", "1.0", builds_with="acme_builder")
    checkout.write("requirements.txt", f"acme-pricing==1.0 --hash={sha256(archive[1])}\n")
    with index(archive) as internal, index(BUILDER) as public:
        checkout.indexes(internal.url, public.url)
        with pytest.raises(Invalid, match="acme-pricing"):
            checkout.install()
        assert not any("acme" in path and "builder" in path for path in public.asked)


def test_with_a_second_index_a_manifest_of_names_is_refused(checkout: PythonCheckout) -> None:
    checkout.write("pyproject.toml", '[project]\nname = "shop"\ndependencies = ["acme-pricing"]\n')
    with ExitStack() as servers:
        checkout.indexes(*(servers.enter_context(index(OURS)).url for _ in range(2)))
        with pytest.raises(Invalid, match=r"pyproject\.toml:1: names packages, and none by hash"):
            checkout.install()


def test_an_address_is_refused_and_with_a_hash_installed(checkout: PythonCheckout) -> None:
    with index(OURS) as internal:
        checkout.indexes(internal.url)
        address = f"{internal.url}/files/{OURS[0]}"
        checkout.write("requirements.txt", f"acme-pricing @ {address}\n")
        with pytest.raises(
            Invalid, match=r"requirements\.txt:1: acme-pricing comes from 127\.0\.0\.1:\d+, an addr"
        ):
            checkout.install()
        checkout.write("requirements.txt", f"acme-pricing @ {address}#sha256={sha256(OURS[1])[7:]}\n")
        assert "ours" in checkout.install()


def test_a_package_that_sends_pip_to_an_address_is_refused_by_name(checkout: PythonCheckout) -> None:
    with index(STRANGERS) as stranger:
        asks = f"acme-pricing @ {stranger.url}/files/{STRANGERS[0]}"
        with index(wheel("acme_quotes", "1.0", requires=[asks])) as internal:
            checkout.indexes(internal.url)
            checkout.write("requirements.txt", "acme-quotes\n")
            with pytest.raises(Invalid, match=r"acme_pricing was taken from 127\.0\.0\.1"):
                checkout.install()


def test_a_folder_of_the_checkout_is_installed_and_what_it_asks_for_is_judged(
    checkout: PythonCheckout,
) -> None:
    project = (
        '[build-system]\nrequires = ["acme-builder @ git+https://git.example/b"]\n[project]\nname = "lib"\n'
    )
    checkout.write("requirements.txt", "./lib\n")
    checkout.write("lib/pyproject.toml", project)
    with pytest.raises(Invalid, match=r"^lib/pyproject\.toml:2: acme-builder comes from git\.example"):
        checkout.install()
