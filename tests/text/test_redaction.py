"""No piece of a secret stays in a text of somebody else, and nothing else goes out of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motion_preflight.text.locations import sanitize_external_text
from motion_preflight.text.redaction import mask_secrets, url_secrets

KEY = "sk-ABCDEFGHijklmnop0123456789"
PROMPT = "a woman in a red dress dances slowly in the rain"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("no secret here", "no secret here"),
        (KEY, "…"),
        (f"the key {KEY} is wrong", "the key … is wrong"),
        (f"{KEY}{KEY}", "…"),
        (f"{KEY} {KEY}", "… …"),
        (f"key {KEY[:12]}... is wrong", "key …... is wrong"),
        (f"key {KEY[:8]}*** is wrong", "key …*** is wrong"),
        (f"key ***{KEY[-8:]} is wrong", "key ***… is wrong"),
        (f"key {KEY[5:20]} is wrong", "key … is wrong"),
        (f"{KEY[:10]}-{KEY[12:]}", "…-…"),
        (f"x{KEY}y", "x…y"),
        pytest.param(f"key {KEY[:7]}", f"key {KEY[:7]}", id="seven characters"),
        pytest.param(f"key {KEY[:4]}...{KEY[-4:]}", f"key {KEY[:4]}...{KEY[-4:]}", id="both ends"),
    ],
)
def test_every_piece_of_eight_characters_goes(text: str, shown: str) -> None:
    assert mask_secrets(text, [KEY]) == shown


@pytest.mark.parametrize("secret", ["", "a", "short", "sevench"])
def test_what_is_short_is_no_secret(secret: str) -> None:
    assert mask_secrets(f"it says {secret} here", [secret]) == f"it says {secret} here"


def test_secrets_that_overlap_go_together() -> None:
    assert mask_secrets("x ABCDEFGHIJKLMNOP y", ["ABCDEFGHIJ", "GHIJKLMNOP"]) == "x … y"
    assert mask_secrets("first1234 second12", ["first1234", "second12"]) == "… …"


def test_a_secret_of_words_goes_in_long_pieces_only() -> None:
    assert mask_secrets(f'prompt "{PROMPT}" is bad', [PROMPT]) == 'prompt "…" is bad'
    assert mask_secrets(f"bad: {PROMPT[:30]}", [PROMPT]) == "bad: …"
    assert mask_secrets("a woman in a red hat", [PROMPT]) == "a woman in a red hat"
    assert mask_secrets("do a dance", ["a dance now"]) == "do a dance"
    assert mask_secrets("do a dance now!", ["a dance now"]) == "do …!"


@pytest.mark.parametrize(
    "prompt",
    [
        "she dances\nhe sings\nthey laugh",
        "she  dances   and   sings  aloud",
        "she dances\r\n\r\nslowly,\tthen fast",
        "  she dances slowly in the rain  ",
    ],
)
def test_a_prompt_that_comes_back_on_one_line_goes(prompt: str) -> None:
    shown = mask_secrets(sanitize_external_text(f"not allowed: {prompt} (policy)"), [prompt])
    assert shown.startswith("not allowed:")
    assert shown.endswith("(policy)")
    assert not any(word in shown for word in prompt.split() if len(word) > 3)


def test_a_text_without_secrets_stays() -> None:
    assert mask_secrets("all of it, … and\0more", []) == "all of it, … and…more"
    assert mask_secrets("all of it", []) == "all of it"


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("https://e.com/clip.mp4", set()),
        ("https://e.com/clip.mp4?", set()),
        ("https://e.com/clip.mp4?a=", {"a="}),
        ("https://e.com/clip.mp4?sig=abc", {"abc"}),
        ("https://e.com/clip.mp4?sig=a%2Bb", {"a%2Bb", "a+b"}),
        ("https://e.com/clip.mp4?sig=a+b", {"a+b", "a b"}),
        ("https://e.com/clip.mp4?a=b=c", {"b=c"}),
        ("https://e.com/clip.mp4?a=b?c=d", {"b?c=d"}),
        ("https://e.com/clip.mp4?a=b&c=d;e=f", {"b", "d", "f"}),
        ("https://e.com/clip.mp4?bare-token", {"bare-token"}),
        ("https://e.com/clip.mp4#frag", {"frag"}),
        ("https://e.com/clip.mp4?a=b#frag", {"b", "frag"}),
        ("https://user:password@e.com/clip.mp4", {"user:password"}),
        ("https://us%40er:pass@e.com/", {"us%40er:pass", "us@er:pass"}),
        ("https://e.com/c?response-content-type=video%2Fmp4&a=b", {"video%2Fmp4", "b"}),
        ("clip.mp4", set()),
        ("", set()),
    ],
)
def test_the_secrets_of_a_link_are_values_fragment_and_credentials(
    url: str, secrets: set[str]
) -> None:
    assert set(url_secrets([url])) == secrets


def test_several_links_give_the_secrets_of_all() -> None:
    result = url_secrets(["https://a.b/?x=one", "https://c.d/?y=two", "me.png"])
    assert {"one", "two"} <= set(result)


def test_a_signed_link_that_comes_back_shows_no_secret() -> None:
    url = (
        "https://e.com/c.mp4?X-Amz-Credential=AKIA%2F20261201%2Feu&X-Amz-Signature=0123456789abcdef"
    )
    for answer in (
        f"could not fetch {url}",
        "could not fetch e.com/c.mp4?X-Amz-Credential=AKIA%2F20261201%2Feu",
        "the signature 0123456789abcdef does not match",
        "the credential AKIA/20261201/eu is unknown",
    ):
        shown = mask_secrets(sanitize_external_text(answer), url_secrets([url]))
        assert "0123456789abcdef" not in shown
        assert "20261201" not in shown


WORDS = st.text("abAB01-", min_size=8, max_size=24)


@given(WORDS, st.text("abAB01- …", max_size=60), st.integers(0, 60), st.integers(0, 24))
def test_no_piece_of_eight_is_left(secret: str, text: str, at: int, length: int) -> None:
    answer = text[:at] + secret[:length] + text[at:]
    shown = mask_secrets(answer, [secret])
    pieces = {secret[start : start + 8] for start in range(len(secret) - 7)}
    assert not any(piece in shown for piece in pieces)
    assert len(shown) <= len(answer)


@given(st.text(max_size=60), st.lists(st.text(max_size=40), max_size=3))
def test_what_is_no_piece_of_a_secret_stays(text: str, secrets: list[str]) -> None:
    kept = text.replace("\0", "")
    shown = mask_secrets(kept, secrets)
    rest = iter(kept)
    assert all(sign == "…" or sign in rest for sign in shown)
    assert mask_secrets(kept, []) == kept


@given(st.text(max_size=60))
def test_every_text_may_be_asked_for_its_secrets(url: str) -> None:
    assert all(url_secrets([url]))
