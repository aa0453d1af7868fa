"""Where studies are kept, and which trial of a study is next.

A file belongs to one search at a time, with its workers: a second one is refused.
A database may be shared by searches on several machines.

Why the sharing is not left to Optuna's heartbeat, `RetryHeartbeatStaleTrialCallback`
and `MaxTrialsCallback` (Optuna 5.0, three processes on PostgreSQL 15, 40 trials): with
one of them killed, the study ended with 41 completed trials, twice of two times; with
one suspended until its trial was taken for lost, that process ended when it was woken,
with `ValueError: Cannot tell a FAIL trial` or an `AssertionError`. Here trials are
counted before they begin, under a lock, and who wakes up goes on with the next one.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import optuna
from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import (
    BaseStorage,
    InMemoryStorage,
    JournalStorage,
    RDBStorage,
    get_storage,
)
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from optuna.trial import FrozenTrial, TrialState, create_trial

from .._validation import check_type
from ._optuna import (
    FIXED_PARAMS,
    database_of,
    file_of,
    heartbeat_of,
    id_of,
    storage_of,
    study_id_of,
)
from ._samplers.ordinal import GIVEN, ORDINAL, REPEAT, TOLD, GridSampler, ordinals

JOURNAL = (".log", ".journal")
SQLITE = (".db", ".sqlite", ".sqlite3")
#: Seconds to wait for a database that another program has locked.
PATIENCE = 60
#: Seconds for another machine to finish the tables that both began.
SETTLE = 2.0
#: Seconds after which a journal's lock that nobody but a dead process can hold goes.
STALE_LOCK = 1.0
#: What a search writes at least, in bytes; a disk with less room is refused at once.
ROOM = 64 * 1024
#: Seconds between two signs of life of a running trial in a database, unless it was
#: opened with a `heartbeat_interval`.
INTERVAL = 10
#: Seconds without one after which it counts as lost; clocks must agree better.
GRACE = 60

BEAT = "hpocourse:beat"
LOST = "hpocourse:lost"

_in_this_process = threading.RLock()
_lent: list[str | None] = []


def open_storage(storage: str | Path | BaseStorage | None) -> BaseStorage:
    """Open what studies are kept in.

    Parameters
    ----------
    storage : str, pathlib.Path, optuna.storages.BaseStorage or None
        A path ending in ``.log`` is Optuna's journal, one ending in ``.db``
        SQLite; an address (``postgresql+psycopg://…``) is taken as it is, a
        storage of Optuna too; ``None`` keeps studies in memory.

    Returns
    -------
    optuna.storages.BaseStorage
        The storage.

    Raises
    ------
    TypeError
        If `storage` is none of these.
    ValueError
        If a path has another ending.
    OSError
        If the folder is missing or cannot be written to, or the database does
        not answer.
    """
    if storage is None:
        return InMemoryStorage()
    if isinstance(storage, BaseStorage):
        return get_storage(storage)
    what = "a path, an address, a storage of Optuna or None"
    check_type(storage, "storage", (str, Path), what)
    if "://" in str(storage):
        return _open_database(str(storage))
    path = Path(storage).expanduser().absolute()  # whatever folder is next
    if path.suffix not in (*JOURNAL, *SQLITE) or {*"?%"} & {*str(path)}:
        raise ValueError(
            f"storage must be a path without ? and %, ending in .log for Optuna's "
            "journal or in .db for SQLite, or an address (postgresql+psycopg://…), "
            f"got {str(storage)!r}"
        )
    _check_writable(path)
    if path.suffix in SQLITE:
        return _open_database(f"sqlite:///{path}")
    # This lock is made with O_EXCL, which works where symbolic links fail, as on a
    # mounted Drive.
    lock = JournalFileOpenLock(str(path))
    return JournalStorage(JournalFileBackend(str(path), lock_obj=lock))


def _open_database(address: str) -> BaseStorage:
    from sqlalchemy.exc import IntegrityError, ProgrammingError, SQLAlchemyError

    options: dict[str, Any] = {"pool_pre_ping": True}  # servers end idle connections
    if address.startswith("sqlite"):
        options = {"connect_args": {"timeout": PATIENCE}}
    try:
        try:
            return get_storage(RDBStorage(address, engine_kwargs=options))
        except (IntegrityError, ProgrammingError):
            time.sleep(SETTLE)  # another machine was making the same tables
            return get_storage(RDBStorage(address, engine_kwargs=options))
    except SQLAlchemyError as error:
        reason = str(error).splitlines()[0]
        raise OSError(
            f"the database does not open: {reason}; check the address, and that "
            "the server runs"
        ) from error


def _check_writable(path: Path) -> None:
    """Raise before the first trial is spent where its result could not be kept."""
    try:
        with tempfile.TemporaryFile(dir=path.parent) as probe:
            probe.write(bytes(ROOM))
            probe.flush()
            os.fsync(probe.fileno())
        with path.open("ab"):
            pass
    except OSError as error:
        raise OSError(
            error.errno,
            f"cannot keep a study in {path}: {error.strerror}; choose a folder that "
            "exists, can be written to and has room",
        ) from error


@contextmanager
def owned(path: str | None) -> Iterator[None]:
    """Keep a file to this process, and mend what a killed one left in it."""
    if path in (None, ":memory:", *_lent):
        yield
        return
    with Path(f"{path}.claim").open("ab") as file, ExitStack() as stack:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # A process that the objective has forked may hold the file still.
            stack.callback(fcntl.flock, file, fcntl.LOCK_UN)
        except BlockingIOError as error:
            raise BlockingIOError(
                error.errno,
                f"{path} is in use by another search, and a file belongs to one at a "
                "time; wait for it, give it workers= instead, choose another file, or "
                "share a database (postgresql+psycopg://…)",
            ) from None
        except (ImportError, OSError):
            pass  # there are no locks: a mounted Drive, Windows
        if Path(str(path)).suffix in JOURNAL:
            _mend_journal(Path(str(path)))
        yield


@contextmanager
def lent(path: str | None) -> Iterator[None]:
    """Let searches use a file that a comparison keeps, perhaps in another process."""
    _lent.append(path)
    try:
        yield
    finally:
        _lent.remove(path)


def _mend_journal(path: Path) -> None:
    lock = Path(f"{path}.lock")
    for _ in range(10):
        if not lock.exists():
            break
        time.sleep(STALE_LOCK / 10)
    lock.unlink(missing_ok=True)
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        # Optuna would append to it, and then read the journal no more.
        with path.open("r+b") as file:
            file.truncate(whole)
        warnings.warn(
            f"{path} ended in an unfinished record of {len(content) - whole} "
            "bytes, which was removed; no finished trial is lost",
            RuntimeWarning,
            stacklevel=5,
        )


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Optuna from saying that it made a study; its warnings still pass."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(max(verbosity, optuna.logging.WARNING))
    try:
        yield
    finally:
        optuna.logging.set_verbosity(verbosity)


def name_of(name: str | None, storage: object) -> str | None:
    """Return the study's name: that of the file if none is given."""
    if name is not None or storage is None:
        return name
    if isinstance(storage, BaseStorage) or "://" in str(storage):
        advice = "pass study_name='…', for the next call to find the study"
        raise ValueError(f"a storage may hold many studies; {advice}")
    return Path(str(storage)).stem


def check_same_study(
    study: Study, space: dict[str, BaseDistribution] | None, direction: str
) -> None:
    """Raise if a stored study is not the one that the caller means."""
    stored = study.direction.name.lower()
    if stored != direction:
        raise ValueError(
            f"the study {study.study_name!r} is to {stored}, got "
            f"direction={direction!r}; pass direction={stored!r} or another study_name"
        )
    if space is None:
        return
    for trial in study.get_trials(deepcopy=False):
        # A trial may have ended, or have been given, before it had all parameters.
        whole = trial.state in TOLD and trial.distributions
        names = trial.distributions.keys() | (space.keys() if whole else ())
        for name in sorted(names):
            old, new = trial.distributions.get(name), space.get(name)
            if old != new:
                raise ValueError(
                    f"the study {study.study_name!r} has another search space: "
                    f"{name!r} is {old or 'missing'} there and {new or 'missing'} "
                    "here; go on with the same space or pass another study_name"
                )


def is_lost(trial: FrozenTrial) -> bool:
    """Tell whether a trial was lost with its process, and is repeated."""
    # One that its process told in the very moment is not.
    return LOST in trial.system_attrs and trial.state == TrialState.FAIL


class Claims:
    """The trials that this search may run, one at a time, up to a total of the study.

    A study in a database may be shared with other processes. Repetitions of trials
    that were lost do not count towards the total.
    """

    def __init__(self, study: Study, total: int) -> None:
        self._study_id = study_id_of(study)
        self._storage = storage_of(study)
        self.total = total
        usual: tuple[float, float] = (INTERVAL, GRACE)
        self._interval, self._grace = heartbeat_of(self._storage) or usual
        in_memory = isinstance(self._storage, InMemoryStorage)
        self._is_shared = not in_memory and file_of(self._storage) is None
        # A grid must tell its own trials from those that someone has added.
        self._is_plain = in_memory and not isinstance(study.sampler, GridSampler)
        self._running: set[int] = set()
        self._stop = threading.Event()
        self._heart = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Claims:
        """Begin to give signs of life; in a file, find what a killed search left."""
        if self._is_shared:
            self._heart.start()
        elif file_of(self._storage) is not None:
            self._bury(self._trials())
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Give up what is still running, so that it can be repeated at once."""
        self._stop.set()
        if self._heart.is_alive():
            self._heart.join()
        for trial_id in list(self._running):
            self.lose(trial_id)

    def take(self) -> int | None:
        """Return the id of a trial to run now; ``None`` while there is none."""
        with _one_at_a_time(self._storage, self._study_id):
            trials = self._trials()
            if self._is_shared and self._bury(trials):
                trials = self._trials()
            places = ordinals(trials)
            trial_id = self._enqueued(places, trials)
            if trial_id is None:
                trial_id = self._next(places, trials)
        if trial_id is not None:
            self._running.add(trial_id)
        return trial_id

    def finished(self) -> bool:
        """Tell whether no other process runs a trial that may yet be lost."""
        trials = self._trials()
        return not any(t.state == TrialState.RUNNING and _is_ours(t) for t in trials)

    def done(self, trial_id: int) -> None:
        """Note that a trial of this search has been told, or taken away from it."""
        self._running.discard(trial_id)

    def lose(self, trial_id: int) -> None:
        """Mark a trial as lost with its worker: it will be repeated."""
        self._running.discard(trial_id)
        # It may have ended meanwhile, or another process may have been faster.
        with suppress(UpdateFinishedTrialError):
            self._storage.set_trial_system_attr(trial_id, LOST, True)
            self._storage.set_trial_state_values(trial_id, TrialState.FAIL)

    def _trials(self) -> list[FrozenTrial]:
        return self._storage.get_all_trials(self._study_id, deepcopy=False)

    def _bury(self, trials: Iterable[FrozenTrial]) -> bool:
        """Mark as lost what no living process runs; leave others' trials alone."""
        running = (t for t in trials if t.state == TrialState.RUNNING and _is_ours(t))
        last = time.time() - self._grace if self._is_shared else float("inf")
        dead = [t for t in running if t.system_attrs[BEAT] < last]
        for trial in dead:
            self.lose(id_of(trial))
        return bool(dead)

    def _enqueued(self, places: list[int], trials: list[FrozenTrial]) -> int | None:
        """Take a trial that someone enqueued with `Study.enqueue_trial`."""
        for place, trial in zip(places, trials, strict=True):
            if trial.state == TrialState.WAITING and place < self.total:
                trial_id = id_of(trial)
                attrs = {ORDINAL: place, GIVEN: True, BEAT: time.time()}
                for name, value in attrs.items():
                    self._storage.set_trial_system_attr(trial_id, name, value)
                if self._storage.set_trial_state_values(trial_id, TrialState.RUNNING):
                    return trial_id
        return None

    def _next(self, places: list[int], trials: list[FrozenTrial]) -> int | None:
        """Create the trial that repeats a lost one, or the next of all."""
        last = sorted(dict(zip(places, trials, strict=True)).items())
        lost = [item for item in last if is_lost(item[1]) and item[0] < self.total]
        attrs: dict[str, Any] = {BEAT: time.time()}
        if lost:
            attrs[ORDINAL], trial = lost[0]
            attrs[REPEAT] = True
            if GIVEN in trial.system_attrs:
                attrs[GIVEN] = True
            if fixed := trial.system_attrs.get(FIXED_PARAMS, {}) | trial.params:
                attrs[FIXED_PARAMS] = fixed
        else:
            attrs[ORDINAL] = sum(REPEAT not in t.system_attrs for t in trials)
            if attrs[ORDINAL] >= self.total:
                return None
            if self._is_plain and attrs[ORDINAL] == len(trials):
                # Its number says it all, and Optuna need not copy a template.
                return self._storage.create_new_trial(self._study_id)
        template = create_trial(state=TrialState.RUNNING, system_attrs=attrs)
        return self._storage.create_new_trial(self._study_id, template)

    def _beat(self) -> None:
        while not self._stop.wait(self._interval):
            for trial_id in list(self._running):
                # It was told meanwhile, or the database does not answer this time.
                with suppress(Exception):
                    self._storage.set_trial_system_attr(trial_id, BEAT, time.time())


def _is_ours(trial: FrozenTrial) -> bool:
    return BEAT in trial.system_attrs


@contextmanager
def _one_at_a_time(storage: BaseStorage, study_id: int) -> Iterator[None]:
    """Let one process at a time decide which trial is next; of a file it is alone."""
    with _in_this_process:
        engine = database_of(storage)
        if engine is None or engine.dialect.name != "postgresql":
            yield
            return
        from sqlalchemy import text

        lock = text("SELECT pg_advisory_xact_lock(:study_id)")
        with engine.begin() as connection:
            connection.execute(lock, {"study_id": study_id})
            yield
