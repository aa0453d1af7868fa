"""Where studies are kept: a plain path, an address, or any storage of Optuna."""

import errno
import os
import tempfile
import threading
import time
import warnings
from contextlib import contextmanager
from pathlib import Path

import optuna
from optuna.storages import (
    BaseStorage,
    InMemoryStorage,
    JournalStorage,
    RDBStorage,
    get_storage,
)
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

JOURNAL = (".log", ".journal")
SQLITE = (".db", ".sqlite", ".sqlite3")
#: Seconds after which Optuna's lock of a killed process is taken over.
STALE_LOCK = 1.0
#: Seconds for another machine to finish the tables that both began.
SETTLE = 2.0
#: What a search writes at least; a disk with less room is refused at once.
ROOM = 64 * 1024

_in_this_process = threading.RLock()


def open_storage(storage):
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
    if not isinstance(storage, (str, Path)):
        raise TypeError(
            "storage must be a path, an address, a storage of Optuna or None, "
            f"got {storage!r:.60} of type {type(storage).__name__}"
        )
    address = str(storage)
    if "://" in address:
        return _open_database(address)
    path = Path(storage).expanduser().absolute()  # whatever folder is next
    if path.suffix not in JOURNAL + SQLITE:
        raise ValueError(
            f"storage {address!r} ends in {path.suffix!r}; end it in .log for "
            "Optuna's journal or in .db for SQLite, or give an address "
            "(postgresql+psycopg://…)"
        )
    if path.suffix in SQLITE and {*"?%"} & {*str(path)}:
        raise ValueError(
            f"storage {address!r} is a path that SQLite's addresses cannot hold; "
            "choose one without ? and %"
        )
    _check_writable(path)
    if path.suffix in SQLITE:
        with _alone(f"{path}.claim"):  # two processes may be about to make it
            return _open_database(f"sqlite:///{path}")
    try:
        return _open_journal(path)
    except OSError as error:
        raise OSError(f"cannot keep a study in {path}: {error}") from error


def _open_database(address):
    from sqlalchemy.exc import IntegrityError, ProgrammingError, SQLAlchemyError

    try:
        try:
            return get_storage(address)
        except (IntegrityError, ProgrammingError):
            time.sleep(SETTLE)  # another machine was making the same tables
            return get_storage(address)
    except SQLAlchemyError as error:
        reason = str(error).splitlines()[0]
        raise OSError(
            f"the database does not open: {reason}; check the address, and that "
            "the server runs"
        ) from error


def _open_journal(path):
    lock = JournalLock(str(path))
    _drop_torn_record(path, lock)
    return JournalStorage(JournalFileBackend(str(path), lock_obj=lock))


class JournalLock:
    """The system's lock, then Optuna's, which other programs may hold.

    The first ends with its process, so that a slow one is never robbed of it; what
    a killed one can leave behind is the second, which is then taken over soon. It
    is made with O_EXCL, which works where symbolic links fail (a mounted Drive).

    Parameters
    ----------
    path : str
        The journal.
    """

    def __init__(self, path):
        self._path = path
        self._system = None
        self._optuna = JournalFileOpenLock(path)
        # As an argument, so short a period warns: it is meant for slow networks.
        self._optuna.grace_period = STALE_LOCK

    def acquire(self):
        """Wait for both locks, and take them."""
        self._system = _lock_file(self._path)
        return self._optuna.acquire()

    def release(self):
        """Give both back."""
        try:
            self._optuna.release()
        finally:
            if self._system is not None:
                os.close(self._system)


def _lock_file(path):
    """Return an open file with the system's lock; ``None`` where it has none."""
    if fcntl is None:
        return None
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
    except OSError as error:
        os.close(file)
        if error.errno in (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK):
            return None
        raise
    return file


def _drop_torn_record(path, lock):
    """Cut off a last line without its end, which a full disk leaves behind.

    Optuna would append to it, and then read the journal no more.
    """
    if not _is_torn(path):
        return
    with _held(lock):
        if _is_torn(path):
            content = path.read_bytes()
            whole = content.rfind(b"\n") + 1
            with path.open("r+b") as file:
                file.truncate(whole)
            warnings.warn(
                f"{path} ended in an unfinished record of {len(content) - whole} "
                "bytes, which was removed; no finished trial is lost",
                RuntimeWarning,
                stacklevel=5,
            )


def _is_torn(path):
    if not path.is_file() or path.stat().st_size == 0:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() != b"\n"


def _check_writable(path):
    """Raise before the first trial is spent where its result could not be kept."""
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"the folder {path.parent} of storage {path} does not exist; create it"
        )
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
            "can be written to and has room",
        ) from error


@contextmanager
def quiet():
    """Keep Optuna from saying that it made a study; its warnings still pass."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(max(verbosity, optuna.logging.WARNING))
    try:
        yield
    finally:
        optuna.logging.set_verbosity(verbosity)


@contextmanager
def claiming(storage, study_id):
    """Let one process at a time decide which trial is next in a study.

    Parameters
    ----------
    storage : optuna.storages.BaseStorage
        As :func:`open_storage` gives it.
    study_id : int
        The study's number in the storage.
    """
    with _in_this_process:
        file = _file_of(storage)
        engine = getattr(getattr(storage, "_backend", None), "engine", None)
        if file is not None:
            with _alone(f"{file}.claim"):
                yield
        elif engine is not None and engine.dialect.name == "postgresql":
            from sqlalchemy import text

            with engine.begin() as connection:
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:study_id)"),
                    {"study_id": study_id},
                )
                yield
        else:
            yield


@contextmanager
def _alone(path):
    file = _lock_file(path)
    if file is None:
        lock = JournalFileOpenLock(path)
        lock.grace_period = STALE_LOCK
        with _held(lock):
            yield
    else:
        try:
            yield
        finally:
            os.close(file)


def _file_of(storage):
    backend = getattr(storage, "_backend", None)
    if isinstance(backend, JournalFileBackend):
        return backend._file_path
    if isinstance(backend, RDBStorage) and backend.engine.dialect.name == "sqlite":
        return backend.engine.url.database
    return None


@contextmanager
def _held(lock):
    lock.acquire()
    try:
        yield
    finally:
        lock.release()
