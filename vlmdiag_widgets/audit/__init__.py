"""The audit: what the user edits, what follows from it, background jobs, undo, save and load."""

from __future__ import annotations

from vlmdiag_widgets.audit.audit import Audit
from vlmdiag_widgets.audit.extremes import AuditDirections
from vlmdiag_widgets.audit.jobs import JobCancelled, JobInfo, ResultError
from vlmdiag_widgets.audit.node import ResultEvent
from vlmdiag_widgets.audit.projection import AuditProjection
from vlmdiag_widgets.audit.saliency import SaliencyResult
from vlmdiag_widgets.audit.selection import Selection

__all__ = [
    "Audit",
    "AuditDirections",
    "AuditProjection",
    "JobCancelled",
    "JobInfo",
    "ResultError",
    "ResultEvent",
    "SaliencyResult",
    "Selection",
]
