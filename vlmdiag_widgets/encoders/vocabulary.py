"""Words a small encoder was trained on, and the ones it has never seen."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from vlmdiag_widgets._errors import WeightsError

# Letters run together and digits stand alone, as CLIP's tokenizer sees them; "'s" and
# its kin are tokens of their own that carry no content.
_WORD = re.compile(r"'(?:s|t|re|ve|m|ll|d)\b|[^\W\d_]+|\d", re.IGNORECASE)


def split_words(text: str) -> list[str]:
    """Return the lower-case words of `text` in order, without clitics such as 's."""
    return [word for word in _WORD.findall(text.lower()) if not word.startswith("'")]


def unknown_words(text: str, vocabulary: frozenset[str] | None) -> list[str]:
    """Return the words of `text` outside `vocabulary`, each once, in order."""
    if vocabulary is None:
        return []
    return [word for word in dict.fromkeys(split_words(text)) if word not in vocabulary]


def read_vocabulary(path: Path) -> frozenset[str] | None:
    """Read ``vocabulary.json`` beside a checkpoint: a list of words, or {"words": [...]}.

    Returns None when there is no such file, which stands for an open vocabulary.
    """
    if not path.is_file():
        return None
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise WeightsError(f"{path} is no JSON file ({error}).", "Install again.") from error
    words = found.get("words", found) if isinstance(found, dict) else found
    return frozenset(word for entry in words for word in split_words(str(entry)))
