"""The stored searches are what the library proposes, and are made resumably."""

import make_bayesian_searches
import pandas as pd
import pytest

from hpocourse import load_measurements


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Another file than the package's, with all that it holds."""
    path = tmp_path / "bayesian_searches.csv"
    monkeypatch.setattr(make_bayesian_searches, "FILE", path)
    load_measurements("bayesian_searches").to_csv(path, index=False)
    return path


@pytest.mark.slow
def test_searching_again_begins_as_stored():
    assert make_bayesian_searches.check()


@pytest.mark.slow
def test_a_value_that_the_table_does_not_give_is_found_out(file):
    forged = pd.read_csv(file)
    forged.loc[7, "value"] += 0.01
    forged.to_csv(file, index=False)
    assert not make_bayesian_searches.check()


def test_searches_are_resumed(file, monkeypatch):
    whole = pd.read_csv(file)
    made = []

    def search(seed):
        made.append(seed)
        return whole[whole["seed"] == seed]

    monkeypatch.setattr(make_bayesian_searches, "search", search)
    last = make_bayesian_searches.SEEDS - 1
    whole[whole["seed"] < last].to_csv(file, index=False)
    make_bayesian_searches.make()
    assert made == [last]
    pd.testing.assert_frame_equal(pd.read_csv(file), whole)
    assert [path.name for path in file.parent.iterdir()] == ["bayesian_searches.csv"]
