"""The experiment in the page: its mathematics, its rounds, and how one plays it."""

import json
import subprocess

import numpy as np
import pytest
from hpocourse_formulas import find_node
from hpocourse_pages import LANGUAGES, ROOT
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF

FOLDER = ROOT / "site" / "theme" / "static" / "experiment"
browser = pytest.mark.needs("chromium")
TELEPHONE = {"viewport": {"width": 390, "height": 844}}
ATTEMPTS = 10


def run(code, *arguments):
    """Return what an expression of JavaScript gives, with the modules at hand."""
    names = {name: str(FOLDER / f"{name}.js") for name in ("process", "players")}
    program = (
        f"const mathematics = require({json.dumps(names['process'])});"
        f"const players = require({json.dumps(names['players'])});"
        f"const results = require({json.dumps(str(FOLDER / 'results.js'))});"
        f"const recorded = require({json.dumps(str(ROOT / 'site' / 'experiment.js'))});"
        "const given = JSON.parse(process.argv[1]);"
        f"console.log(JSON.stringify((() => {{ {code} }})()))"
    )
    command = [find_node(), "-e", program, json.dumps(arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=True
    )
    return json.loads(done.stdout)


# --- Mathematics -----------------------------------------------------------------

POINTS = {
    "one": [[0.1], [0.35], [0.8]],
    "two-at-one-place": [[0.2], [0.2], [0.9]],
    "four": [[0.1, 0.9, 0.4, 0.5], [0.7, 0.2, 0.4, 0.1], [0.3, 0.3, 0.8, 0.6]],
}


def difference(points, length_scale, noise, noise_of_theirs=None):
    """Return how far our process is from scikit-learn's: means, bands, likelihood."""
    values = [1.2, -0.4, 0.3]
    random = np.random.default_rng(0)
    asked = random.uniform(size=(20, len(points[0]))).tolist() + points
    found = run(
        """
        const [points, values, lengthScale, noise, asked] = given;
        const process = new mathematics.Process(lengthScale, noise, points, values);
        return { at: asked.map((each) => process.predict(each)),
                 likelihood: process.likelihood() };
        """,
        *(points, values, length_scale, noise, asked),
    )
    theirs = GaussianProcessRegressor(
        RBF(length_scale), alpha=(noise_of_theirs or noise) ** 2, optimizer=None
    ).fit(points, values)
    mean, deviation = theirs.predict(asked, return_std=True)
    return max(
        abs(np.array([each["mean"] for each in found["at"]]) - mean).max(),
        abs(np.array([each["deviation"] for each in found["at"]]) - deviation).max(),
        abs(found["likelihood"] - theirs.log_marginal_likelihood()),
    )


def test_the_process_is_scikit_learns(record_property):
    cases = [
        difference(points, length_scale, noise)
        for points in POINTS.values()
        for length_scale, noise in [(0.1, 0.3), (0.6, 0.05)]
    ]
    record_property(
        "summary",
        f"the experiment's process beside scikit-learn's, {len(cases)} cases: at most "
        f"{max(cases):.0e} apart (goal: 1e-6)",
    )
    assert max(cases) <= 1e-6


def test_another_process_is_found():
    assert difference(POINTS["one"], 0.1, 0.3, noise_of_theirs=0.301) > 1e-6


def test_draws_have_the_moments_of_the_process():
    found = run(
        """
        const process = new mathematics.Process(0.2, 0.1, [[0.3], [0.6]], [1, -1]);
        const draw = mathematics.normal(mathematics.uniform(1));
        const points = [[0.3], [0.45], [0.95]];
        return { draws: Array.from({ length: 4000 }, () => process.draw(points, draw)),
                 at: points.map((each) => process.predict(each)) };
        """
    )
    draws = np.array(found["draws"])
    mean = [each["mean"] for each in found["at"]]
    deviation = np.array([each["deviation"] for each in found["at"]])
    # Within four standard errors of 4 000 draws.
    assert np.abs(draws.mean(axis=0) - mean).max() < 4 * deviation.max() / 4000**0.5
    assert draws.std(axis=0) == pytest.approx(deviation, rel=0.06)


def test_numbers_at_random_are_uniform_and_follow_from_the_seed():
    draws, again, others = run(
        """
        const some = (seed) => Array.from({ length: 5000 }, mathematics.uniform(seed));
        return [some(3), some(3), some(4)];
        """
    )
    assert draws == again != others
    counts = np.histogram(draws, bins=10, range=(0, 1))[0]
    assert counts.sum() == 5000
    assert abs(counts - 500).max() < 5 * 500**0.5


# --- Rounds ----------------------------------------------------------------------


@pytest.mark.parametrize("dimensions", [1, 4])
def test_rounds_are_fair(dimensions):
    found = run(
        """
        return Array.from({ length: 5 }, (_, i) => {
          const hidden = players.landscape(i + 1, given[0]);
          const random = mathematics.uniform(99);
          const points = Array.from({ length: 500 }, () =>
            Array.from({ length: given[0] }, random));
          return {
            top: hidden.regret(hidden.top),
            regrets: points.map((point) => hidden.regret(point)),
            value: hidden.truth(hidden.top),
            noises: [0, 1].map((k) =>
              hidden.observe(points[k], 3) - hidden.truth(points[k])),
          };
        });
        """,
        dimensions,
    )
    for each in found:
        assert each["top"] == 0
        # Nothing lies above what is called the top, nor below the bottom.
        assert min(each["regrets"]) > -0.5
        assert max(each["regrets"]) < 100.5
        # The noise belongs to the attempt, whatever the point.
        assert each["noises"][0] == pytest.approx(each["noises"][1])
    assert len({round(each["value"], 6) for each in found}) == 5


@pytest.mark.parametrize("dimensions", [1, 4])
def test_results_are_those_of_the_methods(dimensions):
    stored, again = run(
        """
        const stored = results[given[0]];
        const names = Object.keys(players.methods);
        return [names.map((name) => stored[name]),
          names.map((name) => [0, 1].map((i) =>
            recorded.regret(name, recorded.FIRST + i, given[0])))];
        """,
        dimensions,
    )
    assert [len(each) for each in stored] == [200, 200, 200]
    for kept, computed in zip(stored, again, strict=True):
        assert kept[:2] == pytest.approx(computed, abs=0.11)


LIMIT = 40 * 1024


def weight(folder):
    """Return the bytes of all that an experiment loads besides its page."""
    return sum(path.stat().st_size for path in folder.iterdir())


def test_it_is_light(record_property):
    size = weight(FOLDER)
    record_property(
        "summary",
        f"weight of the experiment: {size / 1024:.1f} KiB (goal: {LIMIT // 1024})",
    )
    assert size <= LIMIT


def test_a_heavy_experiment_is_found(tmp_path):
    (tmp_path / "library.js").write_bytes(b"x" * 30_000)
    assert weight(tmp_path) <= LIMIT
    (tmp_path / "results.js").write_bytes(b"x" * 30_000)
    assert weight(tmp_path) > LIMIT


# --- The page --------------------------------------------------------------------


@browser
@pytest.mark.parametrize("folder", [language.folder for language in LANGUAGES])
def test_a_round_is_played_by_keys(address, visit, folder):
    page = visit(f"{address}{folder}/be-the-optimizer.html?round=3", **TELEPHONE)
    game = page.locator("[data-experiment=curve]")
    for attempt in range(ATTEMPTS):
        game.locator("input[type=range]").focus()
        for _ in range(3 * attempt):
            page.keyboard.press("ArrowRight")
        game.locator(".controls button").press("Enter")
        assert f"{attempt + 1} " in game.locator("[role=status]").inner_text()
    assert game.locator(".controls button").is_disabled()
    assert game.locator(".end tbody tr").count() == 4
    assert game.locator("svg").get_attribute("aria-label")
    assert not page.evaluate("document.body.scrollWidth > innerWidth")
    assert not page.errors
    assert not page.foreign
    # The first time that a round is played counts, and it is remembered.
    kept = page.evaluate('localStorage.getItem("hpocourse-experiment")')
    assert list(json.loads(kept)["1"]) == ["3"]


@browser
def test_a_click_is_an_attempt_where_it_is(address, visit):
    page = visit(f"{address}pt/be-the-optimizer.html")
    game = page.locator("[data-experiment=curve]")
    picture = game.locator("svg")
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    picture.click(position={"x": box["width"] / 2, "y": 30})
    assert game.locator("input[type=range]").input_value() == "0.5"
    assert picture.locator("circle.seen").count() == 1
    assert picture.locator(".band").count() == 1
    game.locator("input[type=checkbox]").uncheck()
    assert picture.locator(".band").count() == 0


@browser
def test_in_four_dimensions_the_attempts_are_in_a_row(address, visit):
    page = visit(f"{address}es/be-the-optimizer.html")
    game = page.locator("[data-experiment=four]")
    for _ in range(ATTEMPTS):
        game.locator(".controls button").click()
    assert game.locator("svg circle.seen").count() == ATTEMPTS
    assert game.locator("svg circle").count() == 4 * ATTEMPTS
    game.locator(".end > button").click()
    assert game.locator("svg circle").count() == 0
    assert not page.errors


@browser
def test_the_process_answers_to_its_sliders(address, visit):
    page = visit(f"{address}ru/be-the-optimizer.html")
    process = page.locator("[data-experiment=draws]")
    before = process.locator("[role=status]").inner_text()
    process.locator("input[type=range]").last.fill("0")
    assert process.locator("[role=status]").inner_text() != before
    process.get_by_role("button", name="6").click()
    assert process.locator("circle.seen").count() == 6
    assert process.locator("path.drawn").count() == 5
    assert not page.errors
