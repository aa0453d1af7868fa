"""Compute what is stored seed by seed, so that it can be interrupted."""

from time import process_time

import pandas as pd

__all__ = ["add_seeds"]


def add_seeds(file, n_seeds, compute):
    """Compute the seeds that a file lacks, and save it after each.

    Parameters
    ----------
    file : pathlib.Path
        A table with a column ``seed``, or where it is to be.
    n_seeds : int
        How many seeds it is to have, from 0.
    compute : callable
        Returns the rows of a seed, a :class:`pandas.DataFrame`.
    """
    parts, start = [], process_time()
    if file.exists():
        parts = [part for _, part in pd.read_csv(file).groupby("seed")]
    for seed in range(len(parts), n_seeds):
        parts.append(compute(seed))
        part = file.with_suffix(".part")
        pd.concat(parts).to_csv(part, index=False, lineterminator="\n")
        part.replace(file)
        seconds = process_time() - start
        print(f"seed {seed}{seconds:8.0f} CPU seconds", flush=True)
