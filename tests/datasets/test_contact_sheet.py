from __future__ import annotations

import time

import numpy as np
import pytest
from PIL import Image

from vlmdiag_widgets.datasets import BrokenImageError, ImageDataset, contact_sheet
from vlmdiag_widgets.datasets.contact_sheet import _fitted, _font


def pictures(n=6, **about):
    images = [np.full((20, 30, 3), 40 * i, dtype=np.uint8) for i in range(n)]
    return ImageDataset.from_arrays(images, **about)


def pixels(image):
    return np.asarray(image)


def test_one_picture_a_cell_in_lines():
    sheet = contact_sheet(pictures(6), columns=4, size=32, captions=None)
    assert sheet.mode == "RGB"
    assert sheet.size == (4 * 40 + 8, 2 * 40 + 8)
    assert pixels(sheet)[8 + 16, 8 + 16].tolist() == [0, 0, 0]
    assert pixels(sheet)[8 + 16, 48 + 16].tolist() == [40, 40, 40]


def test_rows_are_shown_in_the_given_order():
    sheet = contact_sheet(pictures(6), [5, 1], size=32, captions=None)
    assert pixels(sheet)[24, 24].tolist() == [200, 200, 200]
    assert pixels(sheet)[24, 64].tolist() == [40, 40, 40]


def test_words_stand_below_the_picture():
    data = pictures(4, labels=["cat", "dog"] * 2, attributes={"place": ["sea"] * 4})
    bare = contact_sheet(data, size=64, captions=None)
    told = contact_sheet(data, size=64, captions=["label", "place"], title="Pets")
    assert told.height > bare.height + 20
    below = pixels(told)[-30:]
    assert (below < 100).any()


def test_a_function_may_write_the_words():
    assert contact_sheet(pictures(2), captions=lambda row: f"a\nb {row}").height > 150


def test_boxes_are_drawn():
    data = pictures(2, boxes=[[(0.1, 0.1, 0.9, 0.9)], []])
    plain = pixels(contact_sheet(data, size=64, captions=None))
    boxed = pixels(contact_sheet(data, size=64, captions=None, boxes=True))
    assert (plain[:, :76] != boxed[:, :76]).any()
    assert (plain[:, 76:] == boxed[:, 76:]).all()


def test_a_broken_picture_leaves_a_crossed_square():
    class Torn:
        def __len__(self):
            return 2

        def open(self, row, size=None):
            if row:
                raise BrokenImageError("torn")
            return Image.new("RGB", (8, 8))

        def key(self, row, size=None):
            return bytes(16)

    sheet = contact_sheet(ImageDataset(Torn()), size=32, captions=None)
    assert len(np.unique(pixels(sheet)[8:40, 48:80])) > 1


def test_long_or_strange_words_are_cut_to_one_line():
    font = _font(12)
    cut = _fitted("a very long\nname\x00 " * 20, font, 100)
    assert cut.endswith("…")
    assert "\n" not in cut
    assert font.getlength(cut) <= 100


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"rows": [9]}, "Row 9 does not exist"),
        ({"rows": []}, "no picture"),
        ({"columns": 0}, "columns is 0"),
        ({"size": 5000}, "size is 5000"),
        ({"captions": "place"}, "no column 'place'"),
    ],
)
def test_bad_input_is_refused_in_plain_words(given, told):
    with pytest.raises(ValueError, match=told):
        contact_sheet(pictures(), **given)


def test_a_very_long_word_is_cut_at_once():
    began = time.perf_counter()
    assert _fitted("W" * 100_000, _font(12), 100).endswith("…")
    assert time.perf_counter() - began < 2


def test_a_page_too_large_for_most_programs_is_refused():
    with pytest.raises(ValueError, match="Name fewer rows"):
        contact_sheet(pictures(6), [0] * 500, columns=64, size=1024, captions=None)
