"""optuna-dashboard within a notebook: a server of this process, for this machine."""

from __future__ import annotations

import sys
from html import escape
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from optuna import Study
from optuna.storages import BaseStorage

from .._validation import check_type
from ..languages import gettext as _
from ._optuna import storage_of
from ._storage import open_storage

HOST = "127.0.0.1"
HEIGHT = 800


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False


class _Handler(WSGIRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        """Write nothing into the notebook."""


class Dashboard:
    """A dashboard that is being served; made by :func:`dashboard`.

    As the last value of a cell it shows itself, in Jupyter and in Colab. It
    ends with the ``with`` block, with :meth:`stop`, or with the kernel.

    Attributes
    ----------
    port : int
        The port on which it listens, on this machine only.
    """

    def __init__(self, application: Any) -> None:
        # Port 0: one that is free.
        self._server = make_server(HOST, 0, application, _Server, _Handler)
        self.port = self._server.server_port
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address, for a browser on the same machine."""
        return f"http://{HOST}:{self.port}/dashboard"

    def stop(self) -> None:
        """Stop serving and free the port; a second time does nothing."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Dashboard:
        """Return the dashboard itself."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Stop serving."""
        self.stop()

    def __repr__(self) -> str:
        """Show the address."""
        state = self.url if self._thread.is_alive() else "stopped"
        return f"Dashboard({state})"

    def _ipython_display_(self) -> None:
        """Show the page in the cell: in Colab through Colab's own proxy."""
        if "google.colab" in sys.modules:
            from google.colab.output import serve_kernel_port_as_iframe

            serve_kernel_port_as_iframe(self.port, path="/dashboard", height=HEIGHT)
        else:
            from IPython.display import HTML, display

            display(HTML(self._repr_html_()))

    def _repr_html_(self) -> str:
        """Return the page in a frame, and a link to it."""
        title, link = escape(_("Dashboard of Optuna")), escape(_("Open in a new tab"))
        return (
            f'<iframe src="{self.url}" title="{title}" width="100%" '
            f'height="{HEIGHT}" style="border: 0"></iframe>\n'
            f'<p><a href="{self.url}" target="_blank" rel="noopener">{link}</a></p>'
        )


def dashboard(storage: str | Path | BaseStorage | Study) -> Dashboard:
    """Serve optuna-dashboard, to look at studies while they run and after.

    It listens on this machine only, on a port that is free, with no tunnel and no
    token, and stops with the kernel. New trials appear after a few seconds. Whoever
    can open the page can also change and delete studies in it.

    Parameters
    ----------
    storage : str, pathlib.Path, optuna.storages.BaseStorage or optuna.Study
        Where the studies are: ``"study.log"``, ``"study.db"``, an address, a
        storage, or a study, whose storage is meant.

    Returns
    -------
    Dashboard
        The dashboard, with its ``url``.

    Raises
    ------
    ImportError
        If optuna-dashboard is not installed.
    FileNotFoundError
        If there is no such file.
    TypeError
        If `storage` is none of these.

    Examples
    --------
    >>> import optuna
    >>> from hpocourse.search import dashboard
    >>> with dashboard(optuna.create_study()) as page:
    ...     page.url
    'http://127.0.0.1:.../dashboard'
    """
    if isinstance(storage, Study):
        storage = storage_of(storage)
    what = "a path, an address, a storage of Optuna or a study"
    check_type(storage, "storage", str | Path | BaseStorage, what)
    is_path = isinstance(storage, str | Path) and "://" not in str(storage)
    if is_path and not Path(str(storage)).expanduser().exists():
        raise FileNotFoundError(
            f"there is no file {str(storage)!r}; run a search with this storage first"
        )
    opened = open_storage(storage)
    try:
        from optuna_dashboard import wsgi
    except ImportError as error:
        raise ImportError("run `pip install optuna-dashboard` first") from error
    return Dashboard(wsgi(opened))
