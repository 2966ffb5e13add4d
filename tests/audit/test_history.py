from vlmdiag_widgets.audit.history import LIMIT, History


def test_undo_and_redo_walk_the_states():
    history = History()
    history.push("a")
    history.push("b")
    assert history.undo("c") == "b"
    assert history.undo("b") == "a"
    assert history.undo("a") is None
    assert history.redo("a") == "b"
    assert history.can_redo
    assert history.redo("b") == "c"
    assert not history.can_redo


def test_a_new_edit_forgets_what_was_undone():
    history = History()
    history.push("a")
    history.undo("b")
    history.push("a")
    assert history.redo("c") is None


def test_the_oldest_states_are_forgotten():
    history = History()
    for i in range(LIMIT + 50):
        history.push(i)
    steps = 0
    while history.undo(-1) is not None:
        steps += 1
    assert steps == LIMIT
