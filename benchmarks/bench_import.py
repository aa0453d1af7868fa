"""Compare importing hpocourse with importing NumPy, each in fresh processes.

Run ``python benchmarks/bench_import.py [RUNS]``. It ends with status 1 if the
ratio of the medians misses the goal.
"""

import subprocess
import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
MODULES = ("numpy", "hpocourse")
RUNS = 9
GOAL = 1.2
CODE = """
from time import perf_counter
start = perf_counter()
import {module}
print(perf_counter() - start)
"""


def seconds(module):
    """Return how long a fresh interpreter takes to import a module."""
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(module=module)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


def main(runs=RUNS):
    """Print a table of both medians and their ratio; return the exit status."""
    times = {module: [] for module in MODULES}
    for run in range(runs + 1):
        for module in MODULES:
            taken = seconds(module)
            if run > 0:  # the first run only fills the disk's cache
                times[module].append(taken)
    print(f"import, milliseconds, {runs} fresh processes each, alternating")
    print(f"{'module':<12}{'median':>8}{'least':>8}{'most':>8}")
    for module, taken in times.items():
        row = (f"{1000 * f(taken):8.1f}" for f in (median, min, max))
        print(f"{module:<12}{''.join(row)}")
    ratio = median(times["hpocourse"]) / median(times["numpy"])
    verdict = "met" if ratio <= GOAL else "MISSED"
    print(f"hpocourse / numpy: {ratio:.2f} (goal: at most {GOAL}, {verdict})")
    return int(ratio > GOAL)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
