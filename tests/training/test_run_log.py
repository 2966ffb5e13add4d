"""What a run says: one line that updates on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import io
import json

from vlmdiag_widgets.training.run_log import Line, append_json, machine


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_on_a_terminal_one_line_updates_and_is_wiped():
    stream = Terminal()
    line = Line(stream)
    line.show("a long state")
    line.show("short")
    line.end()
    line.end()
    assert stream.getvalue() == "\ra long state\rshort       \n"


def test_elsewhere_lines_come_now_and_then():
    stream = io.StringIO()
    line = Line(stream, every=60)
    for number in range(5):
        line.show(str(number))
    line.end()
    assert stream.getvalue() == "0\n"


def test_reports_are_lines_of_json(tmp_path):
    path = tmp_path / "log.jsonl"
    append_json(path, step=1, loss=0.5)
    append_json(path, step=2, loss=0.25)
    assert [json.loads(line)["step"] for line in path.read_text().splitlines()] == [1, 2]


def test_the_machine_has_a_processor():
    assert machine()["cores"] >= 1
    assert machine()["processor"]
