"""Give code from one language the translated texts of another."""

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from tools.codetext import Slot, skeleton, slots

__all__ = ["Transplant", "transplant"]

TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass
class Transplant:
    """Code with another language's texts.

    Attributes
    ----------
    text : str
        The source of the cell.
    missing : list of str
        Texts that still stand in the language of the code.
    dropped : list of str
        Translations for which the code has no place any more.
    doubtful : list of tuple of str
        Pairs of text and translation that were kept though the code around
        them changed.
    """

    text: str
    missing: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    doubtful: list[tuple[str, str]] = field(default_factory=list)


def _tokens(source: str, found: list[Slot]) -> list[tuple[str, Slot | None]]:
    """Cut code into tokens, each piece of text being one."""
    tokens: list[tuple[str, Slot | None]] = []
    end = 0
    for slot in found:
        tokens += [(token, None) for token in TOKEN.findall(source[end : slot.start])]
        tokens.append((f"\0{slot.key}", slot))
        end = slot.end
    tokens += [(token, None) for token in TOKEN.findall(source[end:])]
    return tokens


def _pairs(
    code: list[tuple[str, Slot | None]], old: list[tuple[str, Slot | None]]
) -> dict[Slot, Slot]:
    """Pair texts of the same kind in the longest stretches of equal code."""
    matcher = SequenceMatcher(
        None, [token for token, _ in code], [token for token, _ in old], autojunk=False
    )
    pairs = {}
    for i, j, size in matcher.get_matching_blocks():
        for k in range(size):
            ours, theirs = code[i + k][1], old[j + k][1]
            if ours is not None and theirs is not None:
                pairs[ours] = theirs
    return pairs


def _fields(text: str) -> list[tuple[int, int]]:
    """Return where the replacement fields of an f-string stand."""
    places, depth, start, i = [], 0, 0, 0
    while i < len(text):
        if depth == 0 and text[i : i + 2] in {"{{", "}}"}:
            i += 2
            continue
        if text[i] == "{":
            start = start if depth else i
            depth += 1
        elif text[i] == "}" and depth:
            depth -= 1
            if depth == 0:
                places.append((start, i + 1))
        i += 1
    return places


def _translated(slot: Slot, old: Slot, source: str) -> str | None:
    """Return the translation as it has to stand in the new code, if it can."""
    if slot.key == "comment":
        line = source.rfind("\n", 0, slot.start) + 1
        indent = "\n" + source[line : slot.start]
        return indent.join(part.strip() for part in old.text.split("\n"))
    if slot.fields == old.fields:
        return old.text
    new, places = _fields(slot.text), _fields(old.text)
    if not len(new) == len(places) == len(slot.fields) == len(old.fields):
        return None
    text = old.text
    for (start, end), (a, b) in reversed(list(zip(places, new, strict=True))):
        text = text[:start] + slot.text[a:b] + text[end:]
    return text


def transplant(source: str, old: str) -> Transplant:
    """Return the code of ``source`` with the texts of ``old``.

    Parameters
    ----------
    source : str
        A cell in the language whose code is right.
    old : str
        The same cell, as it stands in another language.
    """
    ours, theirs = slots(source), slots(old)
    pairs = _pairs(_tokens(source, ours), _tokens(old, theirs))
    same = skeleton(source) == skeleton(old)
    result, used, parts, end = Transplant(source), set(), [], 0
    for slot in ours:
        mate = pairs.get(slot)
        text = None if mate is None else _translated(slot, mate, source)
        if text is None:
            if re.search(r"[^\W\d_]{2}", slot.text):
                result.missing.append(slot.text)
            text = slot.text
        else:
            used.add(mate)
            if not same:
                result.doubtful.append((slot.text, text))
        parts += [source[end : slot.start], text]
        end = slot.end
    result.text = "".join([*parts, source[end:]])
    result.dropped = [slot.text for slot in theirs if slot not in used]
    if skeleton(result.text) != skeleton(source):
        # A translation that does not fit this code would change it.
        every = [slot.text for slot in ours]
        return Transplant(source, every, [slot.text for slot in theirs])
    return result
