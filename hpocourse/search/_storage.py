"""Where studies are kept: in memory, in a file, or in a database.

A file belongs to one search at a time, with its workers: a second one is refused.
A database may be shared by searches on several machines.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import optuna
from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.storages import (
    BaseStorage,
    InMemoryStorage,
    JournalStorage,
    RDBStorage,
    get_storage,
)
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

from .._validation import check_type
from ._optuna import database_of
from ._samplers.ordinal import TOLD

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

_lent: list[str | None] = []
_in_this_process = threading.RLock()


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
    if isinstance(storage, BaseStorage | None):
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


@contextmanager
def alone(storage: BaseStorage, study_id: int) -> Iterator[None]:
    """Let one search at a time decide which trial is next; a file has one only."""
    with _in_this_process:
        engine = database_of(storage)
        if engine is None or engine.dialect.name != "postgresql":
            yield
            return
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({study_id})")
            yield


def _mend_journal(path: Path) -> None:
    lock = Path(f"{path}.lock")
    until = time.monotonic() + STALE_LOCK
    while lock.exists() and time.monotonic() < until:
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
    if verbosity >= optuna.logging.WARNING:
        yield  # to set it empties what the loggers of all libraries have cached
        return
    optuna.logging.set_verbosity(optuna.logging.WARNING)
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


def check_kept(
    space: dict[str, BaseDistribution] | None, storage: str | Path | BaseStorage | None
) -> None:
    """Raise unless a storage gives every choice back as it was; memory does."""
    if isinstance(storage, InMemoryStorage | None):
        return
    kept = bool | int | float | str | None
    what = "a word or a number of Python (.tolist()), which a storage keeps as it is"
    for name, distribution in (space or {}).items():
        for choice in getattr(distribution, "choices", ()):
            check_type(choice, f"each choice of space[{name!r}]", kept, what)


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
