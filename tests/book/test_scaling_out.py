"""The cluster's texts of the chapter on scaling out are run, on stand-ins.

What is real: the program, the lines of the script and of the Dockerfile, the wheel,
and the PostgreSQL server. What stands in, as no machine of the tests has it: for Slurm,
copies of the script that run at once with the variables that it would set, and an
``srun`` that runs its command here; for Docker, a folder and an environment that has
this one's libraries but not the course. There need be no network, so that pip finds
there what it would download. The image that ``FROM`` names, and its Python, are not
tried.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState
from packaging.specifiers import SpecifierSet

from hpocourse.languages import LANGUAGES
from tools.notebooks import ROOT, read

CELL, STUDY, N_TRIALS = "retries-read", "cluster", 24
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
SRUN = '#!/bin/sh\necho "$OMP_NUM_THREADS" >>threads\nexec "$@"\n'


def texts_of(language):
    """Return the program, the script and the recipe of an edition, by their kinds."""
    cells = read(ROOT / "book" / language / "scaling-out.ipynb").cells
    (source,) = (cell.source for cell in cells if cell.id == CELL)
    return dict(FENCE.findall(source))


TEXTS = texts_of("pt")


def test_the_texts_are_the_same_in_all_languages():
    assert list(TEXTS) == ["python", "sh", "dockerfile"]
    for language in LANGUAGES:
        assert texts_of(language.folder) == TEXTS


def executable(path, text):
    """Write a program, and return its folder."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path.parent


def submit(script, folder, study):
    """Stand in for sbatch: run an array's tasks at once; return their exit codes."""
    options = dict(re.findall(r"^#SBATCH --([\w-]+)=(\S+)$", script, re.M))
    first, last = map(int, options["array"].split("-"))
    programs = executable(folder / "programs" / "srun", SRUN)
    job = executable(folder / "job.sh", script) / "job.sh"
    environment = os.environ | {
        "PATH": os.pathsep.join(
            [str(programs), str(Path(sys.executable).parent), os.environ["PATH"]]
        ),
        "PYTHONPATH": str(ROOT),
        "STUDY": study,
        "SLURM_CPUS_PER_TASK": options["cpus-per-task"],
    }
    tasks = [
        subprocess.Popen(
            [job], cwd=folder, env=environment | {"SLURM_ARRAY_TASK_ID": str(task)}
        )
        for task in range(first, last + 1)
    ]
    return [task.wait(300) for task in tasks]


class ImageError(Exception):
    """A recipe whose image cannot be made."""


def build(recipe, context, image):
    """Stand in for docker build: follow a recipe; return the command of its image."""
    image.mkdir()
    venv.create(image / "environment", with_pip=False)
    lend_libraries(image / "environment")
    entrypoint = None
    for line in recipe.splitlines():
        instruction, _, rest = line.partition(" ")
        match instruction:
            case "FROM":
                check_base(rest)
            case "COPY":
                *patterns, target = rest.split()
                for pattern in patterns:
                    files = list(context.glob(pattern))
                    if not files:
                        raise ImageError(f"no {pattern} to copy")
                    for file in files:
                        shutil.copy(file, image / target)
            case "RUN":
                if inside(image, ["sh", "-c", rest]):
                    raise ImageError(rest)
            case "ENTRYPOINT":
                entrypoint = json.loads(rest)
            case _:
                raise ImageError(f"no stand-in for {instruction}")
    return entrypoint


def check_base(base):
    """Raise unless the image is one of Python, of a version that the course takes."""
    found = re.fullmatch(r"python:(3\.\d+)-slim", base)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    if not found or found[1] not in SpecifierSet(project["requires-python"]):
        raise ImageError(base)


def lend_libraries(environment):
    """Let an environment have this one's libraries, pip as well, but not the course."""
    (own,) = (environment / "lib").glob("python*/site-packages")
    for place in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for entry in Path(place).iterdir():
            if "hpocourse" not in entry.name:
                (own / entry.name).symlink_to(entry)
    pip = f'#!/bin/sh\nexec {environment / "bin" / "python"} -m pip "$@"\n'
    executable(environment / "bin" / "pip", pip)


def inside(image, command):
    """Run a command in the image's folder and environment; return its exit code."""
    path = os.pathsep.join([str(image / "environment" / "bin"), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "PIP_NO_INDEX": "1"}
    environment.pop("PYTHONPATH", None)
    return subprocess.run(command, cwd=image, env=environment, timeout=300).returncode


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    kind = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder]
    subprocess.run([*pip, *kind, ROOT], check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture
def context(tmp_path, wheel):
    """What lies beside the Dockerfile."""
    folder = tmp_path / "context"
    folder.mkdir()
    shutil.copy(wheel, folder)
    (folder / "worker.py").write_text(TEXTS["python"])
    return folder


@pytest.fixture
def server(postgresql):
    """The address of a server that has no study of this name before or after."""
    yield postgresql
    optuna.delete_study(study_name=STUDY, storage=postgresql)


def check_study(address):
    trials = optuna.load_study(study_name=STUDY, storage=address).trials
    assert [trial.number for trial in trials] == list(range(N_TRIALS))
    assert {trial.state for trial in trials} == {TrialState.COMPLETE}


@pytest.mark.needs("postgresql")
def test_the_array_runs_one_study_in_three_copies(server, tmp_path):
    (tmp_path / "worker.py").write_text(TEXTS["python"])
    assert submit(TEXTS["sh"], tmp_path, server) == [0, 0, 0]
    assert (tmp_path / "threads").read_text().split() == ["2", "2", "2"]
    check_study(server)


@pytest.mark.needs("postgresql")
def test_the_container_takes_part_in_a_study(server, context, tmp_path):
    image = tmp_path / "image"
    command = build(TEXTS["dockerfile"], context, image)
    ours = "import sys, hpocourse; sys.exit('image' not in hpocourse.__file__)"
    assert inside(image, ["python", "-c", ours]) == 0
    assert inside(image, [*command, server]) == 0
    check_study(server)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("worker.py", "workers.py"),
        ('"$STUDY"', ""),
        ("srun python", "srun pythoon"),
        ("$SLURM_CPUS_PER_TASK", ""),
    ],
)
def test_a_script_that_does_not_run_is_found_out(right, wrong, tmp_path):
    assert TEXTS["sh"].count(right) == 1
    (tmp_path / "worker.py").write_text("import os, sys\nsys.argv[1]\n")
    codes = submit(TEXTS["sh"].replace(right, wrong), tmp_path, "an address")
    threads = (tmp_path / "threads").read_text().split()
    assert any(codes) or threads != ["2", "2", "2"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("python:3.12", "python:3.9"),
        ("*.whl worker.py", "*.whl"),
        ("*.whl worker.py", "worker.py"),
        ("./*.whl ", "./*.zip "),
        ("pip install", "pip instal"),
        ('"psycopg[binary]"', '"psycopg-of-no-index"'),
        ('"worker.py"]', '"workers.py"]'),
    ],
)
def test_a_recipe_that_does_not_run_is_found_out(right, wrong, context, tmp_path):
    assert TEXTS["dockerfile"].count(right) == 1
    (context / "worker.py").write_text("import hpocourse, psycopg\n")
    image = tmp_path / "image"
    try:
        command = build(TEXTS["dockerfile"].replace(right, wrong), context, image)
    except ImageError:
        return
    assert inside(image, [*command, "an address"]) != 0
