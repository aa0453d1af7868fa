"""Results of comparing the methods, kept so that they can be judged without hours.

``bench_methods.py``, ``bench_trained.py`` and ``bench_conditions.py`` of ``benchmarks``
in the repository compute them and write them here.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ._validation import check_choice

RESULTS = Path(__file__).parent / "results"
#: Of each way to evaluate a proposal: the file of its results.
FILES = {
    "tables": "methods.csv",
    "trainings": "trained.csv",
    "unseen": "unseen/methods.csv",
    "conditions": "conditions.csv",
}


def load_method_results(source: str = "tables") -> pd.DataFrame:
    """Load what each method left of the way to the optimum, run by run.

    A run is a method on a problem with a seed. Its regret is how much worse than the
    best row of the problem's table the configuration is that its user would choose,
    the one with the best value seen, judged by its mean over three repeats. It is
    divided by what random search leaves on average after ten trials, so that 1 is
    about that and problems can be put together.

    Parameters
    ----------
    source : {"tables", "trainings", "unseen", "conditions"}, default="tables"
        Where a trial's value comes from:

        ``"tables"``
            The nearest row of :func:`load_search_table`, all ten problems, 50 seeds.
            The budgets are the first 10, 30 and 100 trials of a run, except for grid
            search, which lays a grid for each. Of 100 trials, ``gp`` and ``bayes``
            have 20 seeds, and ``native bayes_opt`` none.
        ``"trainings"``
            The training itself, two of the problems, 20 seeds. A regret may be
            negative: what was found is then better than the table's best row.
        ``"unseen"``
            The tables, with seeds 100 to 149, which nobody had looked at while a
            sampler was made: our two samplers and their libraries, 10 and 30 trials.
            The first 30 were computed, and looked at, before the other 20.
        ``"conditions"``
            The training of the table ``"svc_digits"``, where a search also chooses the
            kernel, and the kernel decides which other parameters there are; 50 seeds,
            30 trials, in the unit of that table. ``tpe group`` is Optuna's
            ``group=True``; ``tpe flat`` proposes every parameter in every trial.

    Returns
    -------
    pandas.DataFrame
        A row for each ``method``, ``problem``, ``seed`` and ``budget``: the
        ``regret``, and the ``seconds`` of a processor's core that the run took,
        its trainings included where there were any. ``native hyperopt`` and
        ``native bayes_opt`` are the libraries called as their documentation shows
        it; the other names are those of :func:`hpocourse.search.run`.

    Raises
    ------
    ValueError
        If there are no such results; the message lists all.

    Examples
    --------
    >>> from hpocourse import load_method_results
    >>> results = load_method_results()
    >>> list(results)
    ['method', 'problem', 'seed', 'budget', 'regret', 'seconds']
    >>> results.query("method == 'random' and budget == 10")["seed"].nunique()
    50
    """
    check_choice(source, "source", FILES)
    return pd.read_csv(RESULTS / FILES[source])
