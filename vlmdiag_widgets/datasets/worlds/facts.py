"""What is true of a picture, and what a sentence claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: Attribute → the values that are true of a picture; an attribute that it lacks is absent.
Facts = Mapping[str, frozenset[str]]


def facts_of(**values: str | Iterable[str]) -> Facts:
    """Return facts; a text is one value, an empty one is left out.

    Examples
    --------
    >>> facts_of(thing=["dog"], place="lake", sign="")
    {'thing': frozenset({'dog'}), 'place': frozenset({'lake'})}
    """
    sets = {
        name: frozenset((value,) if isinstance(value, str) else value)
        for name, value in values.items()
        if value
    }
    return {name: values for name, values in sets.items() if values}


@dataclass(frozen=True)
class Clause:
    """A claim that one of some values of an attribute is in the picture."""

    attribute: str
    values: frozenset[str]

    def true_for(self, facts: Facts) -> bool:
        """Return whether the claim holds of a picture with these facts."""
        return bool(self.values & facts.get(self.attribute, frozenset()))


@dataclass(frozen=True)
class Caption:
    """A sentence and its claims.

    Parameters
    ----------
    text : str
    clauses : tuple of Clause
        All of them hold of a picture for which the sentence is true.
    noisy : bool
        Written for a picture of which it is not true, as web captions are.
    """

    text: str
    clauses: tuple[Clause, ...] = ()
    noisy: bool = False

    def true_for(self, facts: Facts) -> bool:
        """Return whether the sentence is true of a picture with these facts."""
        return all(clause.true_for(facts) for clause in self.clauses)


def claim(attribute: str, *values: str) -> Clause:
    """Return the claim that one of `values` is in the picture."""
    return Clause(attribute, frozenset(values))
