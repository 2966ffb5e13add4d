"""Each notebook runs top to bottom and can be read before it is run."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
VIEW = "application/vnd.jupyter.widget-view+json"
PICTURE = "image/png"


def read(path):
    return nbformat.read(path, as_version=4)


def test_there_are_a_quickstart_and_a_gallery():
    assert {"quickstart.ipynb", "gallery.ipynb"} <= {path.name for path in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_stored_unrun(path):
    for cell in read(path).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_code_cell_is_introduced_in_words(path):
    kinds = [cell.cell_type for cell in read(path).cells]
    assert kinds[0] == "markdown"
    assert kinds[-1] == "markdown"
    assert kinds.count("markdown") * 2 > kinds.count("code")


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path, tmp_path):
    notebook = read(path)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": tmp_path}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    shown = [output for output in outputs if {VIEW, PICTURE} & set(output.get("data", {}))]
    assert len(shown) >= 5, "too little was shown"
    assert not [output for output in outputs if output.get("name") == "stderr"], "a cell complained"
