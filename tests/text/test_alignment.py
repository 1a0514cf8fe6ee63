"""Words are aligned with the phonemes of a sentence. Words that cannot be aligned form one passage."""

import pytest

from wyoming_piper_serial.text.alignment import Aligner, align

ID_MAP = {"_": [0], "^": [1], "$": [2], " ": [3], ",": [4], ".": [5]} | {
    letter: [index + 10] for index, letter in enumerate("abcdefghijklmnopqrstuvwxyz")
}


def ids(phonemes: str) -> list[int]:
    """Return the ids of one model run, with padding after each phoneme."""
    numbers = [number for phoneme in phonemes for number in (*ID_MAP[phoneme], 0)]
    return [1, 0, *numbers, 2]


def passages(written: str, phonemes: str, spoken: str | None = None) -> list[str]:
    """Return the passages of a sentence. Check that each begins at a phoneme, and that together they are the
    sentence."""
    run = ids(phonemes)
    [marks] = align(written, written if spoken is None else spoken, [run], ID_MAP)
    texts = [text for _, text in marks]
    assert " ".join(texts) == " ".join(written.split())
    assert len(texts) == 1 or all(run[at] >= 10 for at, _ in marks)
    return texts


def test_each_word_has_its_phonemes() -> None:
    """A mark is the index of the first phoneme of a word."""
    assert align("Hello there.", "Hello there.", [ids("helo thea.")], ID_MAP) == [[(2, "Hello"), (12, "there.")]]


def test_joined_words_are_one_passage() -> None:
    """If the phonemizer joins two words of a clause, the clause is one passage. Other clauses are not affected."""
    assert passages("One of the men, he said.", "wan ofthe men, hi sed.") == ["One of the men,", "he", "said."]


def test_word_that_may_be_several_words_makes_its_clause_one_passage() -> None:
    """Only plain words are aligned, because the phonemizer may join words and speak a sign as a word."""
    assert passages("Half of the 50% now.", "haf ofthe fifti pasent now.") == ["Half of the 50% now."]


def test_expanded_words_are_one_passage() -> None:
    """The written words that the text rules have replaced form one passage, and the words around it are aligned."""
    found = passages("It is 10:30 now.", "it iz ten thati now.", "It is ten thirty now.")
    assert found == ["It", "is", "10:30", "now."]


def test_punctuation_that_the_text_rules_remove_is_no_difference() -> None:
    assert passages("Ask Dr. Who now.", "ask dokta hu now.", "Ask Dr Who now.") == ["Ask", "Dr.", "Who", "now."]


@pytest.mark.parametrize(
    ("written", "phonemes", "spoken"),
    [
        ("One, two.", "wan tu.", None),  # the phonemizer has ignored a comma
        ("One (two) three.", "wan thri.", "One three."),  # a word is not spoken
        ("One two.", "wan plas tu.", "One plus two."),  # a spoken word has not been written
        ("One two.", "", None),  # nothing is spoken
    ],
)
def test_sentence_without_corresponding_clauses_is_one_passage(written: str, phonemes: str, spoken: str | None) -> None:
    assert passages(written, phonemes, spoken) == [written]


def test_implausible_lengths_make_a_clause_one_passage() -> None:
    """If a word is joined to its neighbor, and another one is split, the number of words is right. The lengths of the
    words are not."""
    assert passages("Of the extraordinary etc men.", "ofthe ekstraordinari et setera men.") == [
        "Of the extraordinary etc men."
    ]


def test_sentence_of_several_model_runs_is_aligned_as_a_whole() -> None:
    """Each model run has the marks of the words that begin in it."""
    runs = [ids("wan tu."), ids("thri.")]
    assert align("One two. Three.", "One two. Three.", runs, ID_MAP) == [[(2, "One"), (10, "two.")], [(2, "Three.")]]
    assert align("One two three.", "One two three.", runs, ID_MAP) == [[(0, "One two three.")], []]


def test_aligner_keeps_the_spoken_form() -> None:
    """The spoken form is made once, for the phonemizer, and is used again for the alignment."""
    aligner = Aligner(lambda sentence: sentence.replace("&", "and"), ID_MAP)
    assert aligner.spoken("you & me") == "you and me"
    assert aligner.marks("you & me", [ids("yu and mi")]) == [[(2, "you"), (8, "&"), (16, "me")]]


def test_sentence_without_phonemes_has_no_marks() -> None:
    assert align("…", "…", [], ID_MAP) == []


def test_long_rows_of_marks_are_aligned() -> None:
    """The marks at the edges of a word are found in linear time: 100,000 marks inside of a word take milliseconds."""
    written = f"{'!' * 100_000}a{'!' * 100_000}b one"
    assert passages(written, "ab won") == [written]
