"""Check the numbers and rows that functions of data sets are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vlmdiag_widgets._errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def check_count(name: str, value: object, least: int, most: int) -> int:
    """Return a whole number within its bounds.

    Raises
    ------
    InputError
        `value` is no whole number, or outside `least` … `most`.
    """
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or not least <= int(value) <= most:  # type: ignore[call-overload]
        raise InputError(
            f"{name} is {value!r}; expected a whole number from {least} to {most}.",
            f"For example {name}={max(least, min(most, 256))}.",
        )
    return int(value)  # type: ignore[call-overload, no-any-return]


def check_share(name: str, value: object) -> float:
    """Return a share from 0 to 1.

    Raises
    ------
    InputError
        `value` is no number from 0 to 1.
    """
    number = isinstance(value, int | float | np.integer | np.floating)
    if isinstance(value, bool) or not number or not 0 <= value <= 1:  # type: ignore[operator]
        raise InputError(
            f"{name} is {value!r}; expected a share from 0 to 1.", f"For example {name}=0.9."
        )
    return float(value)  # type: ignore[arg-type]


def row_numbers(rows: Any, n: int) -> NDArray[np.int64]:
    """Return row numbers in the given order, from numbers or a mask; there may be none.

    Raises
    ------
    InputError
        A mask of the wrong length, something that is no whole number, or a row that does not
        exist.
    """
    given = np.asarray(rows).reshape(-1)
    if given.dtype == bool:
        if len(given) != n:
            raise InputError(
                f"rows has {len(given)} entries, but there are {n} images.",
                "Give a mask one entry for each image, in the order of the images.",
            )
        return np.flatnonzero(given).astype(np.int64)
    if given.size and given.dtype.kind not in "iu" and not _whole(given):
        raise InputError(
            f"rows is {rows!r}; expected row numbers or a mask.", "For example rows=[0, 1, 2]."
        )
    wrong = [int(row) for row in given.tolist() if not 0 <= row < n]
    if wrong:
        raise InputError(f"Row {wrong[0]} does not exist.", f"Rows run from 0 to {n - 1}.")
    return given.astype(np.int64)


def _whole(given: NDArray[Any]) -> bool:
    if given.dtype.kind != "f":
        return all(isinstance(row, int) and not isinstance(row, bool) for row in given.tolist())
    return bool(np.isfinite(given).all() and (given == np.rint(given)).all())
