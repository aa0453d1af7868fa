"""Serve the built site on this machine only, as GitHub does: text is compressed."""

import argparse
import gzip
import sys
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

__all__ = ["main", "start"]

SITE = Path(__file__).resolve().parent.parent / "_build" / "site"


#: What is compressed on its way, by the end of its name.
TEXTS = {".css", ".html", ".ipynb", ".js", ".json", ".svg", ".xml"}


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # One connection serves for many files.

    def send_head(self) -> BinaryIO | BytesIO | None:
        """Answer with the head of a file, and return what follows it."""
        path = Path(self.translate_path(self.path))
        if path.is_dir() and self.path.partition("?")[0].endswith("/"):
            path /= "index.html"
        accepted = self.headers.get("Accept-Encoding", "")
        if path.suffix not in TEXTS or not path.is_file() or "gzip" not in accepted:
            return super().send_head()
        content = gzip.compress(path.read_bytes(), 6)
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return BytesIO(content)

    def send_error(
        self, code: int, message: str | None = None, explain: str | None = None
    ) -> None:
        """Answer with the site's own page where there is nothing, as GitHub does."""
        page = Path(self.directory) / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.exists():
            super().send_error(code, message, explain)
            return
        content = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def end_headers(self) -> None:
        """Let the browser ask again: the site is being worked on."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of each request."""


def start(folder: Path = SITE, port: int = 0) -> ThreadingHTTPServer:
    """Open a server of the site; its ``serve_forever`` is for the caller to run.

    Parameters
    ----------
    folder : Path, optional
        What to serve.
    port : int, optional
        The port on the loopback address; a free one by default.

    Returns
    -------
    ThreadingHTTPServer
        The server. Its address is in ``server_address``.
    """
    if not (folder / "index.html").exists():
        raise FileNotFoundError(
            f"there is no site in {folder}: build it with `python -m tools.build`"
        )
    handler = partial(_Handler, directory=str(folder))
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


def main(arguments: list[str] | None = None) -> int:
    """Run the command until it is interrupted.

    Parameters
    ----------
    arguments : list of str, optional
        Those of the command line by default.

    Returns
    -------
    int
        The exit status.
    """
    parser = argparse.ArgumentParser(
        prog="python -m tools.serve", description="Serve the built site."
    )
    parser.add_argument(
        "--port", type=int, default=0, help="the port; a free one by default"
    )
    port = parser.parse_args(arguments).port
    try:
        server = start(port=port)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"port {port} cannot be used: {error}; choose another", file=sys.stderr)
        return 1
    with server:
        print(f"http://127.0.0.1:{server.server_port}/  (Ctrl+C ends)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0


if __name__ == "__main__":
    sys.exit(main())
