"""The exercises on the site: stubs, solutions behind toggles, nothing hidden."""

import json
import re

import pytest
from hpocourse_pages import LANGUAGES, addresses

from tools.exercises import find_exercises, split, student, write_students
from tools.notebooks import read as read_notebook
from tools.wording import wording

MARKER = re.compile(r"###\s*(?:BEGIN|END)|(?:BEGIN|END) (?:SOLUTION|HIDDEN)")


def hidden_lines():
    """Return the lines of hidden tests that stand nowhere else in a notebook."""
    found = set()
    for path in find_exercises():
        parts = [
            part for cell in read_notebook(path).cells for part in split(cell.source)
        ]
        shown = {line for kind, text in parts if kind != "HIDDEN TESTS"
                 for line in text.split("\n")}  # fmt: skip
        found |= {
            line.strip()
            for kind, text in parts
            if kind == "HIDDEN TESTS"
            for line in text.split("\n")
            if "assert" in line and line not in shown
        }
    return found


def leaks(folders):
    """Return where markers or hidden tests stand below some folders."""
    secrets = hidden_lines()
    assert len(secrets) >= 20
    # As they are, in JSON, and without the spaces between which a page puts tags.
    secrets |= {json.dumps(line)[1:-1] for line in secrets}
    bare = {re.sub(r"\W", "", line) for line in secrets}
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or path.suffix in {".png", ".woff2", ".ico"}:
                continue
            text = path.read_bytes().decode("utf-8", "replace")
            plain = re.sub(r"\W", "", re.sub(r"<[^>]*>|&\w+;|\\.", "", text))
            if MARKER.search(text):
                found.append(f"{path}: marker")
            found += [f"{path}: {s}" for s in secrets if s in text]
            found += [f"{path}: {s}" for s in bare if s in plain]
    return found


def test_nothing_hidden_is_in_the_built_site(site):
    assert leaks([site, site.parent / "html"]) == []


@pytest.mark.parametrize("kind", ["marker", "as it is", "as JSON", "between tags"])
def test_leaks_are_found(tmp_path, kind):
    secret = next(line for line in sorted(hidden_lines()) if '"' in line)
    tagged = "".join(f"<b>{word}</b> " for word in re.split(r"(\W)", secret) if word)
    texts = {
        "marker": "x = 1\n    ### END SOLUTION\n",
        "as it is": f"<pre>{secret}</pre>",
        "as JSON": json.dumps([secret]),
        "between tags": tagged.replace('"', "&quot;"),
    }
    (tmp_path / "page.html").write_text(texts[kind], "utf-8")
    assert leaks([tmp_path])


@pytest.fixture
def pages(site):
    return [
        (language, path, site / language.folder / "exercises" / f"{path.stem}.html")
        for language in LANGUAGES
        for path in find_exercises(language.folder)
    ]


def test_page_shows_stub_and_solution_behind_a_toggle(pages, read):
    assert len(pages) >= 9
    for language, source, path in pages:
        article = read(path).find("article")
        toggles = article.find_all("details")
        answers = [c for c in read_notebook(source).cells if c.id.startswith("answer-")]
        assert len(toggles) == len(answers)
        for toggle in toggles:
            assert toggle.summary.text == wording(language.folder).solution
            assert len(toggle.text) > 60
            assert not toggle.has_attr("open")
        code = [block.text for block in article.select(".cell_input pre")]
        assert sum(text.rstrip().endswith("    ...") for text in code) == sum(
            cell.cell_type == "code" for cell in answers
        )
        assert wording(language.folder).answer_here.strip("*") in article.text


def test_download_is_the_student_s_version(pages, read):
    for language, source, path in pages:
        actions = read(path).find(class_="actions")
        (download,) = actions.find_all("a", download=True)
        file = (path.parent / download["href"]).resolve()
        there = json.loads(file.read_text("utf-8"))
        wanted = student(read_notebook(source), language.folder)
        assert ["".join(cell["source"]) for cell in there["cells"]] == [
            cell.source for cell in wanted.cells
        ]
        assert all("nbgrader" in cell["metadata"] for cell in there["cells"])


def test_colab_opens_the_student_s_version(pages, read, tmp_path):
    """In the branch, which `publish.yml` fills with what `write_students` writes."""
    written = write_students(tmp_path)
    places = [path.relative_to(tmp_path).as_posix() for path in written]
    opened = []
    for _, _, path in pages:
        (colab,) = read(path).find(class_="actions").find_all("a", class_="first")
        branch = f"{addresses()['colab']}/blob/students/"
        assert colab["href"].startswith(branch)
        opened.append(colab["href"].removeprefix(branch))
    assert opened == places
    assert leaks([tmp_path]) == []


def test_chapters_and_exercises_lead_to_each_other(pages, read):
    for _, source, path in pages:
        chapter = path.parent.parent / f"{source.stem}.html"
        there = {a["href"] for a in read(chapter).find("article").find_all("a")}
        back = {a["href"] for a in read(path).find("article").find_all("a")}
        assert f"exercises/{source.stem}.html" in there
        assert f"../{source.stem}.html" in back


def test_page_is_not_taken_for_its_chapter(pages, read):
    for _, source, path in pages:
        body = read(path).body
        assert body["data-page"] == f"exercises-{source.stem}"


def test_sections_have_the_same_addresses_in_each_language(pages, read):
    by_slug = {}
    for _, source, path in pages:
        ids = [s["id"] for s in read(path).find("article").find_all("section")]
        by_slug.setdefault(source.stem, []).append(ids)
    for ids in by_slug.values():
        assert ids[0] == ids[1] == ids[2]
        assert "task-1" in ids[0]
