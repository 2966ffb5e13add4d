"""A contact sheet of small images."""

from __future__ import annotations

import io

from PIL import Image

from vlmdiag_widgets.widgets.contact_sheet import CELL, GAP, TOP, contact_sheet


def png(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), colour).save(out, "PNG")
    return out.getvalue()


def opened(sheet: bytes) -> Image.Image:
    return Image.open(io.BytesIO(sheet)).convert("RGB")


def test_images_stand_in_lines_with_their_captions():
    sheet = opened(contact_sheet([png("red"), png("blue")], [["a"], ["b"]], "title", columns=1))
    middle = 2 * (GAP + CELL // 2)
    assert sheet.getpixel((middle, 2 * (TOP + CELL // 2))) == (255, 0, 0)
    assert sheet.getpixel((middle, sheet.height - 2 * (GAP + 15 + CELL // 2))) == (0, 0, 255)


def test_an_unreadable_image_stays_an_empty_square():
    sheet = opened(contact_sheet([b"no image"], [["a"]], "title"))
    assert sheet.getpixel((2 * (GAP + 5), 2 * (TOP + 5))) == (230, 230, 230)


def test_names_are_never_markup_and_nothing_is_a_sheet_too():
    contact_sheet([png("red")], [["<script>&</script>", "鳥"]], "<b>")
    assert opened(contact_sheet([], [], "nothing")).width > 0
