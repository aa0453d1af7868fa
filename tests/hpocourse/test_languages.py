import asyncio
import contextvars
import os
import subprocess
import sys
import threading
from dataclasses import FrozenInstanceError, astuple
from pathlib import Path

import pytest
from joblib import Parallel, delayed

import hpocourse
from hpocourse import languages
from hpocourse.languages import ENGLISH, LANGUAGES, get_language, gettext, ngettext
from tests.sample import SAMPLE

ROOT = Path(__file__).parents[2]
FORMS = [
    (form, entry)
    for entry in dict.fromkeys((*LANGUAGES, ENGLISH))
    for form in astuple(entry)
]


def test_registry_has_the_languages_of_the_book():
    assert [entry.folder for entry in LANGUAGES][:3] == list(SAMPLE)
    assert astuple(LANGUAGES[0]) == ("pt", "pt_BR", "pt-BR", "Português")
    with pytest.raises(FrozenInstanceError):
        LANGUAGES[0].folder = "xx"


@pytest.mark.parametrize(("form", "entry"), FORMS)
def test_every_form_is_accepted_in_any_case(form, entry):
    for spelling in (form, form.upper(), form.lower(), f" {form} "):
        assert get_language(spelling) is entry
    hpocourse.set_language(form)
    assert get_language() is entry
    hpocourse.set_language(entry)
    with hpocourse.use_language(form) as current:
        assert current is get_language() is entry


def test_an_edition_in_english_is_the_language_of_the_messages():
    """The module as it is when the registry has English, too."""
    last = '    Language("ru", "ru", "ru", "Русский"),\n'
    text = Path(languages.__file__).read_text("utf-8")
    assert last in text
    if ENGLISH not in LANGUAGES:
        text = text.replace(last, f'{last}    Language("en", "en", "en", "English"),\n')
    module = {"__name__": "languages", "__file__": languages.__file__}
    exec(text, module)
    (english,) = (each for each in module["LANGUAGES"] if each.folder == "en")
    assert module["ENGLISH"] is english is module["get_language"]("en")
    with pytest.raises(ValueError, match="unknown") as caught:
        module["get_language"]("xx")
    assert str(caught.value).count("'en'") == 1


def test_decomposed_accents_are_the_same_name():
    assert get_language("Portugue\u0302s").folder == "pt"


def test_default_is_english():
    assert get_language() is ENGLISH
    assert gettext("Accuracy") == "Accuracy"


@pytest.mark.parametrize("function", [get_language, hpocourse.set_language])
@pytest.mark.parametrize("unknown", ["xx", "", "pt_PT", "portugues"])
def test_unknown_language_lists_the_known(function, unknown):
    with pytest.raises(ValueError, match="unknown language") as caught:
        function(unknown)
    assert repr(unknown) in str(caught.value)
    for form, _ in FORMS:
        assert repr(form) in str(caught.value)


@pytest.mark.parametrize("wrong", [3, b"pt", ["pt"], True])
def test_wrong_type_of_language(wrong):
    with pytest.raises(TypeError, match=r"got .* of type"):
        get_language(wrong)


def test_setting_none_is_refused():
    with pytest.raises(TypeError, match="got None"):
        hpocourse.set_language(None)
    with pytest.raises(TypeError, match="got None"), hpocourse.use_language(None):
        pass


def test_failed_setting_changes_nothing():
    hpocourse.set_language("ru")
    with pytest.raises(ValueError, match="unknown"):
        hpocourse.set_language("xx")
    assert get_language().folder == "ru"


def test_texts():
    texts = {}
    for entry in LANGUAGES[:3]:
        hpocourse.set_language(entry)
        texts[entry.folder] = gettext("Accuracy")
    assert texts == {"pt": "Acurácia", "es": "Exactitud", "ru": "Доля верных ответов"}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", {0: "samples", 1: "sample", 2: "samples", 21: "samples"}),
        ("pt", {0: "amostra", 1: "amostra", 2: "amostras", 21: "amostras"}),
        ("es", {0: "muestras", 1: "muestra", 2: "muestras", 21: "muestras"}),
        (
            "ru",
            {
                **dict.fromkeys((1, 21, 101, 1001), "объект"),
                **dict.fromkeys((2, 3, 4, 22, 104), "объекта"),
                **dict.fromkeys((0, 5, 11, 12, 14, 20, 111, 112, 1797), "объектов"),
            },
        ),
    ],
)
def test_plurals(language, expected):
    with hpocourse.use_language(language):
        got = {
            n: ngettext("{n} sample", "{n} samples", n).format(n=n) for n in expected
        }
    assert got == {n: f"{n} {noun}" for n, noun in expected.items()}


