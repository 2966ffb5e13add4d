"""Measure the embedded encoders and write their cards.

python -m vlmdiag_widgets.training.evaluation                    # everything
python -m vlmdiag_widgets.training.evaluation --encoder demo --only zero-shot
python -m vlmdiag_widgets.training.evaluation --render           # pages from the cards only
"""

from __future__ import annotations

import argparse
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from vlmdiag_widgets.training.evaluation import cards
from vlmdiag_widgets.training.evaluation.cards import Shipped
from vlmdiag_widgets.training.evaluation.measure import PARTS, measure
from vlmdiag_widgets.training.evaluation.render import render_all


def main() -> None:
    """Run from the command line."""
    given = _arguments()
    if not given.render:
        chosen = [cards.find(name) for name in given.encoder or []] or cards.shipped()
        for one in chosen:
            _one(one, given)
    if not given.dry:
        for page in render_all(given.out):
            print(page)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--encoder", action="append", help="name or folder; default all")
    parser.add_argument("--only", action="append", choices=PARTS, help="some parts only")
    parser.add_argument("--render", action="store_true", help="measure nothing")
    parser.add_argument("--dry", action="store_true", help="print only, write nothing")
    parser.add_argument("--out", type=Path, help="folder for cards and pages instead of their own")
    parser.add_argument("--scale", type=float, default=1.0, help="factor on numbers of pictures")
    return parser.parse_args()


def _one(one: Shipped, given: argparse.Namespace) -> None:
    print(one.name, flush=True)
    parts = given.only or PARTS
    measured = measure(one, parts, scale=given.scale) if one.sees_texts else _vision(one)
    if given.dry:
        print(json.dumps(measured, indent=1))
        return
    card = one.card()
    whole = cards.updated(card, measured) if one.sees_texts else {**card, "measured": measured}
    print(cards.write_card(one, whole, given.out))


def _vision(one: Shipped) -> dict[str, Any]:
    """Measure a network that sees images only."""
    from vlmdiag_widgets.training.evaluate_vision import evaluate

    return evaluate(one.name, one.folder, *_vision_pictures())


@lru_cache(maxsize=1)
def _vision_pictures() -> tuple[Any, Any]:
    """Return the pictures that probes are fitted on and tested on; all networks share them."""
    from vlmdiag_widgets.training.evaluate_vision import FIT_SEED, IMAGES, TEST_SEED
    from vlmdiag_widgets.training.vision_scenes import draw_new

    return draw_new(2 * IMAGES, FIT_SEED), draw_new(IMAGES, TEST_SEED)


if __name__ == "__main__":
    main()
