"""A small book with nothing wrong in it, to be broken in one place at a time."""

import shutil
from pathlib import Path

import pytest
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)

from tools.checks import Page, check_book
from tools.notebooks import ROOT, code_cells, code_hash, read, write
from tools.setup_cell import setup_source

TEXTS = {
    "pt": {
        "about": "Uma frase só.",
        "title": "# Uma amostra\n\nEste capítulo pequeno mostra como o "
        "[modelo](glossary.md#model) `SVR` prevê a [nota](glossary.md#score) $R^2 = "
        "0{,}734$ com 48 ajustes, e é lido em "
        "cerca de 5\u00a0minutos. Veja a [amostra](#fig-sample-pt).",
        "score": "## A nota\n\nA nota média de três [dobras](glossary.md#fold) vale "
        "0,734, isto é, 73,4% "
        "da variação dos dados que o modelo nunca viu antes.",
        "comment": "# A semente fica fixa para que a nota se repita sempre igual.",
        "print": "a nota média vale",
        "figure": "A figura seguinte mostra a [curva](glossary.md#curve) da nota. Por "
        "que ela cresce? "
        "Porque o modelo passa a enxergar “mais” dados a cada passo.",
        "label": "nota do modelo",
        "caption": "A nota cresce com o número de dados de treino.",
        "alt": "Uma linha que sobe da esquerda para a direita e depois fica plana.",
    },
    "es": {
        "about": "Una sola frase.",
        "title": "# Una muestra\n\nEste capítulo pequeño muestra cómo el "
        "[modelo](glossary.md#model) `SVR` predice la [nota](glossary.md#score) $R^2 "
        "= 0{,}734$ con 48 ajustes, y se lee en "
        "unos 5\u00a0minutos. Mira la [muestra](#fig-sample-es).",
        "score": "## La nota\n\nLa nota media de [3 pliegues](glossary.md#fold) vale "
        "0,734, es decir, "
        "73,4\u00a0% de la variación de los datos que el modelo nunca vio antes.",
        "comment": "# La semilla queda fija para que la nota se repita siempre igual.",
        "print": "la nota media vale",
        "figure": "La figura siguiente muestra la [curva](glossary.md#curve) de la "
        "nota. ¿Por qué crece? "
        "Porque el modelo pasa a ver “más” datos a cada paso.",
        "label": "nota del modelo",
        "caption": "La nota crece con el número de datos de entrenamiento.",
        "alt": "Una línea que sube de izquierda a derecha y después queda plana.",
    },
    "ru": {
        "about": "Одна фраза.",
        "title": "# Пример\n\nЭта небольшая глава показывает, как "
        "[модель](glossary.md#model) "
        "`SVR` предсказывает [оценку](glossary.md#score) $R^2 = 0{,}734$ за 48 "
        "обучений; читается она "
        "около 5\u00a0минут. Смотрите [пример](#fig-sample-ru).",
        "score": "## Оценка\n\nСредняя оценка по трём [фолдам](glossary.md#fold) "
        "равна 0,734, то есть "
        "73,4\u00a0% разброса данных, которых модель раньше не видела.",
        "comment": "# Зерно закреплено, чтобы оценка всегда повторялась.",
        "print": "средняя оценка равна",
        "figure": "Следующий рисунок показывает [кривую](glossary.md#curve) оценки. "
        "Почему она растёт? "
        "Потому что модель с каждым шагом видит «больше» данных.",
        "label": "оценка модели",
        "caption": "Оценка растёт с числом обучающих данных.",
        "alt": "Линия, которая поднимается слева направо, а затем становится плоской.",
    },
}
GLOSSARY = """\
- id: curve
  en: curve
  pt: {term: curva, means: "Desenho que mostra como um valor muda quando outro muda."}
  es: {term: curva,
    means: "Dibujo que muestra cómo cambia un valor cuando otro cambia."}
  ru: {term: кривая,
    means: "Рисунок, на котором видно, как одно значение меняется с другим."}
- id: fold
  en: fold
  pt: {term: dobra, rivals: ["folds?\\\\b"],
    means: "Uma parte dos dados que mede o modelo."}
  es: {term: pliegue, rivals: [partici],
    means: "Una parte de los datos que mide el modelo."}
  ru: {term: фолд, rivals: [блок], means: "Часть данных, на которой проверяют модель."}
- id: model
  en: model
  pt: {term: modelo, means: "Função que aprende com os dados a fazer previsões."}
  es: {term: modelo, means: "Función que aprende de los datos a hacer predicciones."}
  ru: {term: модель, means: "Функция, которая по данным учится делать прогнозы."}
- id: score
  en: score
  pt: {term: nota, means: "Número que diz quanto um modelo acerta."}
  es: {term: nota, means: "Número que dice cuánto acierta un modelo."}
  ru: {term: оценка, means: "Число, которое говорит, насколько верна модель."}
"""
WORKS = """\
@book{ivanova-2020,
  author = {Ivanova, Anna and {The Others}},
  title = {Folds},
  publisher = {A Press},
  year = {2020},
  url = {https://example.org/folds},
}
"""
REFERENCES = {
    "pt": ("Os livros em que este pequeno exemplo se apoia, um por um, em ordem.",
           "Referências",
           "Um livro que explica de onde vêm as dobras e para que servem."),
    "es": ("Los libros en que se apoya este pequeño ejemplo, uno por uno, en orden.",
           "Referencias",
           "Un libro que explica de dónde vienen los pliegues y para qué."),
    "ru": ("Книги, на которые опирается этот маленький пример, все по порядку.",
           "Литература", "Книга о том, откуда взялись фолды и зачем они нужны."),
}  # fmt: skip
# A picture of 2 × 2 pixels, for one of the page.
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAAAAABX3VL4AAAADklEQVR42mNgYGBgYAAAAAYAAW/q"
    "15wAAAAASUVORK5CYII="
)


