"""Influence: how much each attribute value moves the predicted probability of a class."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.diagnosis._check import Float, need_columns
from vlmdiag_widgets.diagnosis.shapley import MAX_EXACT_PLAYERS, shapley_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Influence:
    """How attributes move the probability of one class.

    Attributes
    ----------
    base : float
        Mean probability over the texts that name no attribute; where some attributes are in
        every text, mean over the full texts of their own base.
    values : DataFrame
        attribute, value, influence (mean Shapley value of the attribute over the full texts
        that carry the value), difference (mean probability over all texts with the value
        minus mean over all texts where the attribute is absent), n_texts (full texts that
        carry it). Largest absolute influence first.
    attributes : DataFrame
        attribute, influence (mean absolute Shapley value over the full texts that carry it).
        Largest first.
    per_text : DataFrame
        One row per full text: text_id, base (probability with none of the attributes), one
        column per attribute (its Shapley value; 0 where the text does not carry it),
        prediction. ``base + sum = prediction``; all are means over the templates that share
        the text's values.
    """

    base: float
    values: pd.DataFrame
    attributes: pd.DataFrame
    per_text: pd.DataFrame

    def over(self, text_ids: ArrayLike) -> pd.Series | None:
        """Average `per_text` over some full texts, such as those of a slice.

        Means keep what each text has: base plus the attributes' values is the prediction.

        Returns
        -------
        Series or None
            n_texts, base, one entry per attribute, prediction; None when none of the ids is a
            full text.
        """
        rows = self.per_text[self.per_text["text_id"].isin(np.asarray(text_ids))]
        if rows.empty:
            return None
        means = rows.drop(columns="text_id").mean()
        table: pd.Series[Any] = pd.concat([pd.Series({"n_texts": float(len(rows))}), means])
        return table


def attribute_influence(
    texts: pd.DataFrame,
    p: ArrayLike,
    attributes: Sequence[str],
    *,
    given: Sequence[str] = (),
) -> Influence:
    """Explain a class's probability over texts by Shapley values of their attributes.

    The players are the attributes that a full text fills; leaving one out drops its segment
    of the template. The worth of a set of players is the mean probability over the texts that
    name exactly these attributes with this text's values, over templates.

    Parameters
    ----------
    texts : DataFrame, m rows
        One column per attribute, missing (None or NaN) where the text leaves it out. Optional
        columns: "full" (bool; the texts to explain, default those that fill every attribute)
        and "text_id" (default the row number).
    p : array_like (m,)
        Probability of the class under study for each text.
    attributes : sequence of str
        The attribute columns, at most 20.
    given : sequence of str
        Columns of attributes that some template cannot leave out. They are no players: every
        coalition keeps the text's own values of them.

    Raises
    ------
    InputError
        A column is missing, lengths differ, `p` is not finite, or a partial text that the
        Shapley values need is not in the table.

    References
    ----------
    Zhang et al. 2023, DrML, section 2.2 (Shapley formula) and Table 5, whose printed figures
    are what is named `difference` here; the two may differ in sign.
    """
    names = [str(name) for name in attributes]
    if not 1 <= len(names) <= MAX_EXACT_PLAYERS:
        raise InputError(f"There are {len(names)} attributes; expected 1 to {MAX_EXACT_PLAYERS}.")
    columns = [*names, *map(str, given)]
    need_columns(list(texts.columns), columns, "texts")
    probability = np.asarray(p, dtype=np.float64)
    if probability.shape != (len(texts),) or not np.isfinite(probability).all():
        raise InputError(
            f"p has shape {probability.shape}; expected {len(texts)} finite values, one per text."
        )
    codes, levels = _encode(texts, columns)
    full = _full_rows(texts, codes)
    worth = _Worths(codes, probability, columns, levels)
    combos, which = np.unique(codes[full], axis=0, return_inverse=True)
    phi, base, prediction = (part[which.ravel()] for part in _explained(worth, combos, len(names)))
    per_text = pd.DataFrame(
        {
            "text_id": _text_ids(texts)[full],
            "base": base,
            **dict(zip(names, phi.T, strict=True)),
            "prediction": prediction,
        }
    )
    return Influence(
        base=float(base.mean()),
        values=_value_table(codes, probability, full, phi, names=names, levels=levels),
        attributes=_attribute_table(codes[full, : len(names)], phi, names),
        per_text=per_text,
    )


def _explained(worth: _Worths, combos: NDArray[np.intp], n: int) -> tuple[Float, Float, Float]:
    """Return Shapley values (combinations, n) of the first n attributes, base and prediction."""
    phi, ends = np.zeros((len(combos), n)), np.zeros((2, len(combos)))
    filled = combos[:, :n] > 0
    # What a text leaves out moves nothing: only what it fills are players of its game.
    for pattern in np.unique(filled, axis=0):
        same = np.flatnonzero((filled == pattern).all(axis=1))
        players = np.flatnonzero(pattern)
        v = worth.coalitions(combos[same], players)
        phi[np.ix_(same, players)] = shapley_values(v)
        ends[:, same] = v[:, 0], v[:, -1]
    return phi, ends[0], ends[1]


class _Worths:
    """Mean probability over the texts that share one combination of values."""

    def __init__(
        self, codes: NDArray[np.intp], p: Float, names: list[str], levels: list[list[str]]
    ) -> None:
        self._names, self._levels = names, levels
        self._shape = tuple(len(values) + 1 for values in levels)
        keys = self._keys(codes)
        self._known, which = np.unique(keys, return_inverse=True)
        which = which.ravel()
        self._mean = np.bincount(which, weights=p) / np.bincount(which)

    def coalitions(self, combos: NDArray[np.intp], players: NDArray[np.intp]) -> Float:
        """Return the worth of each combination with every subset of its players' values."""
        n = len(players)
        present = np.ones((1 << n, combos.shape[1]), dtype=np.intp)
        present[:, players] = (np.arange(1 << n)[:, None] >> np.arange(n)) & 1
        subsets = (combos[:, None, :] * present[None, :, :]).reshape(-1, combos.shape[1])
        keys = self._keys(subsets)
        at = np.minimum(np.searchsorted(self._known, keys), len(self._known) - 1)
        lost = self._known[at] != keys
        if lost.any():
            raise self._missing_text(subsets[int(np.argmax(lost))], lost, keys)
        return self._mean[at].reshape(len(combos), -1)

    def _keys(self, codes: NDArray[np.intp]) -> NDArray[Any]:
        """Return one sortable key a row, the same for the same codes."""
        if prod(self._shape) < np.iinfo(np.intp).max:
            return np.asarray(np.ravel_multi_index(tuple(codes.T), self._shape))
        wide = np.ascontiguousarray(codes, dtype=">u4")
        return wide.view(f"S{4 * codes.shape[1]}").ravel()

    def _missing_text(
        self, codes: NDArray[np.intp], lost: NDArray[np.bool_], keys: NDArray[np.intp]
    ) -> InputError:
        named = [
            f"{name}={values[code - 1]!r}"
            for name, values, code in zip(self._names, self._levels, codes, strict=True)
            if code
        ]
        return InputError(
            f"{len(set(keys[lost].tolist()))} partial texts are missing; "
            f"no text names exactly {' and '.join(named) or 'no attribute'}.",
            "Compose the texts with every subset of the attributes, the empty one too.",
        )


