"""Tables with one image file a row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets import ImageDataset


@pytest.fixture
def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "file": ["cat/0.png", "cat/1.png", "dog/0.png", "dog/1.png"],
            "kind": ["cat", "cat", "dog", "dog"],
            "age": [1.0, 2.5, np.nan, 4.0],
            "place": ["sofa", None, "grass", "grass"],
            "part": [0, 1, 2, 0],
            "text": ["a cat", "", None, "a dog"],
            "box": [[[0, 0, 0.5, 1]], None, [], [0.1, 0.2, 0.3, 0.4]],
            "furry": [1, 1, 1, 0],
            "loud": [0, 0, 1, 1],
            "p_furry": [0.5, 0.1, 0.2, 0.3],
            "p_loud": [0.5, 0.9, 0.8, 0.7],
            "guess": ["cat", "dog", "dog", "dog"],
        },
        index=[9, 7, 5, 3],
    )


def test_columns_find_their_place(folder: Path, table: pd.DataFrame):
    data = ImageDataset.from_dataframe(
        table,
        "file",
        root=folder,
        label="kind",
        attributes=["age", "place"],
        split="part",
        caption="text",
        boxes="box",
        prediction="guess",
    )
    assert list(data.ids) == table["file"].tolist()
    assert list(data.labels) == ["cat", "cat", "dog", "dog"]
    assert data.attributes["age"].tolist() == ["1", "2.5", None, "4"]
    assert data.attributes["place"].tolist() == ["sofa", None, "grass", "grass"]
    assert data.attributes.index.tolist() == [0, 1, 2, 3]
    assert list(data.split) == ["train", "val", "test", "train"]
    assert data.captions == [["a cat"], [""], [], ["a dog"]]
    assert [b.shape for b in data.boxes] == [(1, 4), (0, 4), (0, 4), (1, 4)]
    assert data.predictions["predicted"].tolist() == ["cat", "dog", "dog", "dog"]
    assert data[2].size == (24, 18)


def test_several_label_columns_make_a_multi_label_set(folder: Path, table: pd.DataFrame):
    data = ImageDataset.from_dataframe(
        table, "file", root=folder, label=["furry", "loud"], prediction=["p_furry", "p_loud"]
    )
    assert data.multi_label
    assert data.classes == ["furry", "loud"]
    assert data.labels.dtype == bool
    assert data.labels.tolist() == [[True, False], [True, False], [True, True], [False, True]]
    assert data.predictions.columns.tolist() == ["furry", "loud"]


def test_repeated_paths_get_numbered_ids(folder: Path, table: pd.DataFrame):
    data = ImageDataset.from_dataframe(pd.concat([table, table]), "file", root=folder)
    assert list(data.ids) == [str(i) for i in range(8)]


def test_missing_files_are_listed_not_fatal(folder: Path, table: pd.DataFrame):
    table.loc[7, "file"] = "cat/none.png"
    data = ImageDataset.from_dataframe(table, "file", root=folder)
    data.check()
    assert data.broken["id"].tolist() == ["cat/none.png"]


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"path": "fil"}, r"no column 'fil'.*file"),
        ({"label": "kinds"}, r"no column 'kinds'.*kind"),
        ({"attributes": ["plac"]}, r"no column 'plac'.*place"),
        ({"split": "text"}, "split 'a cat'|split None|split ''"),
        ({"label": ["age", "furry"]}, "more than 0 and 1"),
        ({"id": "kind"}, "more than once"),
        ({"boxes": "age"}, "The boxes of image 0"),
        ({"root": "/does/not/exist"}, "does not exist"),
    ],
)
def test_wrong_columns_are_explained(folder: Path, table: pd.DataFrame, how, message):
    with pytest.raises(InputError, match=message):
        ImageDataset.from_dataframe(table, **{"path": "file", "root": folder, **how})


@pytest.mark.parametrize("path", ["../secret.png", "/etc/passwd", "cat/../../secret.png"])
def test_a_path_may_not_leave_the_root(folder: Path, table: pd.DataFrame, path):
    table.loc[5, "file"] = path
    with pytest.raises(InputError, match="leaves the folder"):
        ImageDataset.from_dataframe(table, "file", root=folder)


def test_tables_that_are_none(folder: Path, table: pd.DataFrame):
    with pytest.raises(InputError, match="no rows"):
        ImageDataset.from_dataframe(table.iloc[:0], "file")
    with pytest.raises(InputError, match="pandas DataFrame"):
        ImageDataset.from_dataframe([{"file": "a"}], "file")
    table.loc[5, "file"] = None
    with pytest.raises(InputError, match="Row 2 of the table has no path"):
        ImageDataset.from_dataframe(table, "file", root=folder)
