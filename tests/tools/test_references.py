"""Works are read as they are shown."""

import pytest

from tools.references import cited_works, load

WORKS = """\
@article{many-2001,
  author  = {Silva, Ana Maria and Пак, Ли and {The Others} and Le Roux, J.-P. and X, Y},
  title   = {On {SVR} \\& Others},
  journal = {A Journal},
  year    = {2001},
  volume  = {13},
  number  = {2},
  pages   = {1--9},
  doi     = {10.1000/1},
}
@inproceedings{one-2002,
  author    = {de la Cruz, Sor Juana},
  title     = {Alone},
  booktitle = {Proceedings},
  year      = {2002},
  pages     = {7},
  url       = {https://example.org/alone},
  doi       = {10.1000/2},
}
@misc{others,
  author = {Gómez, Ana and others},
  title  = {Long},
  url    = {https://example.org/long},
}
@misc{site,
  author = {{The Authors}},
  title  = {A Site},
  url    = {https://example.org/},
}
"""


@pytest.fixture
def works(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "references.bib").write_text(WORKS, "utf-8")
    return load(tmp_path)


def test_names(works):
    assert works["many-2001"].authors == (
        "Silva, A. M.",
        "Пак, Л.",
        "The Others",
        "Le Roux, J.-P.",
        "X, Y.",
    )
    assert works["many-2001"].is_long
    assert works["one-2002"].authors == ("de la Cruz, S. J.",)
    assert not works["one-2002"].is_long
    assert works["others"].is_long
    assert works["others"].authors[0] == "Gómez, A."


def test_what_else_is_shown(works):
    shown = {key: (work.title, work.place, work.year) for key, work in works.items()}
    assert shown == {
        "many-2001": ("On SVR & Others", "A Journal 13(2), 1–9", "2001"),
        "one-2002": ("Alone", "Proceedings, 7", "2002"),
        "others": ("Long", "", ""),
        "site": ("A Site", "", ""),
    }
    assert [work.address for work in works.values()] == [
        "https://doi.org/10.1000/1",
        "https://example.org/alone",
        "https://example.org/long",
        "https://example.org/",
    ]


def test_a_book_without_works_has_none(tmp_path):
    assert load(tmp_path) == {}


def test_works_of_a_page():
    text = "a: b\n\n```{works}\nx-1: One: two.\ny-2:\n```\n\nz-3: no\n"
    assert cited_works(text) == {"x-1": "One: two.", "y-2": ""}
