"""Private variants: numbers and data of their own, solved by their own solutions."""

import re

import nbformat
import pytest

import hpocourse
from hpocourse._check import _feedback
from hpocourse._check._outcomes import FailedCheck
from hpocourse.grading._course import CourseError
from hpocourse.grading._release import find_source, release, vary
from hpocourse.languages import LANGUAGES, get_language, use_language

from .conftest import CHAPTER
from .test_commands import run

VARIANTS = {
    name: task.variant
    for chapter in _feedback.CHAPTERS
    for name, task in _feedback.find_tasks(chapter).items()
    if task.variant
}
CHAPTERS = sorted({task.partition("/")[0] for task in VARIANTS})
SEEDS = (20461, 20463)


def source(chapter, language="pt"):
    return nbformat.read(find_source(chapter, get_language(language), None), 4)


def variant(chapter, seed, language="pt"):
    notebook = source(chapter, language)
    with use_language(language):
        vary(notebook, chapter, seed)
    return {cell.id: cell.source for cell in notebook.cells}


def number(task, cells):
    """Return the number of a task in a variant, as its check has it."""
    call = cells[f"check-{task.partition('/')[2]}"].partition("\n")[0]
    return float(re.search(rf"{VARIANTS[task].name}=(\S+)\)$", call)[1])


def decimal(value, language):
    """Return a number as the prose of a language writes it."""
    sign = "." if language == "en" else ","
    return f"{value:g}".replace(".", sign).replace("-", "−")


def solve(task, cells, checks):
    """Run a solution, and then the checks of another notebook or of its own."""
    place, names = task.partition("/")[2], {"hpocourse": hpocourse}
    exec(cells["imports"], names)
    exec(cells[f"answer-{place}"], names)
    exec(checks[f"check-{place}"], names)


def test_every_exercise_has_two_tasks_that_vary():
    folder = find_source("grid-search", get_language("pt"), None).parent
    assert sorted(path.stem for path in folder.glob("*.ipynb")) == CHAPTERS
    for chapter in CHAPTERS:
        assert sum(task.startswith(f"{chapter}/") for task in VARIANTS) >= 2


@pytest.mark.parametrize("task", VARIANTS)
def test_solution_passes_its_own_variant_and_no_other(task):
    chapter = task.partition("/")[0]
    public = {cell.id: cell.source for cell in source(chapter).cells}
    first, second = (variant(chapter, seed) for seed in SEEDS)
    solve(task, first, first)
    with pytest.raises(FailedCheck):
        solve(task, public, first)
    if number(task, first) != number(task, second):
        with pytest.raises(FailedCheck):
            solve(task, first, second)


@pytest.mark.parametrize("task", VARIANTS)
def test_each_value_has_its_solution(task):
    chapter, _slash, place = task.partition("/")
    cells = {cell.id: cell.source for cell in source(chapter).cells}
    known, names = VARIANTS[task], {}
    exec(cells["imports"], names)
    for value in known.values:
        text = cells[f"answer-{place}"]
        for old, new in known.edits.items():
            assert old in text
            text = text.replace(old, new.format(**{known.name: value}))
        before = set(names)
        exec(text, names)
        (function,) = (set(names) - before) or {text[4 : text.index("(")]}
        hpocourse.check(task, names[function], seed=1, **{known.name: value})


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_same_number_makes_the_same_variant_in_each_language(chapter):
    seen = []
    for language in [each.folder for each in LANGUAGES]:
        cells = variant(chapter, SEEDS[0], language)
        assert cells == variant(chapter, SEEDS[0], language)
        assert cells != variant(chapter, SEEDS[1], language)
        public = {cell.id: cell.source for cell in source(chapter, language).cells}
        seen.append({name: cells[name] for name in cells if name.startswith("check-")})
        for name, text in cells.items():
            if name.startswith("task-") and text != public[name]:
                more = text.removeprefix(public[name])
                value = number(f"{chapter}/{name[5:]}", cells)
                assert decimal(value, language) in more
                assert "{" not in more
                assert more.startswith("\n\n**")
    assert all(each == seen[0] for each in seen)


def test_students_get_the_numbers_and_no_hidden_test(make_course):
    course, language = make_course(), get_language("ru")
    path = release(course, "random-search", language, seed=SEEDS[0])
    kept = course.folder / "source/random-search-ru/random-search.ipynb"
    hidden = re.findall(r"for seed in \[(.+?)\]", kept.read_text("utf-8"))
    assert len(hidden) == 3
    text = path.read_text("utf-8")
    assert "seed=" not in text
    assert not any(part in text for each in hidden for part in each.split(", "))
    assert "trials_needed, chance=" in text
    assert "В этом варианте" in text
    first = path.read_bytes(), path.stat().st_mtime_ns
    release(course, "random-search", language, seed=SEEDS[0])
    assert (path.read_bytes(), path.stat().st_mtime_ns) == first
    release(course, "random-search", language, seed=SEEDS[1])
    assert kept.read_text("utf-8") != text
    assert re.findall(r"for seed in \[(.+?)\]", kept.read_text("utf-8")) != hidden
    release(course, "random-search", language)
    public = find_source("random-search", language, None)
    assert kept.read_text("utf-8") == public.read_text("utf-8")


def test_what_cannot_vary_is_refused(tmp_path, make_course, exercises):
    course = make_course()
    place = ("--course", course.folder)
    arguments = ("release", CHAPTER, "--lang", "es", "--from", exercises("es"))
    code, out = run(*arguments, "--seed", 7, *place)
    assert code == 1
    assert "nothing in the exercises of 'tiny' varies" in out
    assert not list(course.folder.glob("source/*"))
    notebook = source("grid-search")
    (cell,) = (cell for cell in notebook.cells if cell.id == "answer-1")
    cell.source = cell.source.replace("combinations", "points")
    nbformat.write(notebook, tmp_path / "grid-search.ipynb")
    with pytest.raises(CourseError, match=r"grid-search/1: its solution has no 'comb"):
        release(course, "grid-search", get_language("pt"), tmp_path, seed=7)
    assert run("release", "grid-search", "--lang", "pt", "--seed", "-1", *place)[0] == 2


def test_number_that_a_task_has_not_is_named():
    with pytest.raises(
        TypeError, match=r"grid-search/1 has no number 'level'.*repeats"
    ):
        hpocourse.check("grid-search/1", lambda grid, folds: 1, level=3)
    with pytest.raises(TypeError, match="it has: none"):
        hpocourse.check("grid-search/2", lambda grid, best: 1, level=3)
