"""Undo and redo: states kept in two stacks."""

from __future__ import annotations

from typing import Generic, TypeVar

S = TypeVar("S")

#: How many edits can be taken back.
LIMIT = 200


class History(Generic[S]):
    """States before and after the present one."""

    def __init__(self) -> None:
        self._before: list[S] = []
        self._after: list[S] = []

    @property
    def can_undo(self) -> bool:
        """Whether there is an earlier state."""
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        """Whether an undone state can come back."""
        return bool(self._after)

    def push(self, present: S) -> None:
        """Remember the state that an edit is about to replace."""
        self._before = [*self._before[-(LIMIT - 1) :], present]
        self._after.clear()

    def undo(self, present: S) -> S | None:
        """Return the state before, or None when there is none."""
        if not self._before:
            return None
        self._after.append(present)
        return self._before.pop()

    def redo(self, present: S) -> S | None:
        """Return the state that was undone last, or None."""
        if not self._after:
            return None
        self._before.append(present)
        return self._after.pop()
