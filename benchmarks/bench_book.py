"""Compare building after one notebook changed with building its edition anew.

What `make book` runs is timed, in a copy of the tree: once after a sentence of
one chapter has changed, when one edition and the combined book are built again,
and once for that edition alone, from nothing. Run
``python benchmarks/bench_book.py [RUNS]``. It ends with status 1 if the ratio
of the medians misses the goal.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).parents[1]
COPIED = ("_config.yml", "_toc.yml", "pyproject.toml")
COPIED += ("book", "hpocourse", "site", "tools")
RUNS = 5
GOAL = 1.5


def copy_tree(tree):
    """Copy what building takes, so that nothing here changes the checkout."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, tree / name, ignore=ignore)
        else:
            shutil.copy(ROOT / name, tree)


def seconds(tree, *arguments):
    """Return how long the build takes."""
    start = perf_counter()
    subprocess.run(
        [sys.executable, "-m", "tools.build", *arguments],
        cwd=tree,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return perf_counter() - start


def change(path, run):
    """Change a sentence of a notebook."""
    notebook = json.loads(path.read_text("utf-8"))
    cell = next(c for c in notebook["cells"] if c["cell_type"] == "markdown")
    cell["source"] = ["".join(cell["source"]), f"\n\n{run}"]
    path.write_text(json.dumps(notebook), "utf-8")


def main(runs=RUNS):
    """Print a table of both medians and their ratio; return the exit status."""
    times = {"one notebook changed": [], "that edition alone": []}
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        copy_tree(tree)
        seconds(tree)
        for run in range(runs):
            change(tree / "book" / "pt" / "grid-search.ipynb", run)
            times["one notebook changed"].append(seconds(tree))
            shutil.rmtree(tree / "_build" / ".work" / "pt")
            shutil.rmtree(tree / "_build" / "site" / "pt")
            times["that edition alone"].append(seconds(tree, "--only", "pt"))
    print(f"building, seconds, {runs} runs each, alternating")
    print(f"{'':<22}{'median':>8}{'least':>8}{'most':>8}")
    for name, taken in times.items():
        row = (f"{f(taken):8.2f}" for f in (median, min, max))
        print(f"{name:<22}{''.join(row)}")
    changed, alone = map(median, times.values())
    ratio = changed / alone
    verdict = "met" if ratio <= GOAL else "MISSED"
    print(f"changed / edition: {ratio:.2f} (goal: at most {GOAL}, {verdict})")
    return int(ratio > GOAL)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
