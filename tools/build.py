"""Build the three editions, the combined book and the root pages.

The editions are derived from the same ``_config.yml`` and ``_toc.yml`` as the
combined book, which plain ``jupyter-book build .`` makes too. What has not
changed is not built again. Nothing is executed: the pages show the outputs
that are stored in the notebooks.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from tools.books import PROGRESS, ROOT, SITE, Job, build_book, jobs
from tools.changes import own_state, shared_state

from hpocourse_pages import (  # isort: skip  # tools.books says where it lies
    commit_dates,
    write_root_pages,
)

__all__ = ["build", "main"]


class _Display:
    """Shows on one line how far each book is, where somebody looks."""

    def __init__(self) -> None:
        self.live = sys.stderr.isatty()
        self.lock = threading.Lock()
        self.states: dict[str, str] = {}

    def _draw(self, line: str) -> None:
        if self.live:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r{line[:width]:<{width}}\r", end="", file=sys.stderr, flush=True)

    def update(self, name: str, state: str | None) -> None:
        with self.lock:
            self.states[name] = state or ""
            shown = (f"{name}: {state}" for name, state in self.states.items() if state)
            self._draw("   ".join(shown))

    def report(self, job: Job, text: str) -> None:
        self.update(job.name, None)
        with self.lock:
            self._draw("")
            print(text, flush=True)


def _build_elsewhere(job: Job, state: dict[str, str], display: _Display) -> bool:
    """Build one book in a process of its own, unless it is as it was."""
    place = (job.output / "index.html").relative_to(ROOT).as_posix()
    stamp = job.work / "state.json"
    before = json.loads(stamp.read_text("utf-8")) if stamp.exists() else {}
    if before == state and (ROOT / place).exists():
        display.report(job, f"{job.title:<14} {place}  (nothing has changed)")
        return True
    if before.get("shared") != state["shared"]:
        # Sphinx does not see changes of its extensions, nor pages that are gone.
        shutil.rmtree(job.work, ignore_errors=True)
        shutil.rmtree(job.output, ignore_errors=True)
    stamp.unlink(missing_ok=True)
    started = time.perf_counter()
    display.update(job.name, "starting")
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.build", "--in-this-process", job.name],
        cwd=ROOT,
        env=os.environ | {"PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    messages = ""
    for line in process.stdout:
        if line.startswith(PROGRESS):
            display.update(job.name, line.removeprefix(PROGRESS).strip())
        else:
            messages += line
    if process.wait() == 0:
        stamp.write_text(json.dumps(state), "utf-8")
        seconds = time.perf_counter() - started
        display.report(job, f"{messages}{job.title:<14} {place}  ({seconds:.1f} s)")
        return True
    # The next build has to find the same faults again.
    shutil.rmtree(job.work, ignore_errors=True)
    display.report(job, f"{messages}{job.title}: not built, for the reasons above")
    return False


def build(names: list[str] | None = None) -> bool:
    """Build what has changed, two books side by side.

    Parameters
    ----------
    names : list of str, optional
        Names of books: folders of editions, or ``"combined"``. All by default.

    Returns
    -------
    bool
        Whether every book is whole.
    """
    chosen = [job for job in jobs().values() if names is None or job.name in names]
    shared, dates = shared_state(), commit_dates(ROOT)
    display = _Display()
    write_root_pages(SITE)
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = [
            pool.submit(
                _build_elsewhere,
                job,
                {"shared": shared, "own": own_state(job, dates)},
                display,
            )
            for job in chosen
        ]
        whole = all([result.result() for result in results])
    place = (SITE / "index.html").relative_to(ROOT).as_posix()
    print(f"{'root page':<14} {place}")
    return whole


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : list of str, optional
        Those of the command line by default.

    Returns
    -------
    int
        The exit status: 1 where a book has a fault.
    """
    parser = argparse.ArgumentParser(
        prog="python -m tools.build",
        description="Build the editions, the combined book and the root pages.",
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=list(jobs()),
        help="build this book only; may be given several times",
    )
    parser.add_argument("--in-this-process", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.in_this_process:
        return build_book(jobs()[options.in_this_process])
    return 0 if build(options.only) else 1


if __name__ == "__main__":
    sys.exit(main())
