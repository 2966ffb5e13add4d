"""``python -m vlmdiag_widgets`` is the ``vlmdiag`` command."""

from __future__ import annotations

import sys

from vlmdiag_widgets.cli import main

sys.exit(main())
