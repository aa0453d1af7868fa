"""The cells of the book whose text may be another on another processor."""

from pathlib import Path

import yaml

from tools.notebooks import ROOT

__all__ = ["ACCEPTED", "read_accepted"]

ACCEPTED = ROOT / "book" / "differs.yml"


def read_accepted(path: Path = ACCEPTED) -> dict[str, str]:
    """Return the cells (``"chapter:cell-id"``) that may differ, and why.

    Raises
    ------
    ValueError
        If an entry is not a cell's name with its reason.
    """
    entries = yaml.safe_load(path.read_text("utf-8")) or {}
    for cell, why in entries.items():
        if ":" not in cell or not isinstance(why, str) or not why.strip():
            raise ValueError(
                f"{path.name}: {cell!r}: {why!r} is not an entry: write "
                "`chapter:cell-id: the reason why its text may differ`"
            )
    return entries
