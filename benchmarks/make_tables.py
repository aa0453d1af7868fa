"""Train every configuration of the tables that the benchmarks look values up in.

Run ``python benchmarks/make_tables.py [NAME…]``: it trains what is missing, half
an hour of one core for everything. Each hundred rows are saved, so that it can
be interrupted and run again. Delete a table to train it anew; on the same versions
and the same kind of processor the values are the same. With ``--check``, three rows
of each table are trained again and compared instead.
"""

import argparse
import gzip
import io
import os
import sys
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.reproducible import ENVIRONMENT

os.environ.update(ENVIRONMENT)  # before NumPy and torch are imported

import numpy as np
import pandas as pd
from problems import PROBLEMS, design, load_problem
from trainings import TRAININGS

from hpocourse._search_table import VALUES

SEED = 0
ROWS = 1024
#: Of problems that are small, or of many parameters.
OTHER_ROWS = {
    "svc_digits": 512,
    "forest_digits": 512,
    "boosting_cancer": 512,
    "digits_network": 2048,
}
SAVED_EVERY = 100


def train(problem, params):
    """Train one configuration.

    Parameters
    ----------
    problem : Problem
        Which training.
    params : dict
        The configuration.

    Returns
    -------
    list of float
        The value of each repeat, with the six digits that the table keeps.
    """
    return [float(f"{value:.6g}") for value in TRAININGS[problem.name](params)]


def write_table(path, table):
    """Write a table whole or not at all, the same bytes for the same values.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    table : pandas.DataFrame
        What it shall hold.
    """
    path.parent.mkdir(exist_ok=True)
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:
        file.write(table.to_csv(index=False, lineterminator="\n").encode())
    part = path.with_suffix(".part")
    part.write_bytes(packed.getvalue())
    part.replace(path)


def make(problem):
    """Train the rows of a table that are missing, and save them.

    Parameters
    ----------
    problem : Problem
        Its table.
    """
    configurations = design(
        problem.space, OTHER_ROWS.get(problem.name, ROWS), seed=SEED
    )
    names = list(problem.space)
    rows = []
    if problem.path.exists():
        rows = load_problem(problem.name).frame.to_dict("records")
        stored = [{name: row[name] for name in names} for row in rows]
        if stored != configurations[: len(rows)]:
            raise SystemExit(
                f"{problem.path} holds configurations of another space or another "
                "design; delete it to train it anew"
            )
    start, n_stored = process_time(), len(rows)
    for params in configurations[n_stored:]:
        rows.append(params | dict(zip(VALUES, train(problem, params), strict=True)))
        if len(rows) % SAVED_EVERY == 0 or len(rows) == len(configurations):
            write_table(problem.path, pd.DataFrame(rows))
            seconds = process_time() - start
            print(
                f"{problem.name:<20}{len(rows):>6} of {len(configurations)} rows"
                f"{seconds:8.0f} CPU seconds",
                flush=True,
            )


def check(problem, n_rows=3):
    """Train rows of a table again, and print how far they are from what is stored.

    Parameters
    ----------
    problem : Problem
        Its table.
    n_rows : int, default=3
        How many rows, drawn at random, by a new seed at each call.

    Returns
    -------
    bool
        Whether the values are the same to five digits.
    """
    drawn = problem.frame.sample(n_rows, random_state=np.random.default_rng())
    params = drawn[list(problem.space)].to_dict("records")
    again = np.array([train(problem, p) for p in params])
    stored = drawn[VALUES].to_numpy()
    same = np.allclose(again, stored, rtol=1e-5)
    print(
        f"{problem.name:<20} rows {', '.join(map(str, drawn.index))}: "
        f"largest difference {np.abs(again - stored).max():.2g}",
        flush=True,
    )
    return same


def main():
    """Train, or check, the problems named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(PROBLEMS)}"
    )
    parser.add_argument("--check", action="store_true", help="train three rows again")
    options = parser.parse_args()
    if unknown := set(options.names) - set(PROBLEMS):
        parser.error(f"no problem {', '.join(unknown)}; known: {', '.join(PROBLEMS)}")
    problems = [PROBLEMS[name] for name in options.names or PROBLEMS]
    if options.check:
        return int(not all([check(problem) for problem in problems]))
    for problem in problems:
        make(problem)
    return 0


if __name__ == "__main__":
    sys.exit(main())
