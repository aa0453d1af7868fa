import unicodedata

import pytest

from hpocourse.grading._names import canonical, find_owner, make_owner, unwrap


@pytest.mark.parametrize(
    "name",
    [
        "grid-search.ipynb",
        "grid-search (1).ipynb",
        "grid-search(2).ipynb",
        "grid-search.ipynb.txt",
        "grid-search.ipynb.json",
        "grid-search-Copy1.ipynb",
        "grid-search - Copy.ipynb",
        "grid-search - копия.ipynb",
        "grid-search — копия (2).ipynb",
        "Copy of grid-search.ipynb",
        "Cópia de grid-search.ipynb",
        "Copia de grid-search.ipynb",
        "Копия grid-search.ipynb",
        "Копия блокнота grid-search.ipynb",
        "Копия блокнота «grid-search.ipynb»",
        "Копия блокнота _grid-search.ipynb_.ipynb",
        'Копия блокнота "grid-search.ipynb" (1).ipynb',
        "Cópia de Cópia de grid-search (1).ipynb",
        unicodedata.normalize("NFD", "Cópia de grid-search.ipynb"),
        unicodedata.normalize("NFD", "Копия блокнота grid-search.ipynb"),
    ],
)
def test_copies_have_the_name_of_what_was_copied(name):
    assert canonical(name) == "grid-search"


@pytest.mark.parametrize("name", ["grid", "grid-search-2", "Копилка", "Copper"])
def test_other_names_are_left_as_they_are(name):
    assert canonical(f"{name}.ipynb") == name


MOODLE = "Иванов Иван_101_assignsubmission_file_"


@pytest.mark.parametrize(
    ("path", "student"),
    [
        (f"{MOODLE}/Копия блокнота grid-search.ipynb", "Иванов Иван_101"),
        (f"{MOODLE}/answer/a.ipynb", "Иванов Иван_101"),
        (f"{MOODLE[:-1]}/a.ipynb", "Иванов Иван_101"),
        (f"{MOODLE}grid-search.ipynb", "Иванов Иван_101"),
        ("Задание/Иванов Иван - grid-search.ipynb", "Иванов Иван"),
        ("Задание/Копия grid-search.ipynb - Иванов Иван.ipynb", "Иванов Иван"),
        ("Ana Muñoz - Copia de grid-search.ipynb", "Ana Muñoz"),
        ("Ana Muñoz/grid-search.ipynb", "Ana Muñoz"),
        ("Ana Muñoz/tarea/final.ipynb", "Ana Muñoz"),
        ("João Conceição.ipynb", "João Conceição"),
        ("João_grid-search.ipynb", "João"),
        ("grid-search_João.ipynb", "João"),
        ("Copia de grid-search.ipynb", None),
        ("grid-search (1).ipynb", None),
        ("grid-search/grid-search.ipynb", None),
        ("Иванов - Копия блокнота «grid-search».ipynb", "Иванов"),
    ],
)
def test_owner(path, student):
    owner = find_owner(tuple(path.split("/")), "grid-search")
    assert (owner.id if owner.name else None) == student
    assert owner.id


def test_owner_is_fit_for_a_folder_and_for_nbgrader_s_patterns():
    for name in ("a/b", "[x]*?", "{student_id}", "..", 'q"uo:te', "я" * 300, "a+b"):
        owner = make_owner(name)
        if owner is not None:
            assert not set(owner.id) & set('/[]*?{}":+')
            assert 0 < len(owner.id.encode()) <= 180
            assert not owner.id.startswith(".")
    assert make_owner("..") is None
    decomposed = unicodedata.normalize("NFD", "João")
    assert make_owner(decomposed).id == "João"


@pytest.mark.parametrize(
    ("paths", "depth"),
    [
        (["Turma/Ana/grid-search.ipynb", "Turma/Eva/grid-search.ipynb"], 1),
        (["Turma/Ana.ipynb", "Turma/Eva.ipynb"], 1),
        (["Ana/grid-search.ipynb"], 0),
        (["Ana/respostas.ipynb"], 0),
        (["Ana/grid-search.ipynb", "Eva/grid-search.ipynb"], 0),
        ([f"{MOODLE}/a.ipynb"], 0),
        ([], 0),
    ],
)
def test_folders_around_a_download(paths, depth):
    assert unwrap([tuple(path.split("/")) for path in paths], "grid-search") == depth
