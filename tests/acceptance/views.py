"""All views of one audit, waited for and asked as a browser would ask them."""

from __future__ import annotations

import time
from typing import Any

from vlmdiag_widgets import VlmdiagError
from vlmdiag_widgets.widgets import Dashboard

ACTIONS = ("table", "code", "picture", "sketch")


def all_views(board: Dashboard) -> list[Any]:
    return [*board.views, board.attributes, board.prompts, board.header, board.footer]


def settled(board: Dashboard, seconds: float = 60) -> dict[str, dict[str, Any]]:
    """Wait until no view is loading or out of date; return view → status."""
    deadline = time.monotonic() + seconds
    while True:
        states = {type(view).__name__: view.status for view in all_views(board)}
        if not {state["phase"] for state in states.values()} & {"loading", "stale"}:
            return states
        assert time.monotonic() < deadline, states
        time.sleep(0.02)


def assert_designed(board: Dashboard) -> dict[str, dict[str, Any]]:
    """Every view is ready, or says what is missing and what to do; no action breaks."""
    states = settled(board)
    for name, state in states.items():
        if state["phase"] != "ready":
            assert state["phase"] == "empty", (name, state)
            assert state["message"], name
            assert state["hint"], name
    for view in all_views(board):
        for action in ACTIONS:
            try:
                getattr(view, action)()
            except (VlmdiagError, NotImplementedError):
                continue
    board._repr_mimebundle_()
    return states


def ask(view: Any, kind: str, **payload: Any) -> tuple[dict[str, Any], list[bytes]]:
    """Send one message to a view; return its reply and buffers."""
    replies: list[Any] = []
    view.send = lambda content, buffers=None: replies.append((content, buffers or []))
    view._receive(view, {"id": "1", "kind": kind, "generation": 0, "payload": payload}, [])
    del view.send
    return replies[-1]
