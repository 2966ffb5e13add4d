from __future__ import annotations

import io

from vlmdiag_widgets._terminal import Meter, duration


class Screen(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_has_one_line_that_is_written_over():
    screen = Screen()
    meter = Meter("pictures", screen)
    for done in range(1001):
        meter(done, 1000)
    text = screen.getvalue()
    assert text.count("\n") == 1
    assert text.count("\r") < 50
    assert text.endswith("1,000 of 1,000 pictures\n")


def test_a_log_has_a_line_every_tenth():
    log = io.StringIO()
    meter = Meter("pictures", log)
    for done in range(1001):
        meter(done, 1000)
    lines = log.getvalue().splitlines()
    assert len(lines) == 10
    assert lines[0].startswith("100 of 1,000 pictures, 0 s left")


def test_nothing_at_all_is_no_error():
    Meter("pictures", io.StringIO())(0, 0)


def test_durations_read_as_words():
    assert [duration(s) for s in (3, 89, 600, 7200 + 60)] == ["3 s", "89 s", "10 min", "2 h 1 min"]
