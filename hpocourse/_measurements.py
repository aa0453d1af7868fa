"""Measurements that chapters read: those that take long or differ between machines.

In the repository, ``make_scaling.py``, ``make_widths.py``, ``make_seed_noise.py`` and
``make_bayesian_searches.py`` of ``benchmarks`` measure them anew.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ._validation import check_choice

MEASUREMENTS = Path(__file__).parent / "measurements"
#: Of searches with several workers.
SCALING = ("speed", "ways", "killed", "retries", "timeline", "pending", "throughput")
NAMES = (*SCALING, "widths", "seed_noise", "bayesian_searches")


def load_measurements(name: str) -> pd.DataFrame:
    """Load what was measured beforehand: searches, and trainings of networks.

    Times were measured on two cores, with Optuna 5 and PostgreSQL 15, on a machine that
    did other work besides, but for ``"speed"``. Trials sleep instead of computing, so
    that more of them than there are cores can run at once; those of ``"speed"``
    compute, too.

    Parameters
    ----------
    name : {"speed", "ways", "killed", "retries", "timeline", "pending", \
        "throughput", "widths", "seed_noise", "bayesian_searches"}
        Which:

        ``"speed"``
            Seconds of whole searches, two of each: by what a trial does (``"waits"``,
            a loop in ``"python"``, or products of matrices in ``"numpy"``, with one
            thread a trial), the seconds that it takes alone, the number of workers and
            the way: Optuna's threads, or processes under ``search.run``, which have
            started before. Nothing else ran on the machine's two cores. How much
            computing makes a second was measured once, before.
        ``"ways"``
            Four runs each of the same search with two workers in several ways, and
            what each trial proposed.
        ``"killed"``
            The trials of a study that three processes shared on PostgreSQL, one of
            which was killed; seconds since the first trial began.
        ``"retries"``
            How many trials Optuna's own heartbeat and retries left in the same case,
            where 24 completed ones were asked for.
        ``"timeline"``
            When four workers began and ended trials, some of them slow, in batches and
            without waiting for each other.
        ``"pending"``
            Regret after so many trials on the table ``"svr_wave"``, searched by one, 8
            and 24 simulated workers over 30 seeds, with Optuna's constant liar on, off,
            and by random search; the clock counts mean trials.
        ``"throughput"``
            Empty trials a second of all processes together, by storage; ``"grpc"`` is
            Optuna's proxy before PostgreSQL.
        ``"widths"``
            Cross-entropy on the validation set of the digits after 8 epochs of Adam in
            batches of 64, the rate falling by a cosine, of networks with two hidden
            layers of the same width: by width, learning rate and seed, with PyTorch's
            own initial weights (``"standard"``) and with the maximal update
            parametrization relative to width 32 (``"mup"``).
        ``"seed_noise"``
            Accuracy on the validation set of the digits after 10 epochs of Adam, rate
            0.01 in batches of 64, of a network with 64 hidden neurons whose images are
            moved at random by at most one pixel, anew in each epoch: of a training
            that takes its weights, the order of the images and their moves from one
            seed (``"first"``), and again with another seed of one of the three, or of
            ``"all"``.
        ``"bayesian_searches"``
            The trials of searches by the library bayesian-optimization in the table
            ``"digits_network"``, five of them at random, with ReLU, batches of 32 and
            weight decay 0.001: what was asked for, and the value that it has with the
            seed of the search.

    Returns
    -------
    pandas.DataFrame
        A row for each search, trial, number of processes or training.

    Raises
    ------
    ValueError
        If there is no such measurement; the message lists all.

    Examples
    --------
    >>> from hpocourse import load_measurements
    >>> list(load_measurements("throughput"))
    ['storage', 'processes', 'trials_a_second']
    """
    check_choice(name, "name", NAMES)
    return pd.read_csv(MEASUREMENTS / f"{name}.csv")