def _encode(texts: pd.DataFrame, names: list[str]) -> tuple[NDArray[np.intp], list[list[str]]]:
    """Return codes (m, n), 0 where absent, and per attribute the values behind 1, 2 and on."""
    codes, levels = [], []
    for name in names:
        filled = texts[name].notna()
        found, values = pd.factorize(texts[name].where(~filled, texts[name].astype(str)))
        codes.append(found + 1)
        levels.append([str(value) for value in values])
    return np.stack(codes, axis=1).astype(np.intp), levels


def _full_rows(texts: pd.DataFrame, codes: NDArray[np.intp]) -> NDArray[np.bool_]:
    if "full" in texts.columns:
        full = texts["full"].to_numpy(dtype=bool)
    else:
        full = np.asarray((codes > 0).all(axis=1))
    if not full.any():
        raise InputError(
            "No text is full, so there is nothing to explain.",
            "Add texts that fill every attribute, or mark them in a column 'full'.",
        )
    return np.asarray(full)


def _text_ids(texts: pd.DataFrame) -> NDArray[np.intp]:
    if "text_id" in texts.columns:
        return np.asarray(texts["text_id"].to_numpy())
    return np.arange(len(texts))


def _value_table(
    codes: NDArray[np.intp],
    p: Float,
    full: NDArray[np.bool_],
    phi: Float,
    *,
    names: list[str],
    levels: list[list[str]],
) -> pd.DataFrame:
    rows = []
    for i, (name, values) in enumerate(zip(names, levels[: len(names)], strict=True)):
        absent = p[codes[:, i] == 0].mean() if (codes[:, i] == 0).any() else np.nan
        for code, value in enumerate(values, start=1):
            carriers = codes[full, i] == code
            influence = phi[carriers, i].mean() if carriers.any() else np.nan
            difference = p[codes[:, i] == code].mean() - absent
            rows.append((name, value, influence, difference, int(carriers.sum())))
    table = pd.DataFrame(rows, columns=["attribute", "value", "influence", "difference", "n_texts"])
    return _largest_first(table)


def _attribute_table(codes: NDArray[np.intp], phi: Float, names: list[str]) -> pd.DataFrame:
    carried = codes > 0
    total = np.where(carried, np.abs(phi), 0).sum(axis=0)
    mean = np.where(carried.any(axis=0), total / np.maximum(carried.sum(axis=0), 1), np.nan)
    return _largest_first(pd.DataFrame({"attribute": names, "influence": mean}))


def _largest_first(table: pd.DataFrame) -> pd.DataFrame:
    order = (-table["influence"].abs().round(12)).argsort(kind="stable")
    return table.iloc[order].reset_index(drop=True)
