"""Glossary, bibliography and pages in Markdown: each fault is told."""

import pytest

from tools.glossary import GlossaryError, load

ABOUT = "Os livros em que este pequeno exemplo se apoia, um por um, em ordem."
ROWS = "  ru: {term: кривая"
# What is broken: file, old and new text, where it is told, what is said.
BROKEN = {
    "no YAML": ("glossary.yml", "- id: curve", "- id: [", "glossary.yml", "is no YAML"),
    "no list": ("glossary.yml", "", "", "glossary.yml", "must be a list of terms"),
    "no term": ("glossary.yml", "{term: dobra, ", "{", "glossary.yml",
                "term 'fold': pt has no 'term'"),
    "language missing": ("glossary.yml", ROWS, "  xx: {term: кривая", "glossary.yml",
                         "term 'curve': ru has no 'means'"),
    "unknown key": ("glossary.yml", "rivals: [partici]", "rival: [partici]",
                    "glossary.yml", "term 'fold': es 'rival' means nothing here"),
    "no English": ("glossary.yml", "en: fold", "en:", "glossary.yml", "has no 'en'"),
    "id": ("glossary.yml", "id: curve", "id: A curve", "glossary.yml", "kebab-case"),
    "order": ("glossary.yml", "id: curve", "id: zigzag", "glossary.yml",
              "'zigzag' where 'fold' belongs"),
    "id twice": ("glossary.yml", "id: curve", "id: fold", "glossary.yml",
                 "term 'fold' stands twice"),
    "term twice": ("glossary.yml", "pt: {term: curva", "pt: {term: dobra",
                   "glossary.yml", "pt term 'dobra' stands twice"),
    "rival is no expression": ("glossary.yml", "[блок]", '["(блок"]', "glossary.yml",
                               "rival '(блок' is no regular expression"),
    "rival in a definition": ("glossary.yml", "Часть данных", "Блок данных",
                              "glossary.yml", "the course's term is 'фолд'"),
    "definition in another language": (
        "glossary.yml", "Uma parte dos dados que mede o modelo.",
        "Una parte de los datos que queda fuera y sirve para medirlo después.",
        "glossary.yml",
        "term 'fold': pt: its definition is in 'es'"),
    "definition's typography": ("glossary.yml", "que mede o modelo.",
                                "que mede 0.5 do modelo.", "glossary.yml",
                                "a decimal point"),
    "no full stop": ("glossary.yml", "que mede o modelo.", "que mede o modelo",
                     "glossary.yml", "must end in a full stop"),
    "no BibTeX": ("references.bib", "@book{ivanova-2020,", "@book{", "references.bib",
                  "syntax error"),
    "no author": ("references.bib", "author =", "editor =", "references.bib",
                  "ivanova-2020 has no author"),
    "no address": ("references.bib", "url =", "note =", "references.bib",
                   "ivanova-2020 has no url or doi"),
    "work not cited": ("es/references.md", "ivanova-2020: Un libro", "Un libro",
                       "es/references.md", "does not list 'ivanova-2020'"),
    "unknown work": ("ru/references.md", "ivanova-2020", "ivanova-2021",
                     "ru/references.md", "lists 'ivanova-2021', which is not in"),
    "no reason": ("pt/references.md", "Um livro que explica de onde vêm as dobras e "
                  "para que servem.", "", "pt/references.md",
                  "says nothing about 'ivanova-2020'"),
    "short description": ("pt/references.md", ABOUT, "Os livros.",
                          "pt/references.md", "description has 10 characters"),
    "long description": ("pt/references.md", ABOUT, " ".join([ABOUT] * 3),
                         "pt/references.md",
                         f"description has {3 * len(ABOUT) + 2} characters"),
    "page in another language": (
        "ru/references.md", "Книга о том, откуда взялись фолды и зачем они нужны.",
        "Un libro que explica de dónde vienen los pliegues y para qué sirven.",
        "ru/references.md", "in 'es' ("),
    "rival on a page": ("ru/references.md", "взялись фолды", "взялись блоки",
                        "ru/references.md", "says 'блок'"),
    "typography of a page": ("pt/references.md", "Um livro", "Um livro de 0.5 kg",
                             "pt/references.md", "a decimal point"),
    "heading": ("es/references.md", "# Referencias", "## Referencias",
                "es/references.md", "heading levels differ"),
    "label": ("es/references.md", "(references-es)=", "(references)=",
              "es/references.md", "label 'references' must be ASCII and end in"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_caught(book, name):
    file, old, new, where, difference = BROKEN[name]
    if old:
        book.change(file, old, new)
    else:
        (book.root / "book" / file).write_text("curve: 1\n", "utf-8")
    lines = list(map(str, book.problems()))
    assert any(f"book/{where}" in line and difference in line for line in lines), lines


def test_page_missing_in_a_language_is_caught(book):
    (book.root / "book" / "ru" / "references.md").unlink()
    lines = list(map(str, book.problems()))
    assert "book/pt/references.md: is missing in 'ru'" in lines
    assert any("ru/references.md: does not list" in line for line in lines)


def test_all_faults_of_the_terms_are_told_at_once(book):
    book.change("glossary.yml", "en: curve", "en:")
    book.change("glossary.yml", "en: score", "en:")
    with pytest.raises(GlossaryError) as caught:
        load(book.root)
    assert caught.value.messages == [
        "term 'curve': has no 'en'",
        "term 'score': has no 'en'",
    ]


def test_a_book_without_glossary_has_no_terms(tmp_path):
    assert load(tmp_path) == []
