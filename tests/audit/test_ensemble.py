import pytest

from vlmdiag_widgets.audit.ensemble import TEMPLATES, noun_phrase, wrap


def test_there_are_eighty_different_templates_with_one_place_each():
    assert len(TEMPLATES) == len(set(TEMPLATES)) == 80
    assert all(template.count("{}") == 1 for template in TEMPLATES)
    assert {"itap of my {}.", "a origami {}.", "the {} in a video game."} <= set(TEMPLATES)


@pytest.mark.parametrize(
    ("sentence", "phrase"),
    [
        ("a photo of a mallard in the ocean.", "mallard in the ocean"),
        ("A blurry black and white photo of the owl.", "owl"),
        ("art of an owl", "owl"),
        ("an orange square", "orange square"),
        ("mallard, ocean", "mallard, ocean"),
        ("a photo of photos of birds", "photos of birds"),
    ],
)
def test_the_noun_phrase_loses_its_carrier_article_and_full_stop(sentence, phrase):
    assert noun_phrase(sentence) == phrase


def test_wrapping_fits_the_article():
    assert wrap("orange square", "a bad photo of a {}.") == "a bad photo of an orange square."
    assert wrap("owl", "the {} in a video game.") == "the owl in a video game."
