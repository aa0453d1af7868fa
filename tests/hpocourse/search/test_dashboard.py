"""The server runs for real; what answers is what a browser would get."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import types
from urllib.error import URLError
from urllib.request import urlopen

import optuna
import pytest

from hpocourse import use_language
from hpocourse.search import _dashboard
from hpocourse.search._dashboard import dashboard
from hpocourse.search._storage import open_storage


def _study(storage=None):
    study = optuna.create_study(storage=storage, study_name="parabola")
    study.optimize(lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=3)
    return study


def _get(address):
    with urlopen(address, timeout=10) as answer:
        return answer.status, answer.read().decode()


def _studies(page):
    status, text = _get(page.url.replace("/dashboard", "/api/studies"))
    assert status == 200
    return [study["study_name"] for study in json.loads(text)["study_summaries"]]


@pytest.mark.parametrize("kind", ["study", "storage", "log", "db", "path", "address"])
def test_it_serves_the_studies(kind, tmp_path):
    if kind in ("study", "storage"):
        study = _study()
        storage = study if kind == "study" else study._storage
    else:
        file = tmp_path / ("study.log" if kind == "log" else "study.db")
        _study(open_storage(str(file)))
        storage = {"path": file, "address": f"sqlite:///{file}"}.get(kind, str(file))
    with dashboard(storage) as page:
        for path in ("/", "/dashboard"):
            status, text = _get(page.url.replace("/dashboard", path))
            assert status == 200
            assert "<title>Optuna Dashboard" in text
        assert _studies(page) == ["parabola"]


@pytest.mark.slow
def test_new_trials_are_seen():
    study = _study()
    with dashboard(study) as page:
        address = page.url.replace("/dashboard", "/api/studies/0?after=0")
        assert len(json.loads(_get(address)[1])["trials"]) == 3
        study.optimize(lambda trial: 0.0, n_trials=2)
        deadline = time.monotonic() + 30
        while len(json.loads(_get(address)[1])["trials"]) < 5:
            assert time.monotonic() < deadline
            time.sleep(0.5)


def _listeners():
    """Return the addresses on which this process listens, from the kernel."""
    links = subprocess.run(
        ["find", f"/proc/{os.getpid()}/fd", "-lname", "socket:*", "-printf", "%l\n"],
        capture_output=True,
        text=True,
    ).stdout
    found = set()
    for table in ("tcp", "tcp6"):
        with open(f"/proc/net/{table}") as file:
            for line in list(file)[1:]:
                fields = line.split()
                if fields[3] == "0A" and f"[{fields[9]}]" in links:
                    address, port = fields[1].split(":")
                    found.add((address, int(port, 16)))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_only_this_machine_can_reach_it():
    loopback = "0100007F"
    before = _listeners()
    with dashboard(_study()) as page:
        assert _listeners() - before == {(loopback, page.port)}
    with socket.create_server(("0.0.0.0", 0)) as everywhere:  # the check sees it
        port = everywhere.getsockname()[1]
        assert _listeners() - before == {("00000000", port)}


def test_stop_frees_the_port():
    page = dashboard(_study())
    threads = threading.active_count()
    assert repr(page) == f"Dashboard({page.url})"
    page.stop()
    assert threading.active_count() == threads - 1
    assert repr(page) == "Dashboard(stopped)"
    with pytest.raises(URLError):
        _get(page.url)
    with socket.create_server(("127.0.0.1", page.port)):
        page.stop()  # a second time does nothing


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["", "raise SystemExit(3)", "page.stop()"])
def test_it_ends_with_its_process(ending):
    code = (
        "import optuna\nfrom urllib.request import urlopen\n"
        "from hpocourse.search._dashboard import dashboard\n"
        "page = dashboard(optuna.create_study())\n"
        f"print(page.port, urlopen(page.url).status)\n{ending}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == (3 if "3" in ending else 0), done.stderr
    port, status = map(int, done.stdout.split())
    assert status == 200
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_frame_in_jupyter(monkeypatch):
    import IPython.display

    shown = []
    monkeypatch.setattr(IPython.display, "display", shown.append)
    with dashboard(_study()) as page:
        page._ipython_display_()
        (html,) = (one.data for one in shown)
        assert f'<iframe src="{page.url}" title="Dashboard of Optuna"' in html
        assert "Open in a new tab" in html
        with use_language("pt"):
            assert 'title="Painel do Optuna"' in page._repr_html_()
        with use_language("ru"):
            assert 'title="Панель Optuna"' in page._repr_html_()


def test_frame_in_colab(monkeypatch):
    calls = []
    colab = types.ModuleType("google.colab")
    colab.output = types.SimpleNamespace(
        serve_kernel_port_as_iframe=lambda *a, **k: calls.append((a, k))
    )
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    monkeypatch.setitem(sys.modules, "google.colab.output", colab.output)
    with dashboard(_study()) as page:
        page._ipython_display_()
        height = _dashboard.HEIGHT
        assert calls == [((page.port,), {"path": "/dashboard", "height": height})]


def test_nothing_is_written_into_the_notebook(capfd):
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with dashboard(_study()) as page:
            _studies(page)
    finally:
        optuna.logging.set_verbosity(verbosity)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"storage": "missing.log"},
            FileNotFoundError,
            "run a search with this storage",
        ),
        ({"storage": None}, TypeError, "must be a path, .* or a study, got None"),
        ({"storage": 3}, TypeError, "got 3 of type int"),
    ],
)
def test_wrong_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        dashboard(**arguments)


def test_missing_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna_dashboard", None)
    with pytest.raises(ImportError, match="pip install optuna-dashboard"):
        dashboard(_study())


def test_example_in_docstring():
    import doctest

    assert doctest.testmod(_dashboard, optionflags=doctest.ELLIPSIS) == (0, 3)
