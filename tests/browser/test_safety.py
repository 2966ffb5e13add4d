"""Names are text, never markup; a busy audit leaves the kernel free."""

from __future__ import annotations

import time

from tests.waiting import until

EVIL = '<img src=x onerror="window.hacked=1">'
NASTY = f"""
import numpy as np
import vlmdiag_widgets as vd

evil = {EVIL!r}
rng = np.random.default_rng(0)
images = rng.integers(0, 255, (90, 64, 64, 3), dtype=np.uint8)
images[::2, :, :, 0] //= 4
labels = [evil if i % 2 else "bird" for i in range(90)]
places = [evil, "forest", "ocean"]
data = vd.ImageDataset.from_arrays(
    images, labels=labels, attributes={{"kind": labels, "place": places * 30}},
    split=["train", "train", "val", "test", "test"] * 18,
)
audit = vd.Audit(
    vd.load_encoder("demo"), data, attributes={{"kind": [evil, "bird"], "place": places}},
    templates=["a photo of a {{kind}}[ in the {{place}}]."], slice_by=["class", "place"],
)
audit
"""
BUSY = """
import vlmdiag_widgets as vd
audit = vd.Audit(vd.load_encoder("demo"), vd.load_dataset("waterbirds", n=3600, seed=77))
audit
"""


def test_names_from_the_data_never_become_markup(lab, notebook):
    page = notebook(lab.write("nasty.ipynb", NASTY))
    page.run_all()
    page.ready("slice_table")
    page.ready("extreme_grid")
    assert "onerror" in page.view("slice_table").inner_text()
    assert page.page.evaluate("window.hacked") is None
    assert page.page.locator(".vd-view img[onerror]").count() == 0
    assert page.errors == []


def test_other_cells_run_while_images_are_embedded(lab, notebook):
    page = notebook(lab.write("busy.ipynb", BUSY, "answer = 6 * 7"))
    page.run_all()
    until(lambda: page.python("audit.job is not None"), seconds=30, pause=0.05)
    waits = []
    while page.python("audit.job is not None") and len(waits) < 20:
        start = time.monotonic()
        assert page.python("answer") == 42
        waits.append(time.monotonic() - start)
    assert waits, "the job had ended before it could be watched"
    assert max(waits) < 2.0
    page.ready("gap_scatter", seconds=180)


def test_a_long_job_can_be_cancelled_from_the_view(lab, notebook):
    page = notebook(lab.write("cancel.ipynb", BUSY.replace("seed=77", "seed=78")))
    page.run_all()
    button = page.page.get_by_role("button", name="cancel", exact=False).first
    button.wait_for(timeout=60_000)
    button.click()
    until(lambda: page.python("audit.job is None"), seconds=30)
    assert page.page.locator('.vd-view[data-phase="loading"]').count() == 0
