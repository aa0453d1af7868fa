"""Execute notebooks in place: ``python -m tools.run [--all] [NOTEBOOK …]``."""

import argparse
import asyncio
import os
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from tqdm import tqdm

from tools.notebooks import (
    ROOT,
    UnreadableError,
    code_cells,
    code_hash,
    find_notebooks,
    folder_of,
    label,
    read,
    write,
)
from tools.pictures import FORMATS, store_pictures
from tools.reproducible import ENVIRONMENT
from tools.restore import clean, restore

ANSI = re.compile(r"\x1b\[[0-9;]*m")

__all__ = [
    "AT_ONCE",
    "count_cells",
    "execute",
    "is_stale",
    "main",
    "normalize",
    "package_path",
    "run",
]

AT_ONCE = 2  # measured: two processes of one thread each beat two threads
SLOW = 60.0  # seconds; a chapter should execute in less
CELL_TIMEOUT = 900


@dataclass
class Result:
    """What became of one notebook."""

    path: Path
    seconds: float
    changed: bool = False
    error: str = ""


def is_stale(notebook: NotebookNode) -> bool:
    """Return whether a notebook's code changed since it was last executed."""
    executed = notebook.metadata.get("hpocourse", {}).get("executed")
    return bool(code_cells(notebook)) and executed != code_hash(notebook)


def normalize(notebook: NotebookNode, folder: str) -> None:
    """Remove from an executed notebook all that differs from run to run."""
    clean(notebook)
    notebook.metadata["hpocourse"].update(language=folder, executed=code_hash(notebook))
    for count, cell in enumerate(code_cells(notebook), start=1):
        cell.execution_count = count
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count


def _reason(error: CellExecutionError | CellTimeoutError) -> str:
    """Say in words and without colors why a cell failed."""
    if isinstance(error, CellTimeoutError):
        return f"it ran for more than {CELL_TIMEOUT} s"
    trace = re.split(r"^-{40,}$", ANSI.sub("", error.traceback), flags=re.MULTILINE)[-1]
    shown = "\n".join(f"    {line}" for line in trace.strip().splitlines()[-30:])
    return f"{error.ename}: {error.evalue}\n{shown}"


async def execute(
    path: Path, bar: tqdm, environment: dict[str, str] | None = None
) -> tuple[NotebookNode, str]:
    """Execute one notebook without touching its file.

    Parameters
    ----------
    path : Path
        The notebook; its folder is where its kernel runs.
    bar : tqdm
        Moves on by one with each cell.
    environment : dict, optional
        The kernel's environment variables; those of this process by default.

    Returns
    -------
    notebook : NotebookNode
        The notebook with its new outputs, up to the cell that failed.
    error : str
        Which cell failed and why; empty if none did.

    Raises
    ------
    nbclient.exceptions.DeadKernelError
        If the kernel dies.
    """
    notebook = read(path)
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    manager = AsyncKernelManager(
        kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[])
    )
    running: list[NotebookNode] = []
    client = NotebookClient(
        notebook,
        km=manager,
        timeout=CELL_TIMEOUT,
        startup_timeout=CELL_TIMEOUT,
        coalesce_streams=True,
        record_timing=False,
        extra_arguments=["--log-level=ERROR", FORMATS],
        store_widget_state=False,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_execute=lambda cell, cell_index: running.append(cell),
        on_cell_executed=lambda **_: bar.update(),
    )
    try:
        await client.async_execute(**({"env": environment} if environment else {}))
    except (CellExecutionError, CellTimeoutError) as error:
        return notebook, f"cell {running[-1].get('id')}: {_reason(error)}"
    finally:
        if manager.has_kernel:
            await manager.shutdown_kernel(now=True)
        # The client leaves them open where the manager is not its own: its signs of
        # life would reach the next kernel that gets the port, whose cells show them.
        if client.kc is not None:
            client.kc.stop_channels()
    return notebook, ""


async def _execute(path: Path, bar: tqdm) -> Result:
    """Execute one notebook and replace its file if no cell fails."""
    start = time.perf_counter()
    notebook, error = await execute(path, bar)
    seconds = time.perf_counter() - start
    if error:
        return Result(path, seconds, error=f"{label(path)}: {error}")
    normalize(notebook, folder_of(path))
    store_pictures(notebook)
    return Result(path, seconds, changed=write(path, notebook))


def count_cells(paths: list[Path]) -> int:
    """Return how many cells are executed in some notebooks."""
    return sum(
        bool(cell.source.strip()) for path in paths for cell in code_cells(read(path))
    )


async def _execute_all(paths: list[Path]) -> list[Result]:
    places = asyncio.Semaphore(AT_ONCE)
    with tqdm(total=count_cells(paths), unit="cell", disable=None) as bar:

        async def one(path: Path) -> Result:
            async with places:
                return await _execute(path, bar)

        return await asyncio.gather(*(one(path) for path in paths))


def _files(folders: set[Path]) -> set[Path]:
    return {path for folder in folders for path in folder.rglob("*") if path.is_file()}


def package_path() -> str:
    """Return a ``PYTHONPATH`` on which this checkout's package comes first."""
    return os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])


def run(paths: list[Path], *, everything: bool = False) -> int:
    """Execute notebooks in place, those only whose code changed if not all.

    First each is brought back into the book's format, whoever saved it.

    Returns
    -------
    int
        The exit status: 1 if a notebook cannot be read, fails or leaves files
        behind.
    """
    lost = False
    for path in paths:
        try:
            write(path, restore(path))
        except UnreadableError as error:
            print(error, file=sys.stderr)
            lost = True
    if lost:
        return 1
    chosen = [path for path in paths if everything or is_stale(read(path))]
    if not chosen:
        print("No notebook's code changed since it was last executed (ALL=1 runs all).")
        return 0
    os.environ.update(ENVIRONMENT)
    os.environ["PYTHONPATH"] = package_path()
    folders = {path.parent for path in chosen}
    before = _files(folders)
    try:
        results = asyncio.run(_execute_all(chosen))
    except DeadKernelError:
        message = "A kernel died or was interrupted: what had not ended was not kept."
        print(message, file=sys.stderr)
        return 1
    left = sorted(_files(folders) - before)
    for result in results:
        state = "FAILED" if result.error else "changed" if result.changed else "same"
        slow = f"  (over {SLOW:.0f} s)" if result.seconds > SLOW else ""
        print(f"{result.seconds:7.1f} s  {state:7}  {label(result.path)}{slow}")
    for result in results:
        if result.error:
            print(f"\n{result.error}", file=sys.stderr)
    for path in left:
        print(
            f"{label(path)} was left behind by a notebook: let it write to a "
            "temporary folder",
            file=sys.stderr,
        )
    return int(bool(left) or any(result.error for result in results))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.run", description=__doc__)
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: the book's")
    parser.add_argument(
        "--all", action="store_true", help="also those whose code did not change"
    )
    options = parser.parse_args(arguments)
    for path in options.notebooks:
        if not path.is_file():
            parser.error(f"no such notebook: {path}")
    paths = [path.resolve() for path in options.notebooks] or find_notebooks()
    return run(paths, everything=options.all)


if __name__ == "__main__":
    sys.exit(main())
