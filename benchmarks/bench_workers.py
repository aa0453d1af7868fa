"""Compare two workers with one, once both are warm, side by side in one run.

Run ``python benchmarks/bench_workers.py``. The objective takes 0.2 s of processor
time. The time counts from the first result of each worker on, when its process has
been started. It ends with status 1 if the median of the ratios misses the goal.
"""

import statistics
import sys
import time

from optuna.distributions import FloatDistribution

from hpocourse import search

REPEATS = 5
N_TRIALS = 20
GOAL = 1.8
SPACE = {"x": FloatDistribution(0, 1)}


def work(parameters):
    """Compute for 0.2 s of this process's time."""
    end = time.process_time() + 0.2
    while time.process_time() < end:
        pass
    return parameters["x"]


def seconds_a_trial(workers):
    """Return the time of a trial, without the first of each worker."""
    told = []
    search.run(
        work,
        SPACE,
        n_trials=N_TRIALS,
        workers=workers,
        progress=False,
        callbacks=[lambda study, trial: told.append(time.perf_counter())],
    )
    return (told[-1] - told[workers - 1]) / (N_TRIALS - workers)


def main():
    """Print the times of a trial and their ratio; return the exit status."""
    pairs = [(seconds_a_trial(1), seconds_a_trial(2)) for _ in range(REPEATS)]
    one, two = (1000 * statistics.median(times) for times in zip(*pairs, strict=True))
    print(f"a trial, milliseconds, {REPEATS} searches each: {one:.0f}, {two:.0f}")
    ratio = statistics.median(one / two for one, two in pairs)
    verdict = "met" if ratio >= GOAL else "MISSED"
    print(f"one / two workers: {ratio:.2f} (goal: at least {GOAL}, {verdict})")
    return int(ratio < GOAL)


if __name__ == "__main__":
    sys.exit(main())
