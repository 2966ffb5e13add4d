"""The message protocol, against the cases that the browser side is tested with, too."""

from __future__ import annotations

import datetime as dt
import json
import logging
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vlmdiag_widgets import InputError
from vlmdiag_widgets.widgets.messages import (
    jsonable,
    push,
    read_request,
    refuse,
    rows_from_buffer,
    rows_to_bytes,
)

CASES = json.loads((Path(__file__).parent.parent / "protocol_cases.json").read_text("utf-8"))


def buffer(word: str) -> bytes:
    if word.startswith("rows:"):
        return rows_to_bytes([int(row) for row in word[5:].split(",")])
    return word.encode()


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_every_case_is_answered_as_agreed(case, toy_view, caplog):
    caplog.set_level(logging.CRITICAL)
    sent = []
    toy_view.send = lambda content, buffers=None: sent.append((content, buffers))
    request = {"id": "abc-1", **case["request"]}
    toy_view._receive(toy_view, request, [buffer(b) for b in case.get("request_buffers", [])])
    head = {"id": "abc-1", "kind": request["kind"], "generation": request["generation"]}
    assert sent[0][0] == {**head, **case["reply"]}
    assert [bytes(b) for b in sent[0][1]] == [buffer(b) for b in case.get("reply_buffers", [])]
    json.dumps(sent[0][0], allow_nan=False)


@pytest.mark.parametrize(
    "content",
    [None, "hello", [], {}, {"id": "1"}, {"id": 1, "kind": "undo"}, {"id": "1", "kind": ""},
     {"id": "1", "kind": "undo", "payload": [1]}],
)  # fmt: skip
def test_a_message_of_the_wrong_shape_is_refused(content):
    with pytest.raises(InputError):
        read_request(content)
    assert refuse(content, InputError("no"))["ok"] is False


def test_what_is_said_unasked_has_no_id():
    assert push("points", 3, {"n": np.int64(2)}) == {
        "id": None, "kind": "points", "generation": 3, "payload": {"n": 2},
    }  # fmt: skip


@dataclass
class Pair:
    a: int
    b: float


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (math.nan, None),
        (np.float32("inf"), None),
        (np.array([1.5, np.nan]), [1.5, None]),
        (pd.NA, None),
        (pd.NaT, None),
        (np.bool_(True), True),
        ((1, {2: "x"}), [1, {"2": "x"}]),
        (Pair(1, math.nan), {"a": 1, "b": None}),
        (dt.date(2026, 1, 2), "2026-01-02"),
        (Path("a"), "a"),
    ],
)
def test_everything_sent_is_plain_json(value, expected):
    assert jsonable(value) == expected


def test_rows_travel_as_little_endian_numbers():
    raw = rows_to_bytes(np.array([1, 256], dtype=">i8"))
    assert raw == b"\x01\x00\x00\x00\x00\x01\x00\x00"
    assert rows_from_buffer([memoryview(raw)]).tolist() == [1, 256]
    with pytest.raises(InputError, match="whole"):
        rows_from_buffer([b"abc"])
