"""Columns of result tables: text with None where it is absent, in every version of pandas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd


def text_column(values: Iterable[Any]) -> pd.Series[Any]:
    """Return values as an object column: pandas 3 would turn None among strings into NaN."""
    return pd.Series(list(values), dtype=object)
