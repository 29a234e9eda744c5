"""The leak finder finds what it says it finds, and nothing else."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from leaks import Hunt

SECRET = "tK/9+pQnz7Wm2@Lx4"
HUNT = Hunt({"mine": SECRET})
PLANTED = {
    "plain": SECRET,
    "in an address": f"https://platform:{quote(SECRET, safe='')}@host/",
    "basic authentication": base64.b64encode(f"platform:{SECRET}".encode()).decode(),
    "base64 at another offset": base64.b64encode(f"ab{SECRET}".encode()).decode(),
    "base64 at the third offset": base64.b64encode(f"a{SECRET}xy".encode()).decode(),
    "base64 for addresses": base64.urlsafe_b64encode(f"user:{SECRET}?".encode()).decode(),
    "base64 in lines": base64.encodebytes(b"x" * 50 + SECRET.encode() + b"y" * 50).decode(),
    "hexadecimal": SECRET.encode().hex(),
    "split over lines of a Python text": '"tK/9+pQnz7"\n    "Wm2@Lx4"',
    "split by an escaped line end": "tK/9+pQnz7\\nWm2@Lx4",
}


@pytest.mark.parametrize("form", PLANTED)
def test_every_form_of_a_planted_secret_is_found(form: str) -> None:
    assert HUNT.in_text(f"before {PLANTED[form]} after".encode())


@pytest.mark.parametrize(
    "text", ["tK/9+pQnz7Wm2@Lx", "mine", base64.b64encode(b"platform:else").decode(), ""]
)
def test_other_text_is_not_taken_for_it(text: str) -> None:
    assert HUNT.in_text(text.encode()) == set()


def test_a_secret_too_short_to_be_told_from_words_is_refused() -> None:
    with pytest.raises(AssertionError, match="too short"):
        Hunt({"pin": "1234"})
