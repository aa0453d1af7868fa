"""Instant feedback on the exercises of the chapters, in the notebook's language."""

from ._check import check, hint

__all__ = ["check", "hint"]
