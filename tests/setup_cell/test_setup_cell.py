"""The setup cell, run as Colab runs it: beside packages that must not change.

Each list of Colab's packages gets an environment of the list's own Python, with the
list's version of all that the course, its dependencies or the kernel touch. torch is
some gigabytes for a processor's use of some megabytes, so that pip meets a stub here,
with the list's version and the real one's requirements. With HPOCOURSE_COLAB_TORCH
set, the list's own torch is installed instead and used, and every chapter of one
edition is executed.
"""

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
from nbformat.v4 import new_code_cell, new_notebook, new_output

from hpocourse.languages import LANGUAGES
from tools.notebooks import ROOT, code_cells, find_notebooks, read
from tools.setup_cell import repository, setup_source, version

REAL_TORCH = bool(os.environ.get("HPOCOURSE_COLAB_TORCH"))
MEGABYTES = 12  # what the setup cell may download beyond what Colab has
KERNEL = ["ipykernel", "ipython", "ipywidgets"]
CHAPTERS = ["nbconvert", "plotly"]  # Colab has both; the package asks for neither

# What torch 2.10 and 2.11 need besides NVIDIA's libraries.
STUB = """\
Metadata-Version: 2.1
Name: torch
Version: {version}
Requires-Dist: filelock
Requires-Dist: fsspec>=0.8.5
Requires-Dist: jinja2
Requires-Dist: networkx>=2.5.1
Requires-Dist: setuptools
Requires-Dist: sympy>=1.13.3
Requires-Dist: typing-extensions>=4.10.0
"""

PROOF = """
import json
import hpocourse
from optuna.distributions import FloatDistribution
for method in METHODS:
    hpocourse.search.run(
        lambda parameters: parameters["x"], {"x": FloatDistribution(0, 1)},
        method=method, n_trials=3, workers=2 if method == "tpe" else 1, progress=False,
    )
data = hpocourse.load_digits(seed=0)
report = hpocourse.evaluate_classifier(data.y_test, data.y_test)
language = hpocourse.languages.get_language().folder
accuracy = float(report.frame.loc["accuracy", "value"])
print(json.dumps([language, accuracy, report._repr_html_()]))
"""
TORCH_PROOF = """
import skorch
from hpocourse import networks
networks.fit(networks.MLP(64, [8], 10), data.X_train, data.y_train, epochs=1)
"""


def normal(name):
    """Return a package's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_list(text):
    """Return a list's versions by name, its address of torch and its Python."""
    versions = {
        normal(name): found
        for name, found in re.findall(r"^([\w.-]+)==(\S+)$", text, re.MULTILINE)
    }
    address = re.search(r"^torch @ (\S+)$", text, re.MULTILINE)[1]
    torch, major, minor = re.search(
        r"/torch-([\d.]+(?:(?:\+|%2B)\w+)?)-cp(\d)(\d+)-", address
    ).groups()
    versions["torch"] = torch.replace("%2B", "+")
    return versions, address, f"{major}.{minor}"


def changed_packages(before, after):
    """Return the packages of `before` that `after` lacks or has otherwise."""
    return {
        name: (version_before, after.get(name))
        for name, version_before in before.items()
        if after.get(name) != version_before
    }


def rename_release(wheel, version):
    """Write a wheel again as a version that only a system's own build has."""
    name, released, tags = wheel.name.split("-", 2)
    old, new = (f"{name}-{each}.dist-info" for each in (released, version))
    renamed = wheel.with_name(f"{name}-{version}-{tags}")
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(renamed, "w") as target:
        for path in source.namelist():
            content = source.read(path)
            if path == f"{old}/METADATA":
                stated = f"\nVersion: {released}\n".encode()
                content = content.replace(stated, f"\nVersion: {version}\n".encode(), 1)
            if path == f"{old}/RECORD":
                content = b""
            target.writestr(path.replace(f"{old}/", f"{new}/"), content)
    return renamed


