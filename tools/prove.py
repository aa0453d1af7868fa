"""Re-execute an edition as other processors would: ``python -m tools.prove [pt]``.

Each notebook is executed under several guises, as if the processor or a library's
choice of instructions were another one. A cell whose text then differs from the
stored text shows more digits than hold everywhere, or a conclusion that does not.
"""

import argparse
import asyncio
import difflib
import json
import os
import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbval.plugin import get_sanitize_patterns
from tqdm import tqdm

from tools.differs import ACCEPTED, read_accepted
from tools.notebooks import ROOT, cell_tags, code_cells, find_notebooks, read
from tools.reproducible import ENVIRONMENT, processor_flags
from tools.run import AT_ONCE, count_cells, execute, package_path

__all__ = ["GUISES", "Guise", "main", "prove"]

SANITIZE = ROOT / "tests" / "sanitize.cfg"
NOT_COMPARED = {
    "application/vnd.jupyter.widget-view+json",
    "image/png",
    "image/svg+xml",
}


@dataclass(frozen=True)
class Guise:
    """Another processor, or another choice of instructions, to compute under.

    Parameters
    ----------
    name : str
        How the report calls it.
    changes : dict
        What its kernels' environment has instead; None takes a variable away.
    needs : str
        The flag in ``/proc/cpuinfo`` without which the guise says nothing.
    """

    name: str
    changes: dict[str, str | None] = field(default_factory=dict)
    needs: str = ""


