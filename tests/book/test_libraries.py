"""What chapters say of a library's inside, where none of its names shows it."""

import logging
import os
import subprocess
import sys
from zlib import crc32

import numpy as np
import optuna
import pytest
from optuna.pruners import HyperbandPruner

from tools.notebooks import ROOT, code_cells, is_setup, read


@pytest.fixture
def brackets(caplog):
    """Return a function that reads in the log of Optuna which brackets trials had."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.DEBUG)
    logger = optuna.logging.get_logger("optuna")
    logger.addHandler(caplog.handler)

    def of_trials(study_name, n_trials):
        def objective(trial):
            caplog.clear()
            trial.report(1.0, 27)  # the last epoch, at which every bracket is asked
            trial.should_prune()
            message = next(text for text in caplog.messages if "bracket is" in text)
            found.append(int(message.split("th ")[0]))
            return 1.0

        found = []
        pruner = HyperbandPruner(min_resource=1, max_resource=27)
        study = optuna.create_study(study_name=study_name, pruner=pruner)
        study.optimize(objective, n_trials)
        return found

    with caplog.at_level(logging.DEBUG, logger="optuna"):
        yield of_trials
    logger.removeHandler(caplog.handler)
    optuna.logging.set_verbosity(verbosity)


@pytest.mark.parametrize("study_name", ["hyperband", "another"])
def test_a_remainder_chooses_the_bracket_of_hyperband(brackets, study_name):
    # So says multi-fidelity, and counts them.
    codes = [crc32(f"{study_name}_{number}".encode()) for number in range(49)]
    own = np.searchsorted([27, 39, 45, 49], np.array(codes) % 49, side="right")
    assert brackets(study_name, 49) == own.tolist()


@pytest.mark.slow
@pytest.mark.parametrize("barred", [True, False])
def test_keras_does_not_load_the_tensorflow_of_colab(barred, tmp_path):
    # It would take seconds, and print lines of its own into the page.
    (tmp_path / "tensorflow.py").write_text("raise SystemExit('it was loaded')")
    notebook = read(ROOT / "book" / "pt" / "tuning-neural-networks.ipynb")
    sources = [cell.source for cell in code_cells(notebook) if not is_setup(cell)]
    last = next(k for k, source in enumerate(sources) if "model.evaluate(" in source)
    code = "\n".join(sources[: last + 1])
    bar = 'sys.modules["tensorflow"] = None'
    assert bar in code
    environment = {
        **os.environ,
        "MPLBACKEND": "agg",
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]),
    }
    done = subprocess.run(
        [sys.executable, "-c", code if barred else code.replace(bar, "")],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (done.returncode == 0) == barred, done.stderr
    assert done.stderr.endswith("it was loaded\n") != barred
