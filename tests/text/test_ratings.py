"""Rows of stars are ratings, and other stars are not read aloud."""

import pytest

from wyoming_piper_serial.text.cleaning import clean_sentence
from wyoming_piper_serial.text.ratings import read_ratings


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("en_US", "The film got ★★★★☆ from critics.", "The film got 4 out of 5 stars from critics."),
        ("en", "Rating: ⭐⭐⭐", "Rating: 3 stars"),
        ("en", "★★★½☆", "3.5 out of 5 stars"),
        ("en", "★★½", "2.5 stars"),
        ("en", "good★★good", "good 2 stars good"),
        ("en", "A 4★ hotel has 4.5 ⭐ and 1 ★.", "A 4 star hotel has 4.5 stars and 1 star."),
        ("de_DE", "★★★★☆", "4 von 5 Sternen"),
        ("nb", "★☆☆", "1 av 3 stjerner"),
        ("pl", "★★★", "3 gwiazdki"),
        ("ru", "★★★★★", "5 звёзд"),
        ("", "★★★★☆ ★★★ 3★", "4/5 3 3"),
    ],
)
def test_rating_is_read(language: str, written: str, spoken: str) -> None:
    """A rating is spoken in the language of the voice, or as a fraction in languages without words for ratings."""
    assert read_ratings(written, language) == spoken


@pytest.mark.parametrize("written", ["★ Favorites", "Favorites ☆", "★★★★★★★★★★★★ Favorites", "★☆ Favorites"])
def test_star_that_is_no_rating_is_left_out(written: str) -> None:
    """A single star or a long row of stars is treated as decoration and removed."""
    assert clean_sentence(written, "en") == "Favorites"
