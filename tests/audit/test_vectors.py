import numpy as np
import pytest

from vlmdiag_widgets import InputError
from vlmdiag_widgets._progress import Cancelled
from vlmdiag_widgets.audit.vectors import CHUNK, TextVectors, unit


def test_no_text_is_embedded_twice(encoder):
    vectors = TextVectors(encoder)
    first = vectors.get(["a", "b", "a"])
    vectors.get(["b", "c"])
    assert encoder.seen == ["a", "b", "c"]
    assert (first[0] == first[2]).all()


def test_a_store_is_asked_instead_of_the_encoder(encoder):
    class Store:
        def texts(self, given, texts):
            assert given is encoder
            return np.ones((len(texts), 3))

    assert TextVectors(encoder, Store()).get(["a"]).tolist() == [[1, 1, 1]]
    assert encoder.seen == []


def test_a_cancelled_call_keeps_what_it_embedded(encoder):
    texts = [f"t{i}" for i in range(2 * CHUNK)]
    vectors = TextVectors(encoder)

    def stop_after_one(done, total):
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        vectors.get(texts, stop_after_one)
    assert len(vectors) == CHUNK
    vectors.get(texts)
    assert len(encoder.seen) == 2 * CHUNK


def test_without_an_encoder_only_known_texts_work():
    vectors = TextVectors(known={"a": np.ones(2)})
    assert vectors.get(["a"]).shape == (1, 2)
    with pytest.raises(InputError, match="'b'"):
        vectors.get(["a", "b"])


def test_an_encoder_that_gives_nan_is_named():
    class Broken:
        def encode_texts(self, texts):
            return np.full((len(texts), 2), np.nan)

    with pytest.raises(InputError, match="NaN for 'a'"):
        TextVectors(Broken()).get(["a"])


def test_unit_rows_have_length_one_and_zeros_stay():
    assert unit(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist() == [
        [0.6000000238418579, 0.800000011920929],
        [0.0, 0.0],
    ]
