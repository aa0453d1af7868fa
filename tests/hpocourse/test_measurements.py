"""Stored measurements load whole, and say what the chapter reads from them."""

import pytest

from hpocourse import load_measurements
from hpocourse._measurements import MEASUREMENTS, NAMES

every_measurement = pytest.mark.parametrize("name", NAMES)


@every_measurement
def test_measurements_are_whole(name):
    frame = load_measurements(name)
    assert len(frame) > 0
    # A trial that was lost has no value.
    assert not frame.drop(columns="value", errors="ignore").isna().any().any()


def test_measurements_are_small_and_all_are_offered():
    files = {path.name for path in MEASUREMENTS.iterdir()}
    assert files == {f"{name}.csv" for name in NAMES}
    assert sum(path.stat().st_size for path in MEASUREMENTS.iterdir()) < 150_000


def test_threads_gain_only_where_the_interpreter_is_free():
    speed = load_measurements("speed").query("trial_seconds == 0.2")
    speed["gain"] = speed["trials"] * speed["trial_seconds"] / speed["seconds"]
    gains = speed.groupby(["work", "way", "workers"])["gain"].max()
    assert gains["waits", "threads", 4] > 3
    assert gains["python", "threads", 4] < 1.2
    assert gains["python", "processes", 2] > 1.5
    assert gains["numpy", "threads", 2] > 1.5


def test_the_killed_machine_lost_nothing_and_doubled_nothing():
    killed = load_measurements("killed")
    complete = killed[killed["state"] == "COMPLETE"]
    (lost,) = killed[killed["state"] == "FAIL"].itertuples()
    assert sorted(complete["ordinal"]) == list(range(24))
    (again,) = complete[complete["ordinal"] == lost.ordinal].itertuples()
    assert (lost.host, again.host, again.x) == ("doomed", "second", lost.x)
    assert (killed["end"] > killed["begin"]).all()


def test_no_worker_was_at_two_trials_at_once():
    timeline = load_measurements("timeline").sort_values("begin")
    for _, slot in timeline.groupby(["way", "slot"]):
        assert (slot["begin"].iloc[1:].values >= slot["end"].iloc[:-1].values).all()


def test_pending_has_every_arm_with_every_seed():
    pending = load_measurements("pending")
    sizes = pending.groupby(["workers", "liar"]).size()
    assert set(sizes) == {30 * 12}
    assert (pending["regret"] >= 0).all()


def test_widths_have_every_rate_with_every_seed():
    widths = load_measurements("widths")
    by_rate = widths.groupby(["parametrization", "width", "learning_rate"])["seed"]
    assert len(by_rate) == (5 + 3) * 8
    assert all(sorted(seeds) == list(range(16)) for _, seeds in by_rate)


def test_seed_noise_has_every_change_of_every_seed():
    noise = load_measurements("seed_noise")
    assert list(noise) == ["seed", "first", "weights", "order", "shifts", "all"]
    assert list(noise["seed"]) == list(range(50))
    assert noise.drop(columns="seed").stack().between(0.8, 1).all()


def test_searches_have_every_trial_of_every_seed():
    sizes = load_measurements("bayesian_searches").groupby("seed").size()
    assert list(sizes.index) == list(range(50))
    assert set(sizes) == {20}


def test_unknown_measurement():
    with pytest.raises(ValueError, match="did you mean 'speed'"):
        load_measurements("speeds")