GUISES = (
    Guise("as stored"),
    Guise("NumPy with AVX-512", {"NPY_DISABLE_CPU_FEATURES": None}, "avx512f"),
    Guise(
        "NumPy without AVX2",
        {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"},
        "avx2",
    ),
    Guise("OpenBLAS for Sandy Bridge", {"OPENBLAS_CORETYPE": "Sandybridge"}, "avx"),
    Guise("OpenBLAS for Skylake-X", {"OPENBLAS_CORETYPE": "SkylakeX"}, "avx512f"),
    Guise("MKL with AVX2, where it is Intel's", {"MKL_CBWR": "AVX2"}, "avx2"),
    Guise(
        "torch's own choice",
        dict.fromkeys(("ATEN_CPU_CAPABILITY", "MKL_CBWR", "ONEDNN_MAX_CPU_ISA")),
    ),
    Guise("hash seed 1", {"PYTHONHASHSEED": "1"}),
)


@dataclass
class Report:
    """What came of executing notebooks under guises."""

    # By cell ("grid-search:scores"): the texts that guises made of the stored one.
    differs: dict[str, dict[tuple[str, str], list[str]]] = field(default_factory=dict)
    failed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    cells: set[str] = field(default_factory=set)


def missing(guise: Guise) -> str:
    """Return which of the processor's features a guise lacks here; empty if none."""
    return "" if not guise.needs or guise.needs in processor_flags() else guise.needs


def _texts(cell: NotebookNode, rules: list[tuple[str, str]]) -> dict[str, str]:
    """Return what nbval would compare of a cell, by kind of output."""
    found: dict[str, list[str]] = defaultdict(list)
    for output in cell.outputs:
        if output.output_type == "stream":
            found[output.name].append(output.text)
        for kind, text in output.get("data", {}).items():
            if kind not in NOT_COMPARED:
                # Figures of plotly are kept as trees, whose keys come in any order.
                is_text = isinstance(text, str)
                found[kind].append(
                    text if is_text else json.dumps(text, sort_keys=True)
                )
    joined = {kind: "\n".join(texts) for kind, texts in found.items()}
    for regex, replacement in rules:
        joined = {kind: re.sub(regex, replacement, s) for kind, s in joined.items()}
    return joined


def _compare(path: Path, new: NotebookNode, guise: str, report: Report) -> None:
    rules = get_sanitize_patterns(SANITIZE.read_text("utf-8"))
    for old, fresh in zip(code_cells(read(path)), code_cells(new), strict=True):
        if "nbval-ignore-output" in cell_tags(old) or fresh.execution_count is None:
            continue
        was, now = _texts(old, rules), _texts(fresh, rules)
        # The plain text of a table says it in fewer lines than its HTML.
        for kind in sorted(was.keys() | now.keys(), key="text/html".__eq__):
            texts = was.get(kind, ""), now.get(kind, "")
            if texts[0] != texts[1]:
                cell = f"{path.stem}:{old.id}"
                report.differs.setdefault(cell, defaultdict(list))[texts].append(guise)
                break


async def _execute_all(paths: list[Path], guises: list[Guise]) -> Report:
    report = Report()
    places = asyncio.Semaphore(AT_ONCE)
    with tqdm(total=count_cells(paths) * len(guises), unit="cell", disable=None) as bar:

        async def one(path: Path, guise: Guise) -> None:
            changed = {**os.environ, **ENVIRONMENT, "PYTHONPATH": package_path()}
            changed |= guise.changes
            environment = {k: v for k, v in changed.items() if v is not None}
            async with places:
                try:
                    notebook, error = await execute(path, bar, environment)
                except DeadKernelError:
                    notebook, error = None, "the kernel died"
            if error:
                report.failed[f"{path.stem}: {error}"].append(guise.name)
            if notebook is not None:
                _compare(path, notebook, guise.name, report)

        await asyncio.gather(*(one(path, guise) for path in paths for guise in guises))
    report.cells = {
        f"{path.stem}:{cell.id}" for path in paths for cell in code_cells(read(path))
    }
    return report


def _show(report: Report, accepted: dict[str, str]) -> None:
    for cell, texts in report.differs.items():
        why = f" (accepted: {accepted[cell]})" if cell in accepted else ""
        print(f"\n{cell} differs{why}")
        for (old, new), guises in texts.items():
            print(f"  under {', '.join(guises)}:")
            lines = difflib.unified_diff(
                old.splitlines(), new.splitlines(), lineterm="", n=0
            )
            for line in list(lines)[2:]:
                if not line.startswith("@@"):
                    print(f"    {line}")
    for error, guises in report.failed.items():
        print(f"\n{error}\n  under {', '.join(guises)}")


def prove(
    paths: list[Path],
    guises: tuple[Guise, ...] = GUISES,
    accepted: dict[str, str] | None = None,
) -> int:
    """Execute notebooks under guises and say which cells' texts differ.

    Parameters
    ----------
    paths : list of Path
        The notebooks, of one language.
    guises : tuple of Guise, optional
        What to execute them under.
    accepted : dict, optional
        Cells that may differ, and why; those of the book by default.

    Returns
    -------
    int
        The exit status: 1 if a cell fails, or differs without being accepted, or
        if one is accepted that is not there.
    """
    accepted = read_accepted() if accepted is None else accepted
    possible = []
    for guise in guises:
        if lacks := missing(guise):
            print(f"not possible here: {guise.name} (the processor lacks {lacks})")
        else:
            possible.append(guise)
    report = asyncio.run(_execute_all(paths, possible))
    _show(report, accepted)
    here = {path.stem for path in paths}
    named = {cell for cell in accepted if cell.partition(":")[0] in here}
    gone = sorted(named - report.cells)
    for cell in gone:
        print(f"\n{cell} is accepted but does not exist: remove it from the list")
    for cell in sorted(named - set(gone) - set(report.differs)):
        print(f"\n{cell} is accepted but did not differ: is it still needed?")
    new = sorted(set(report.differs) - set(accepted))
    print(
        f"\n{len(paths)} notebooks under {len(possible)} guises: "
        f"{len(report.failed)} failures, {len(report.differs)} cells differ, "
        f"{len(report.differs) - len(new)} of them accepted."
    )
    if new:
        print(
            "Print fewer digits, or the order instead of the value; or accept the "
            f"cell with its reason in {ACCEPTED.relative_to(ROOT).as_posix()}."
        )
    return int(bool(new or gone or report.failed))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.prove", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("language", nargs="?", default="pt", help="default: pt")
    parser.add_argument("--chapter", help="only this one; default: the whole edition")
    options = parser.parse_args(arguments)
    paths = find_notebooks(options.language)
    if options.chapter:
        paths = [path for path in paths if path.stem == options.chapter]
        if not paths:
            parser.error(f"no such chapter: {options.chapter}")
    return prove(paths)


if __name__ == "__main__":
    sys.exit(main())
