"""Text from data made legible: whatever it holds, it is seen, short, and turns nothing around."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.report.text import cut, decoded, legible, shown


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain text, ünïcödé and 漢字", "plain text, ünïcödé and 漢字"),
        ("a\tb\nc\rd\x00e\x7f", "a␉b␊c␍d␀e␡"),
        ("\u202egnp.exe", "⟨U+202E⟩gnp.exe"),
        ("zero\u200bwidth\ufeff", "zero⟨U+200B⟩width⟨U+FEFF⟩"),
        ("z" + "\u0301" * 50, "z\u0301\u0301"),
        ("\U000e0041tag", "⟨U+E0041⟩tag"),
    ],
)
def test_what_cannot_be_seen_is_made_visible(text: str, seen: str) -> None:
    assert legible(text) == seen


def test_a_long_cell_is_cut_with_a_mark() -> None:
    assert cut("x" * 10_000, 5) == "xxxxx… (10,000 characters)"
    assert cut("x" * 5, 5) == "xxxxx"


@given(st.text())
def test_nothing_unseen_is_left(text: str) -> None:
    assert re.search("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", shown(text)) is None


@given(st.text(st.characters(categories=("L", "N", "P", "Zs")), max_size=100))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    hidden = set("\u115f\u1160\u3164\uffa0")  # letters by their category, but blank
    assert legible(text) == text or set(text) & hidden


@given(st.binary(), st.sampled_from(["utf-8", "cp1252", "utf-16", "latin-1", "nonsense", None, "idna"]))
def test_any_bytes_can_be_read(raw: bytes, encoding: str | None) -> None:
    assert isinstance(decoded(raw, encoding), str)


def test_bytes_that_are_no_text_stay_readable() -> None:
    assert decoded(b"caf\xe9", "utf-8") == "caf\\xe9"
    assert decoded(b"caf\xe9", "cp1252") == "café"
