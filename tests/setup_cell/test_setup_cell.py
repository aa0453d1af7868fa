"""The setup cell, run as Colab runs it: beside packages that must not change."""

import functools
import http.server
import json
import os
import re
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from hpocourse.languages import LANGUAGES
from tools.notebooks import ROOT, read, repository, setup_source, version

# What Colab has and a chapter meets; torch comes at the version of this project.
COLAB_PACKAGES = [
    "SQLAlchemy",
    "cloudpickle",
    "hyperopt",
    "ipykernel",
    "ipython",
    "ipywidgets",
    "joblib",
    "matplotlib",
    "networkx",
    "numpy",
    "pandas",
    "scikit-learn",
    "scipy",
    "seaborn",
    "tqdm",
]

PROOF = """
import json
import hpocourse, skorch, torch
from optuna.distributions import FloatDistribution
for method in ("tpe", "gp", "hyperopt", "bayes"):
    hpocourse.search.run(
        lambda parameters: parameters["x"], {"x": FloatDistribution(0, 1)},
        method=method, n_trials=3, workers=2, progress=False,
    )
data = hpocourse.load_digits(seed=0)
report = hpocourse.evaluate_classifier(data.y_test, data.y_test)
language = hpocourse.languages.get_language().folder
accuracy = float(report.frame.loc["accuracy", "value"])
print(json.dumps([language, accuracy, report._repr_html_()]))
"""


def changed_packages(before, after):
    """Return the packages of `before` that `after` lacks or has otherwise."""
    return {
        name: (version_before, after.get(name))
        for name, version_before in before.items()
        if after.get(name) != version_before
    }


def pinned(requirements, name):
    found = re.search(rf"^{re.escape(name)}==(\S+)", requirements, re.M | re.I)
    return found and f"{name}=={found[1]}"


class Environment:
    """A fresh virtual environment with the packages of a Colab runtime."""

    def __init__(self, folder):
        self.folder = folder
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        scripts = "Scripts" if os.name == "nt" else "bin"
        self.python = str(folder / scripts / "python")

    def run(self, *arguments, **options):
        # Without this process's own paths: what the environment lacks must fail.
        clean = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        return subprocess.run(
            [self.python, *arguments],
            env=clean,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=900,
            **options,
        )

    def pip(self, *arguments):
        return self.run("-m", "pip", "--disable-pip-version-check", *arguments)

    def packages(self):
        listed = self.pip("list", "--format", "json")
        listed.check_returncode()
        return {each["name"]: each["version"] for each in json.loads(listed.stdout)}

    def run_cell(self, source):
        """Run a notebook's cell and the proof that the package works."""
        script = self.folder / "cell.ipy"
        script.write_text(source + "\n" + PROOF, "utf-8")
        return self.run("-m", "IPython", "--colors=NoColor", str(script))


@pytest.fixture(scope="module")
def colab():
    """Return Colab's versions as requirements, and torch at the project's."""
    freeze = Path(os.environ["HPOCOURSE_COLAB"], "pip-freeze.txt").read_text("utf-8")
    requirements = [pinned(freeze, name) for name in COLAB_PACKAGES]
    assert all(requirements), f"missing in pip-freeze.txt: {requirements}"
    own = (ROOT / "requirements.txt").read_text("utf-8")
    return [*requirements, pinned(own, "torch")]


@pytest.fixture(scope="module")
def environment(colab, tmp_path_factory):
    fresh = Environment(tmp_path_factory.mktemp("colab"))
    if fresh.pip("install", "--quiet", *colab).returncode:
        # Some version is not to be had for this Python: take the others.
        for requirement in colab:
            if fresh.pip("install", "--quiet", requirement).returncode:
                print(f"not to be had for this Python: {requirement}")
                name = requirement.partition("==")[0]
                fresh.pip("install", "--quiet", name).check_returncode()
    return fresh


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Serve the archive of the checkout on loopback, where the tag's would be."""
    folder = tmp_path_factory.mktemp("archive")
    archive = folder / "archive" / "refs" / "tags" / f"v{version()}.zip"
    archive.parent.mkdir(parents=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                file.write(ROOT / name, f"hpocourse-{version()}/{name}")

    requests = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            requests.append(self.path)

    handler = functools.partial(Handler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}", requests
        serving.shutdown()


def stored_cell(language):
    notebook = read(ROOT / "book" / language / "grid-search.ipynb")
    (cell,) = (cell for cell in notebook.cells if cell.get("id") == "setup")
    return cell.source


@pytest.mark.needs("colab")
def test_setup_cell_installs_and_changes_nothing(environment, server):
    address, requests = server
    cell = stored_cell("ru").replace(repository(), address)
    assert address in cell
    before = environment.packages()
    assert "hpocourse" not in before
    print("before:", before)

    first = environment.run_cell(cell)
    assert first.returncode == 0, first.stderr + first.stdout
    language, accuracy, html = json.loads(first.stdout.splitlines()[-1])
    assert (language, accuracy) == ("ru", 1.0)
    assert "Доля верных ответов" in html
    after = environment.packages()
    print("added:", {k: v for k, v in after.items() if k not in before})
    assert changed_packages(before, after) == {}
    assert after["hpocourse"] == version()
    assert len(requests) == 1

    second = environment.run_cell(cell)
    assert second.returncode == 0, second.stderr
    assert len(second.stdout.splitlines()) == 1, second.stdout
    assert environment.packages() == after
    assert len(requests) == 1, "the second run downloaded again"


def test_changed_packages_sees_a_change_and_a_loss():
    before = {"numpy": "2.1.3", "pandas": "2.2.3", "torch": "2.13.0"}
    after = {"numpy": "2.4.6", "torch": "2.13.0", "hpocourse": "0.1.0"}
    assert changed_packages(before, after) == {
        "numpy": ("2.1.3", "2.4.6"),
        "pandas": ("2.2.3", None),
    }


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda each: each.folder)
def test_every_language_has_its_setup_cell(language):
    assert stored_cell(language.folder) == setup_source(language.folder)