def processor_time():
    """Return the seconds that all ended children of this process have used."""
    return sum(os.times()[2:4])


class Environment:
    """A fresh virtual environment with the packages of a Colab runtime."""

    def __init__(self, folder, python):
        self.folder = folder
        subprocess.run([python, "-m", "venv", folder], check=True)
        scripts = "Scripts" if os.name == "nt" else "bin"
        self.python = str(folder / scripts / "python")

    def run(self, *arguments):
        # Without this process's own paths: what the environment lacks must fail.
        own = {"PYTHONPATH", "COVERAGE_PROCESS_START"}
        clean = {k: v for k, v in os.environ.items() if k not in own}
        return subprocess.run(
            [self.python, *arguments],
            env=clean | {"TERM": "dumb"},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=900,
        )

    def pip(self, *arguments):
        return self.run("-m", "pip", "--disable-pip-version-check", *arguments)

    def uv(self, command, *arguments):
        """Run uv, which resolves and installs in seconds, for this environment."""
        uv = [sys.executable, "-m", "uv", "--quiet", "pip", command]
        done = subprocess.run(
            [*uv, "--python", self.python, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def packages(self):
        listed = self.pip("list", "--format", "json")
        listed.check_returncode()
        return {normal(p["name"]): p["version"] for p in json.loads(listed.stdout)}

    def weigh(self, packages):
        """Return the bytes of the archives of packages, which pip fetches again."""
        folder = self.folder / "archives"
        pins = [f"{name}=={found}" for name, found in packages.items()]
        fetched = self.pip("download", "--quiet", "--no-deps", "--dest", folder, *pins)
        assert fetched.returncode == 0, fetched.stderr
        archives = list(folder.iterdir())
        assert len(archives) == len(packages)
        return sum(path.stat().st_size for path in archives)

    def complaints(self):
        return set(self.pip("check").stdout.splitlines())

    def run_cell(self, source):
        """Run a notebook's cell and the proof that the package works."""
        methods = ["tpe", "hyperopt", "bayes"] + ["gp"] * REAL_TORCH
        proof = PROOF.replace("METHODS", repr(methods))
        script = self.folder / "cell.ipy"
        script.write_text(source + "\n" + proof + TORCH_PROOF * REAL_TORCH, "utf-8")
        return self.run("-m", "IPython", "--colors=NoColor", str(script))


def find_lists():
    """Return a parameter for each list of the folder, with what it needs."""
    needs_list = pytest.mark.needs("colab")
    found = []
    for path in sorted(Path(os.environ.get("HPOCOURSE_COLAB", ".")).glob("*.txt")):
        text = path.read_text("utf-8")
        if "HPOCOURSE_COLAB" in os.environ and "torch @ " in text:
            needs_python = pytest.mark.needs(f"python{read_list(text)[2]}")
            marks = [needs_list, needs_python]
            found.append(pytest.param(text, marks=marks, id=path.stem))
    return found or [pytest.param(None, marks=needs_list, id="no-list")]


@pytest.fixture(scope="module", params=find_lists())
def colab(request):
    """Return the text of a list of Colab's packages."""
    return request.param


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel as the release does."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", folder]
    command = [sys.executable, "-m", "pip", "wheel", *options, ROOT]
    subprocess.run(command, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(colab, wheel, tmp_path_factory, find_python):
    """Return an environment with all of a list that matters here."""
    versions, address, minor = read_list(colab)
    folder = tmp_path_factory.mktemp("colab")
    fresh = Environment(folder / "environment", find_python(minor))

    stub = folder / f"torch-{versions['torch']}-py3-none-any.whl"
    with zipfile.ZipFile(stub, "w") as file:
        info = f"torch-{versions['torch']}.dist-info"
        file.writestr("torch/__init__.py", 'raise ImportError("a stub")\n')
        file.writestr(f"{info}/METADATA", STUB.format(version=versions["torch"]))
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")

    # Debian calls its build of Mako 1.3.2 "1.3.2.dev0", which PyPI does not have.
    own = {}
    for name, found in versions.items():
        released, is_own, _ = found.partition(".dev")
        if is_own:
            where = folder / "own" / name
            options = ["--quiet", "--no-deps", "--only-binary=:all:", "--dest", where]
            fresh.pip("download", *options, f"{name}=={released}").check_returncode()
            (fetched,) = where.iterdir()
            own[name] = rename_release(fetched.rename(folder / fetched.name), found)

    # What all of this may touch, in the versions that Colab has.
    constraints = folder / "constraints.txt"
    constraints.write_text(
        "".join(f"{name}=={found}\n" for name, found in versions.items()), "utf-8"
    )
    wanted = folder / "wanted.txt"
    requirements = [f"hpocourse[course] @ {wheel.as_uri()}", *KERNEL]
    requirements += CHAPTERS * REAL_TORCH
    wanted.write_text("\n".join(requirements), "utf-8")
    options = ["--constraint", constraints, "--find-links", folder, "--no-annotate"]
    resolved = fresh.uv("compile", *options, wanted)
    touched = {
        normal(name) for name in re.findall(r"^([\w.-]+)(?:==| @ )", resolved, re.M)
    }
    assert "jedi" in touched, "the kernel's own requirements were not looked at"
    touched.add("pip")  # which installs it all
    pins = [
        str(own.get(name, f"{name}=={versions[name]}"))
        for name in touched & versions.keys()
    ]
    torch = [f"torch @ {address}"] if REAL_TORCH else [str(stub)]
    pins = [pin for pin in pins if not pin.startswith("torch==")]
    fresh.uv("install", "--no-deps", *pins, *torch)
    return fresh


@pytest.fixture(scope="module")
def server(wheel, tmp_path_factory):
    """Serve the wheel on loopback, where the release's would be."""
    folder = tmp_path_factory.mktemp("served")
    release = folder / "releases" / "download" / f"v{version()}"
    release.mkdir(parents=True)
    (release / wheel.name).write_bytes(wheel.read_bytes())

    requests = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            if self.command == "GET":
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


def printed(done):
    """Return what a run printed; the plain kernel's %pip adds a line, Colab's not."""
    note = "Note: you may need to restart the kernel to use updated packages."
    return [line for line in done.stdout.splitlines() if line not in ("", note)]


def test_setup_cell_installs_and_changes_nothing(
    environment, colab, wheel, server, record_property
):
    address, requests = server
    requests.clear()
    cell = stored_cell("ru").replace(repository(), address)
    assert address in cell
    before, complaints = environment.packages(), environment.complaints()
    versions = read_list(colab)[0]
    assert changed_packages(before, versions) == {}, "the environment is not Colab's"
    assert {"hpocourse", "jedi"}.isdisjoint(before)
    assert len(before) > 70

    begin = processor_time()
    first = environment.run_cell(cell)
    middle = processor_time()
    assert first.returncode == 0, first.stderr + first.stdout
    *rest, proof = printed(first)
    assert (rest, first.stderr) == ([], "")
    language, accuracy, html = json.loads(proof)
    assert (language, accuracy) == ("ru", 1.0)
    assert "Доля верных ответов" in html
    after = environment.packages()
    added = {k: v for k, v in after.items() if k not in before}
    assert changed_packages(before, after) == {}
    assert environment.complaints() <= complaints
    assert after["hpocourse"] == version()
    assert "jedi" not in added
    assert len(requests) == 1
    others = {name: found for name, found in added.items() if name != "hpocourse"}
    size = (environment.weigh(others) + wheel.stat().st_size) / 1e6
    assert size <= MEGABYTES, added

    end = processor_time()
    second = environment.run_cell(cell)
    installing = (middle - begin) - (processor_time() - end)
    assert second.returncode == 0, second.stderr
    assert (len(printed(second)), second.stderr) == (1, "")
    assert environment.packages() == after
    assert len(requests) == 1, "the second run downloaded again"
    record_property(
        "summary",
        f"setup cell beside {len(before)} packages of Colab, Python "
        f"{read_list(colab)[2]}: {size:.1f} MB, {installing:.0f} s of a processor, "
        f"changes none, adds {', '.join(sorted(added))}",
    )


def test_colab_brings_plotly_for_the_interactive_figure(colab):
    assert "plotly" in read_list(colab)[0]


def warnings_of(notebook):
    """Return what cells wrote where warnings go, by the cell's id."""
    return {
        cell.id: output.text
        for cell in code_cells(notebook)
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    }


@pytest.mark.needs("colab_torch")
def test_chapters_run_without_a_warning(environment, server, tmp_path):
    address, _ = server
    options = ["--to", "notebook", "--execute", "--inplace", "--log-level=ERROR"]
    faults = {}
    for chapter in find_notebooks(LANGUAGES[0].folder):
        path = tmp_path / chapter.name
        source = chapter.read_text("utf-8").replace(repository(), address)
        path.write_text(source, "utf-8")
        done = environment.run("-m", "nbconvert", *options, str(path))
        # One that fails is not written, so that its outputs are the stored ones.
        found = warnings_of(read(path)) if done.returncode == 0 else done.stderr
        if found:
            faults[chapter.stem] = found
    assert faults == {}


def test_a_warning_is_seen_and_a_print_is_none():
    cell = new_code_cell(
        id="both",
        outputs=[
            new_output("stream", name="stdout", text="a result"),
            new_output("stream", name="stderr", text="SettingWithCopyWarning"),
        ],
    )
    notebook = new_notebook(cells=[new_code_cell(id="none"), cell])
    assert warnings_of(notebook) == {"both": "SettingWithCopyWarning"}


def test_widgets_would_bring_what_colab_lacks(environment, wheel):
    # Why they are in an extra of their own: pip would add jedi, and change parso.
    wanted = f"hpocourse[course,jupyter] @ {wheel.as_uri()}"
    options = ["--quiet", "--dry-run", "--report", "-"]
    report = environment.pip("install", *options, wanted)
    assert report.returncode == 0, report.stderr
    installs = json.loads(report.stdout)["install"]
    assert "jedi" in {normal(each["metadata"]["name"]) for each in installs}


def test_lists_are_read():
    versions, address, minor = read_list(
        "# a comment\nSQLAlchemy==2.0.49\nen_core @ https://a/b.whl\n"
        "torch @ https://a/cpu/torch-2.11.0%2Bcpu-cp313-cp313-manylinux_2_28_x86_64.whl"
        "\ntorchsummary==1.5.1\n"
    )
    assert versions == {
        "sqlalchemy": "2.0.49",
        "torch": "2.11.0+cpu",
        "torchsummary": "1.5.1",
    }
    assert address.startswith("https://a/cpu/torch-2.11.0%2Bcpu")
    assert minor == "3.13"


def test_a_wheel_is_written_again_as_another_version(tmp_path):
    wheel = tmp_path / "mako-1.3.2-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("mako/__init__.py", "")
        file.writestr("mako-1.3.2.dist-info/METADATA", "Name: mako\nVersion: 1.3.2\n")
        file.writestr("mako-1.3.2.dist-info/RECORD", "mako/__init__.py,sha256=x,0\n")
    renamed = rename_release(wheel, "1.3.2.dev0")
    assert renamed.name == "mako-1.3.2.dev0-py3-none-any.whl"
    with zipfile.ZipFile(renamed) as file:
        info = "mako-1.3.2.dev0.dist-info"
        assert file.namelist() == [
            "mako/__init__.py",
            f"{info}/METADATA",
            f"{info}/RECORD",
        ]
        assert b"\nVersion: 1.3.2.dev0\n" in file.read(f"{info}/METADATA")


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