def good_notebook(language):
    """Return the sample's notebook in one language, with stored outputs."""
    texts = TEXTS[language]
    figure = {"caption": texts["caption"], "name": f"fig-sample-{language}"}
    cells = [
        new_markdown_cell(texts["title"], id="title"),
        new_code_cell(
            setup_source(language), id="setup", metadata={"tags": ["remove-cell"]}
        ),
        new_code_cell("import matplotlib.pyplot as plt\nimport numpy as np", id="load"),
        new_markdown_cell(texts["score"], id="score-intro"),
        new_code_cell(
            f"{texts['comment']}\nrng = np.random.default_rng(0)\nfits, score = 48, "
            f'0.734\nprint(f"{texts["print"]} {{score:.3f}}")',
            id="score",
            outputs=[new_output("stream", text=f"{texts['print']} 0.734\n")],
        ),
        new_markdown_cell(texts["figure"], id="figure-intro"),
        new_code_cell(
            f'plt.plot([1, 2], label="{texts["label"]}")\nplt.show()',
            id="figure",
            metadata={
                "mystnb": {"figure": figure, "image": {"alt": texts["alt"]}},
                "tags": ["hide-input"],
            },
            outputs=[
                new_output(
                    "display_data",
                    {
                        "image/png": PIXEL,
                        "text/plain": "<Figure size 640x480 with 1 Axes>",
                    },
                    metadata={"image/png": {"width": 1, "height": 1}},
                )
            ],
        ),
    ]
    notebook = new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {
                "display_name": "Python 3",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
            "hpocourse": {"language": language, "description": texts["about"]},
        },
    )
    stamp(notebook)
    return notebook


def stamp(notebook):
    """Make a notebook look executed as it stands."""
    for count, cell in enumerate(code_cells(notebook), start=1):
        cell.execution_count = count
    notebook.metadata["hpocourse"]["executed"] = code_hash(notebook)


class Book:
    """A book of one chapter in a folder of its own."""

    def __init__(self, root):
        self.root = root

    def lay(self):
        """Write what a good book has."""
        root = self.root
        for name in ("pyproject.toml", "hpocourse/__init__.py"):
            (root / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, root / name)
        for language in TEXTS:
            (root / "book" / language).mkdir(parents=True)
            write(self.path(language), good_notebook(language))
            about, title, reason = REFERENCES[language]
            (root / "book" / language / "references.md").write_text(
                f'---\ndescription: "{about}"\n---\n\n(references-{language})=\n'
                f"# {title}\n\n```{{works}}\nivanova-2020: {reason}\n```\n",
                "utf-8",
            )
        (root / "book" / "glossary.yml").write_text(GLOSSARY, "utf-8")
        (root / "book" / "references.bib").write_text(WORKS, "utf-8")

    def path(self, language) -> Path:
        return self.root / "book" / language / "sample.ipynb"

    def page(self, language) -> Page:
        return Page.load(self.path(language), self.root)

    def pages(self) -> dict[str, Page]:
        return {language: self.page(language) for language in TEXTS}

    def edit(self, language, change, *, executed=True):
        """Let a function change one notebook, given its cells by id."""
        notebook = read(self.path(language))
        change(notebook, {cell.id: cell for cell in notebook.cells})
        if executed:
            stamp(notebook)
        write(self.path(language), notebook)

    def change(self, name, old, new):
        """Replace something in a file that is not a notebook."""
        path = self.root / "book" / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    def problems(self):
        return check_book(self.root)


@pytest.fixture(scope="session")
def good_book(tmp_path_factory):
    """Return the folder of a good book, for others to copy."""
    root = tmp_path_factory.mktemp("good-book")
    Book(root).lay()
    return root


@pytest.fixture
def book(tmp_path, good_book, three_languages):
    shutil.copytree(good_book, tmp_path, dirs_exist_ok=True)
    return Book(tmp_path)
