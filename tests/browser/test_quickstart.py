"""The quickstart in a real JupyterLab, top to bottom, as a first user runs it."""

from __future__ import annotations

import shutil

from vlmdiag_widgets._demo import notebooks_folder


def test_quickstart_runs_and_shows_every_view(lab, notebook):
    shutil.copy(notebooks_folder() / "quickstart.ipynb", lab.root)
    page = notebook("quickstart.ipynb")
    page.run_all(seconds=300)
    for name in ("gap_scatter", "slice_table", "attribute_waterfall", "extreme_grid"):
        page.ready(name)
    page.ready("saliency_overlay")
    assert page.errors == []
    assert page.outside == set()
