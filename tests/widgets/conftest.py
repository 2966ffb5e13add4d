"""Fixtures over the small world of `birds`, and a view that does next to nothing."""

from __future__ import annotations

from typing import Any, ClassVar

import pandas as pd
import pytest

from tests.widgets.birds import make_audit
from vlmdiag_widgets.audit import Audit
from vlmdiag_widgets.widgets.base import View


class ToyView(View):
    """Shows how many slices there are."""

    needs: ClassVar[tuple[str, ...]] = ("slices",)
    follows: ClassVar[tuple[str, ...]] = ("gap",)
    bundle: ClassVar[str] = "toy"
    title: ClassVar[str] = "Toy"

    def build(self, results: dict[str, Any]) -> dict[str, Any]:
        return {"n": len(results["slices"]), "gap": self.audit.gap}

    def handle(self, kind: str, payload: Any, buffers: Any) -> Any:
        if kind == "greet":
            return {"said": f"hello {payload['who']}"}, [payload["who"].encode()]
        if kind == "stumble":
            return {"never": 1 / 0}, []
        return super().handle(kind, payload, buffers)

    def table(self) -> pd.DataFrame:
        return pd.DataFrame({"class": ["landbird"], "n": [40]})


@pytest.fixture
def toy_audit() -> Audit:
    return make_audit()


@pytest.fixture
def toy_view(toy_audit: Audit) -> Any:
    view = ToyView(toy_audit)
    yield view
    view.close()
