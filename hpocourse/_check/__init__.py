"""Instant feedback on the exercises: ``check`` an answer, ask for a ``hint``."""

from ._feedback import check, hint

__all__ = ["check", "hint"]