def _in_thread(function):
    result = []
    thread = threading.Thread(target=lambda: result.append(function()))
    thread.start()
    thread.join()
    return result[0]


def test_set_language_is_seen_by_threads_and_other_contexts():
    hpocourse.set_language("ru")
    assert _in_thread(get_language).folder == "ru"
    seen = Parallel(n_jobs=2, prefer="threads")(
        delayed(get_language)() for _ in range(4)
    )
    assert {entry.folder for entry in seen} == {"ru"}
    # Each cell with `await` runs in a context of its own.
    assert contextvars.Context().run(get_language).folder == "ru"


def test_language_set_in_an_await_cell_is_seen_by_the_next():
    async def cell():
        hpocourse.set_language("es")

    asyncio.run(cell())
    assert get_language().folder == "es"
    _in_thread(lambda: hpocourse.set_language("pt"))
    assert get_language().folder == "pt"


def test_use_language_stays_in_its_thread():
    hpocourse.set_language("pt")
    with hpocourse.use_language("ru"):
        assert get_language().folder == "ru"
        assert _in_thread(get_language).folder == "pt"
        with hpocourse.use_language("es"):
            assert gettext("Accuracy") == "Exactitud"
        assert get_language().folder == "ru"
    assert get_language().folder == "pt"


def test_use_language_stays_in_its_task():
    async def task(language):
        with hpocourse.use_language(language):
            await asyncio.sleep(0)
            return get_language().folder

    async def both():
        return await asyncio.gather(task("pt"), task("ru"))

    assert asyncio.run(both()) == ["pt", "ru"]


def test_use_language_ends_with_an_error_too():
    with pytest.raises(RuntimeError), hpocourse.use_language("ru"):
        raise RuntimeError
    assert get_language() is ENGLISH


def test_set_language_within_use_language_waits_for_its_end():
    with hpocourse.use_language("ru"):
        hpocourse.set_language("pt")
        assert get_language().folder == "ru"
    assert get_language().folder == "pt"


def _run(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"} | environment,
        capture_output=True,
        encoding="utf-8",
    )


def test_environment_starts_the_language():
    code = "from hpocourse.languages import gettext; print(gettext('Metric'))"
    assert _run(code).stdout.strip() == "Metric"
    assert _run(code, HPOCOURSE_LANG="").stdout.strip() == "Metric"
    assert _run(code, HPOCOURSE_LANG="pt-BR").stdout.strip() == "Métrica"
    assert _run(code, HPOCOURSE_LANG="русский").stdout.strip() == "Метрика"


def test_environment_yields_to_set_language(monkeypatch):
    monkeypatch.setenv("HPOCOURSE_LANG", "es")
    assert get_language().folder == "es"
    hpocourse.set_language("ru")
    assert get_language().folder == "ru"


def test_environment_with_an_unknown_language(monkeypatch):
    monkeypatch.setenv("HPOCOURSE_LANG", "klingon")
    with pytest.raises(ValueError, match=r"variable HPOCOURSE_LANG: .*'klingon'.*'pt'"):
        get_language()


def test_missing_catalogue_is_an_error_and_not_english(monkeypatch, tmp_path):
    languages._translations.cache_clear()
    monkeypatch.setattr(languages, "LOCALE", tmp_path)
    try:
        hpocourse.set_language("en")
        with pytest.raises(FileNotFoundError, match=r"hatch_build\.py"):
            hpocourse.set_language("ru")
        assert get_language() is ENGLISH
        monkeypatch.setenv("HPOCOURSE_LANG", "ru")
        monkeypatch.setattr(languages, "_default", None)
        with pytest.raises(FileNotFoundError, match="'ru' is not compiled"):
            gettext("Accuracy")
    finally:
        languages._translations.cache_clear()
