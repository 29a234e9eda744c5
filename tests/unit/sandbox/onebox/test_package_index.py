from sandbox.onebox.package_index import pip_settings, uv_environment

LISTING = """\
:env:.timeout='30'
global.index-url='https://pypi.internal.example/simple'
global.extra-index-url='https://a.example/simple\\nhttps://b.example/simple'
global.cert='/etc/ssl/internal.pem'
install.index-url='https://install.example/simple'
global.proxy='http://proxy.example:3128'
"""


def test_the_stronger_section_wins():
    assert pip_settings(LISTING)["index-url"] == "https://install.example/simple"


def test_uv_is_told_index_certificate_and_proxy():
    told = uv_environment(pip_settings(LISTING), {})
    assert told["UV_DEFAULT_INDEX"] == "https://install.example/simple"
    assert told["UV_INDEX"] == "https://a.example/simple https://b.example/simple"
    assert told["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert told["SSL_CERT_FILE"] == "/etc/ssl/internal.pem"
    assert told["HTTPS_PROXY"] == told["HTTP_PROXY"] == "http://proxy.example:3128"
    assert told["UV_HTTP_TIMEOUT"] == "30"


def test_what_the_person_set_for_uv_stands():
    told = uv_environment(pip_settings(LISTING), {"UV_INDEX_URL": "x", "SSL_CERT_FILE": "y"})
    assert "UV_DEFAULT_INDEX" not in told
    assert "SSL_CERT_FILE" not in told


def test_an_unconfigured_pip_changes_nothing():
    assert uv_environment(pip_settings(""), {}) == {}
