"""The cells of the book whose text may be another on another processor."""

from pathlib import Path

import yaml

from tools.notebooks import ROOT

__all__ = ["ACCEPTED", "read_accepted"]

ACCEPTED = ROOT / "book" / "differs.yml"


def read_accepted(path: Path = ACCEPTED, pinned: bool = True) -> dict[str, str]:
    """Return the cells (``"chapter:cell-id"``) that may differ, and why.

    Parameters
    ----------
    path : Path, optional
        The list.
    pinned : bool, default=True
        Whether to return those, too, that differ only under guises which
        `tools.reproducible` keeps from this machine: tests compare them all the same.

    Raises
    ------
    ValueError
        If an entry is not a cell's name with its reason.
    """
    entries = yaml.safe_load(path.read_text("utf-8")) or {}
    accepted = {}
    for cell, entry in entries.items():
        is_pinned = isinstance(entry, dict) and list(entry) == ["pinned"]
        why = entry["pinned"] if is_pinned else entry
        if ":" not in cell or not isinstance(why, str) or not why.strip():
            raise ValueError(
                f"{path.name}: {cell!r}: {entry!r} is not an entry: write "
                "`chapter:cell-id: the reason why its text may differ`, or the reason "
                "after `pinned:` where every machine with AVX2 prints the same"
            )
        if pinned or not is_pinned:
            accepted[cell] = why
    return accepted
