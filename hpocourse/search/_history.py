"""What the samplers of other libraries read from a study."""

import numpy as np
from optuna.trial import TrialState

from .._validation import check_seed
from ._claims import ordinal

#: All states but WAITING, which has no parameters yet.
BEGUN = (
    TrialState.RUNNING,
    TrialState.COMPLETE,
    TrialState.PRUNED,
    TrialState.FAIL,
)


def known_seed(seed):
    """Return a checked seed; a random one instead of ``None``.

    Parameters
    ----------
    seed : int or None
        What the caller passed.

    Returns
    -------
    int
        The seed.
    """
    if seed is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    return check_seed(seed)


def past(study, trial):
    """Return the other trials of a study by ordinal.

    Of trials that share an ordinal, the last counts: it repeats one that was lost
    with its worker.

    Parameters
    ----------
    study : optuna.Study
        The study.
    trial : optuna.trial.FrozenTrial
        The trial that is being asked for.

    Returns
    -------
    dict of int to optuna.trial.FrozenTrial
        The trials, sorted by ordinal.
    """
    trials = study.get_trials(deepcopy=False, states=BEGUN)
    by_ordinal = {ordinal(other): other for other in trials}
    by_ordinal.pop(ordinal(trial), None)
    return dict(sorted(by_ordinal.items()))
