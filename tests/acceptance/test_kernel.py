"""A real kernel answers other cells while an audit embeds images."""

from __future__ import annotations

import time

import pytest
from jupyter_client.manager import start_new_kernel

SETUP = """
import time
import vlmdiag_widgets as vd

demo = vd.load_encoder("demo")
data = vd.load_dataset("waterbirds", train=800, val=200, test=400)
audit = vd.Audit(demo, data, store=False)
"""


@pytest.fixture
def run():
    """Return a function that runs a cell and tells its seconds and its messages."""
    manager, client = start_new_kernel(kernel_name="python3")

    def cell(code: str) -> tuple[float, list[dict]]:
        messages: list[dict] = []
        started = time.perf_counter()
        hook = messages.append
        reply = client.execute_interactive(code, timeout=120, output_hook=hook)
        seconds = time.perf_counter() - started
        assert reply["content"]["status"] == "ok", reply["content"]
        return seconds, messages

    yield cell
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def printed(messages: list[dict]) -> str:
    return "".join(m["content"].get("text", "") for m in messages if m["msg_type"] == "stream")


def test_other_cells_run_while_images_are_embedded(run):
    run(SETUP)
    _, messages = run("audit")
    assert any(m["msg_type"] == "display_data" for m in messages)
    waits, phases = [], []
    for _ in range(5):
        waits.append(run("1 + 1")[0])
        _, messages = run("print(audit.peek('image_embeddings')[0] is None)")
        phases.append(printed(messages).strip())
    seconds, messages = run("print(audit.embeddings().shape)")
    assert printed(messages).startswith("(1400, 256)")
    assert phases[0] == "True", "the images were embedded before anything else could be asked"
    assert waits[0] < seconds, (waits, seconds)
    assert sorted(waits)[2] < 1, waits
