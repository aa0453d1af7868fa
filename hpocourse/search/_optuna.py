"""What is borrowed from other libraries: names that they call private, and a habit.

The habit is that Optuna's plots switch to Matplotlib's style ``ggplot``. Each may
vanish with a new version of its library: `tests/hpocourse/search/test_optuna.py` has a
test for each, and pyproject.toml keeps the versions below the next major ones.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

# A process pool that starts Python anew, pickles functions of notebooks, and lets a
# dead worker be told from a failed trial; joblib keeps loky without documenting it.
from joblib.externals.loky.process_executor import (
    ProcessPoolExecutor as ProcessPoolExecutor,
)
from optuna import Study
from optuna._transform import _SearchSpaceTransform
from optuna.distributions import BaseDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler, QMCSampler
from optuna.storages import BaseStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.study._tell import _tell_with_warning
from optuna.trial import FrozenTrial, Trial, TrialState

#: Where `Study.enqueue_trial` keeps the parameters that a trial shall have.
FIXED_PARAMS = "fixed_params"


def storage_of(study: Study) -> BaseStorage:
    """Return a study's storage: only it creates a trial with attributes at once."""
    return study._storage


def study_id_of(study: Study) -> int:
    """Return the number by which the storage knows a study."""
    return study._study_id


def id_of(trial: Trial | FrozenTrial) -> int:
    """Return the number by which the storage knows a trial."""
    return trial._trial_id


def trial_of(study: Study, trial_id: int) -> Trial:
    """Return a running trial to suggest with: `Study.ask` would make another one."""
    return Trial(study, trial_id)


def suggest(trial: Trial, name: str, distribution: BaseDistribution) -> Any:
    """Return a parameter of any kind; in public each kind has a function."""
    return trial._suggest(name, distribution)


def tell(study: Study, trial: Trial, value: float | None, state: TrialState) -> None:
    """Tell a study, without the deep copy of the trial that `Study.tell` returns."""
    _tell_with_warning(study, trial, value, state)


@contextmanager
def stoppable(study: Study) -> Iterator[None]:
    """Let `Study.stop` work, which raises outside of `Study.optimize`."""
    study._stop_flag = False
    study._thread_local.in_optimize_loop = True
    try:
        yield
    finally:
        study._thread_local.in_optimize_loop = False


def stopped(study: Study) -> bool:
    """Tell whether `Study.stop` was called."""
    return study._stop_flag


def file_of(storage: BaseStorage) -> str | None:
    """Return the file of a journal or of SQLite; ``None`` of any other storage."""
    backend = getattr(storage, "_backend", None)
    if isinstance(backend, JournalFileBackend):
        return backend._file_path
    engine = database_of(storage)
    if engine is not None and engine.dialect.name == "sqlite":
        return engine.url.database
    return None


def database_of(storage: BaseStorage) -> Any:
    """Return SQLAlchemy's engine of a database, which Optuna keeps behind a cache."""
    backend = getattr(storage, "_backend", storage)
    return backend.engine if isinstance(backend, RDBStorage) else None


def heartbeat_of(storage: BaseStorage) -> tuple[float, float] | None:
    """Return the interval and the grace period that a database was opened with."""
    backend: Any = getattr(storage, "_backend", storage)
    interval = getattr(backend, "heartbeat_interval", None)
    return interval and (interval, backend.grace_period or 2 * interval)


def draw(plot: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Let Optuna draw in the style in use: the one it switches to is made empty."""
    from matplotlib.style import library

    ggplot = library["ggplot"]
    library["ggplot"] = {}  # type: ignore[assignment]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            return plot(*arguments, **options)
    finally:
        library["ggplot"] = ggplot


def cube_of(space: Any) -> Any:
    """Return what encodes a search space as a cube, as for Optuna's own samplers."""
    return _SearchSpaceTransform(space, transform_0_1=True)


def share_generator(sampler: BaseSampler) -> None:
    """Let TPE draw its first trials with the generator of the others."""
    sampler._random_sampler._rng = sampler._rng  # type: ignore[attr-defined]


def reseed(sampler: BaseSampler, seed: int) -> None:
    """Seed a sampler anew; `BaseSampler.reseed_rng` takes no seed."""
    sampler._rng.rng.seed(seed)  # type: ignore[attr-defined]


class NumberedSobolSampler(QMCSampler):
    """Optuna's quasi-random sampler, the number of the next point set by hand.

    Optuna counts the points in the storage, where a trial that was killed while
    asking leaves a gap.
    """

    next_point = 0

    def _find_sample_id(self, study: Study, search_space: Any) -> int:
        return self.next_point
