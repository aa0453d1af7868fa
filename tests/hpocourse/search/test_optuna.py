"""Each private name that is borrowed is there, and does what it is borrowed for."""

import ast
import re
from pathlib import Path

import matplotlib as mpl
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import GPSampler, RandomSampler, TPESampler
from optuna.storages import InMemoryStorage, RDBStorage, get_storage
from optuna.trial import TrialState
from optuna.visualization import matplotlib as native

from hpocourse import search
from hpocourse.search import _optuna

PACKAGE = Path(search.__file__).parent
ROOT = PACKAGE.parents[1]
#: Names that another library's documentation does not know.
HIDDEN = re.compile(r"^(?!hpocourse\b)(joblib\.externals|.*\._[^_.])")


@pytest.fixture
def study():
    return optuna.create_study(sampler=RandomSampler(seed=0))


def test_storage_study_and_trial_are_known_by_numbers(study):
    trial = study.ask()
    storage = _optuna.storage_of(study)
    assert isinstance(storage, InMemoryStorage)
    assert storage.get_study_name_from_id(_optuna.study_id_of(study)) == (
        study.study_name
    )
    assert storage.get_trial(_optuna.id_of(trial)).number == trial.number


def test_a_running_trial_is_taken_up(study):
    asked = study.ask()
    trial = _optuna.trial_of(study, _optuna.id_of(asked))
    assert trial.number == asked.number
    assert trial.suggest_float("x", 0, 1) == study.trials[0].params["x"]


@pytest.mark.parametrize(
    "d", [FloatDistribution(1, 9, log=True), CategoricalDistribution(["a", "b"])]
)
def test_parameters_of_any_kind_are_suggested(d, study):
    value = _optuna.suggest(study.ask(), "x", d)
    assert study.trials[0].params == {"x": value}
    assert study.trials[0].distributions == {"x": d}


def test_a_study_is_told(study):
    _optuna.tell(study, study.ask(), 0.5, TrialState.COMPLETE)
    assert study.best_value == 0.5
    with pytest.raises(ValueError, match="Cannot tell"):
        _optuna.tell(study, optuna.trial.Trial(study, 0), 1.0, TrialState.COMPLETE)


def test_stop_works_within_and_only_there(study):
    with _optuna.stoppable(study):
        assert not _optuna.stopped(study)
        study.stop()
        assert _optuna.stopped(study)
    with pytest.raises(RuntimeError):
        study.stop()


@pytest.mark.parametrize("name", ["a.log", "a.db"])
def test_the_file_of_a_storage(name, tmp_path):
    storage = search.open_storage(tmp_path / name)
    assert _optuna.file_of(storage) == str(tmp_path / name)
    assert (_optuna.database_of(storage) is None) == (name == "a.log")


def test_memory_has_neither_file_nor_database():
    assert _optuna.file_of(InMemoryStorage()) is None
    assert _optuna.database_of(InMemoryStorage()) is None


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_the_heartbeat_of_a_database(tmp_path):
    address = f"sqlite:///{tmp_path}/a.db"
    for options, expected in [
        ({}, None),
        ({"heartbeat_interval": 3}, (3, 6)),
        ({"heartbeat_interval": 3, "grace_period": 5}, (3, 5)),
    ]:
        storage = get_storage(RDBStorage(address, **options))
        assert _optuna.heartbeat_of(storage) == expected
    assert _optuna.heartbeat_of(InMemoryStorage()) is None


def test_a_plot_keeps_the_style_in_use(study):
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    settings = dict(mpl.rcParams)
    ax = _optuna.draw(native.plot_optimization_history, study)
    assert dict(mpl.rcParams) == settings
    assert ax.get_facecolor() == mpl.colors.to_rgba(settings["axes.facecolor"])


