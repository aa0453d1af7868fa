"""Which translation agrees with which text: noted in the metadata of cells.

A note names the source's text and the target's text that were last seen to
agree, by their hashes: ``pt:9eb37d31:d33b877f``.
"""

import hashlib
import re

from nbformat import NotebookNode

from tools.codetext import slots
from tools.notebooks import figure

__all__ = [
    "NEVER",
    "agreement",
    "differ",
    "digest",
    "has_words",
    "is_noted",
    "note",
    "state_of",
    "texts_of",
    "why",
]

NEVER = "-"  # the source with which a copied text agrees: none


def texts_of(cell: NotebookNode) -> list[str]:
    """Return all that is written in a language in a cell."""
    if cell.cell_type != "code":
        return [cell.source]
    about = figure(cell)
    return [
        *(slot.text for slot in slots(cell.source)),
        *(about[key] for key in ("caption", "alt") if key in about),
    ]


def digest(cell: NotebookNode) -> str:
    """Return a short hash of all that is written in a language in a cell."""
    joined = "\0".join(texts_of(cell))
    return hashlib.sha256(joined.encode("utf-8")).hexdigest()[:8]


def has_words(cell: NotebookNode) -> bool:
    """Return whether anything in a cell is to be translated."""
    return any(re.search(r"[^\W\d_]{2}", text) for text in texts_of(cell))


def agreement(
    cell: NotebookNode, before: str, old: str | None, source: NotebookNode, origin: str
) -> tuple[str, bool]:
    """Return the state to keep in a cell, and whether its text needs a look.

    The state names the source's text and the target's text that were last seen
    to agree: a change of the first alone calls for a look until the second
    changes too.
    """
    now, there = digest(cell), digest(source)
    kept = (old or "").split(":")
    if len(kept) != 3 or kept[0] != origin:
        return f"{origin}:{there}:{now}", False
    if kept[1] == there or kept[2] != before:
        return f"{origin}:{there}:{now}", False
    return f"{origin}:{kept[1]}:{now}", True


def state_of(cell: NotebookNode) -> str | None:
    """Return which texts were last seen to agree, as it is noted in a cell."""
    return cell.metadata.get("hpocourse", {}).get("source")


def note(cell: NotebookNode, own: dict[str, object], state: str | None) -> None:
    """Write what a cell says of itself, and which texts agree, into its metadata."""
    cell.metadata.pop("hpocourse", None)
    about = own if state is None else {**own, "source": state}
    if about:
        cell.metadata["hpocourse"] = about


def differ(old: str | None, new: str | None) -> bool:
    """Return whether a new state says more of the same source than the old one."""
    kept, made = (old or "").split(":"), (new or "").split(":")
    return kept[0] == made[0] and kept[1:2] != made[1:2]


def is_noted(cell: NotebookNode, source: NotebookNode) -> bool:
    """Return whether the change of a translation is noted that followed its source.

    Were it not, the source's next change would be taken for one that has been
    followed already.
    """
    kept = (state_of(cell) or "").split(":")
    return len(kept) != 3 or kept[1] == digest(source) or kept[2] == digest(cell)


def why(state: str, cell: NotebookNode, origin: str) -> str:
    """Say why a cell whose texts do not agree with the source's needs a look."""
    if f":{NEVER}:" in state:
        return "to translate"
    what = "prose" if cell.cell_type == "markdown" else "texts of the code"
    return f"{what} changed in {origin}, not yet here"