def test_a_search_space_becomes_a_cube():
    space = {"x": FloatDistribution(1, 100, log=True), "y": FloatDistribution(-2, 2)}
    cube = _optuna.cube_of(space)
    row = cube.transform({"x": 10.0, "y": 1.0})
    assert row.tolist() == pytest.approx([0.5, 0.75])
    assert cube.untransform(row) == pytest.approx({"x": 10.0, "y": 1.0})
    assert [columns.tolist() for columns in cube.column_to_encoded_columns] == [
        [0],
        [1],
    ]
    assert len(cube.bounds) == 2


@pytest.mark.parametrize("make", [RandomSampler, TPESampler])
def test_a_sampler_draws_again_what_it_drew_with_a_seed(make, study):
    sampler, space, drawn = make(seed=3), FloatDistribution(0, 1), []
    if make is TPESampler:
        _optuna.share_generator(sampler)
    trial = study.trials[0] if study.trials else None
    study.ask()
    trial = study.trials[0]
    for seed in (7, 7, 8):
        _optuna.reseed(sampler, seed)
        drawn.append(sampler.sample_independent(study, trial, "x", space))
    assert drawn[0] == drawn[1] != drawn[2]


def test_gp_takes_a_seed():
    assert isinstance(GPSampler(seed=1), optuna.samplers.BaseSampler)


@pytest.mark.filterwarnings("ignore", category=ExperimentalWarning)
def test_the_number_of_a_quasi_random_point_is_set_by_hand():
    space = {"x": FloatDistribution(0, 1)}
    points = []
    for number in (3, 4, 3):
        sampler = _optuna.NumberedSobolSampler(seed=0, scramble=True)
        sampler.next_point = number
        study = optuna.create_study()
        study.ask(space)
        trial = study.trials[0]
        points.append(sampler.sample_relative(study, trial, space)["x"])
    assert points[0] == points[2] != points[1]


def test_enqueued_parameters_are_fixed(study):
    study.enqueue_trial({"x": 0.25})
    assert study.trials[0].system_attrs[_optuna.FIXED_PARAMS] == {"x": 0.25}


def test_the_process_pool_starts_and_ends_a_worker():
    pool = _optuna.ProcessPoolExecutor(
        max_workers=1, initializer=int, initargs=("3",), env={"OMP_NUM_THREADS": "1"}
    )
    assert pool.submit(int, "3").result() == 3
    pool.shutdown(wait=True, kill_workers=True)


def private_names(source):
    """Return what a module takes from objects or libraries that call it private."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and re.match("_[^_]", node.attr):
            # `os._exit` is documented.
            if ast.unparse(node.value) not in ("self", "cls", "super()", "os"):
                found.append(node.attr)
        elif isinstance(node, ast.Import):
            found += [each.name for each in node.names if HIDDEN.search(each.name)]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            # Names of modules that are private, and private names of public ones.
            names = [f"{node.module}.{each.name}" for each in node.names]
            found += [name for name in names if HIDDEN.search(name)]
    return found


def test_private_names_are_borrowed_in_one_place():
    folders = (ROOT / name for name in ("hpocourse", "tools", "site", "benchmarks"))
    paths = [path for folder in folders for path in folder.rglob("*.py")]
    assert PACKAGE / "_optuna.py" in paths
    for path in paths:
        if path != PACKAGE / "_optuna.py":
            assert private_names(path.read_text("utf-8")) == [], path.relative_to(ROOT)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from optuna.study._tell import x", ["optuna.study._tell.x"]),
        ("from joblib.externals import loky", ["joblib.externals.loky"]),
        ("from torch import _foreach_add_", ["torch._foreach_add_"]),
        ("import sklearn.utils._mask", ["sklearn.utils._mask"]),
        ("study._storage", ["_storage"]),
        ("self._mine\na.__doc__\nfrom hpocourse._style import x", []),
        ("from __future__ import annotations\nfrom a import __version__", []),
    ],
)
def test_a_private_name_is_seen(source, found):
    assert private_names(source) == found


def test_what_is_borrowed_is_seen():
    assert "_storage" in private_names((PACKAGE / "_optuna.py").read_text("utf-8"))
