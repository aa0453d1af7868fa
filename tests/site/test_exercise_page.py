"""An exercise page as a student meets it: stub, solution on demand, ways out."""

import re
from urllib.parse import urljoin

import pytest
from hpocourse_pages import LANGUAGES

from tools.wording import wording

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]

DESK = {"viewport": {"width": 1280, "height": 900}}
CHAPTER = "what-to-tune-first"
SOLVED = "places[np.argsort(losses)[:10]]"  # what only the first solution has
FOLDERS = [each.folder for each in LANGUAGES]
HIDDEN = re.compile(r"###|(?:BEGIN|END) (?:SOLUTION|HIDDEN)|assert ")


def toggles(page):
    return page.locator("article details", has_text="def ")


def at_first(page, folder):
    """Return what is wrong with a page before anything is touched."""
    text = page.locator("article").inner_text()
    found = []
    if "def edge_counts(losses, places):\n    ..." not in text:
        found.append("no stub is seen")
    if 'hpocourse.hint("what-to-tune-first/1")' not in text:
        found.append("nothing says how to ask for a hint")
    if SOLVED in text:
        found.append("a solution is seen")
    if toggles(page).count() != 3:
        found.append(f"{toggles(page).count()} solutions behind toggles, not 3")
    if HIDDEN.search(page.locator("body").text_content()):
        found.append("a marker or a hidden test is in the text")
    colab = page.locator("a[href*='colab.research.google.com']")
    address = colab.first.get_attribute("href") if colab.count() else ""
    if not address.endswith(f"students/{folder}/exercises/{CHAPTER}.ipynb"):
        found.append(f"the button of Colab leads to {address or 'nothing'}")
    links = page.locator("article a").evaluate_all("all => all.map(each => each.href)")
    if urljoin(page.url, f"../{CHAPTER}.html") not in links:
        found.append("no link back to the chapter")
    return found


def by_keyboard(page):
    """Return what is wrong once the first solution is opened and shut by keys."""
    toggle, found = toggles(page).first, []
    code = toggle.locator("pre")
    # As far as a reader presses Tab, and not by putting the focus there.
    for _step in range(150):
        page.keyboard.press("Tab")
        if toggle.evaluate("each => each.contains(document.activeElement)"):
            break
    else:
        return ["the keys do not reach the solution"]
    page.keyboard.press("Enter")
    if not code.is_visible() or SOLVED not in code.inner_text():
        found.append("Enter does not show the solution")
    elif "# " not in code.inner_text():
        found.append("the solution does not say its idea")
    page.keyboard.press("Enter")
    if code.is_visible():
        found.append("Enter does not hide the solution again")
    return found


@pytest.fixture
def opened(address, visit):
    """Return a function that opens the page in a language."""
    return lambda folder: visit(f"{address}{folder}/exercises/{CHAPTER}.html", **DESK)


@pytest.mark.parametrize("folder", FOLDERS)
def test_page_is_read_solved_and_left(opened, folder):
    page = opened(folder)
    assert at_first(page, folder) == []
    assert by_keyboard(page) == []
    summary = toggles(page).nth(1).locator("summary")
    assert summary.inner_text().strip() == wording(folder).solution
    summary.click()
    assert toggles(page).nth(1).locator("pre").is_visible()
    assert not toggles(page).nth(2).locator("pre").is_visible()
    page.locator(f"article a[href$='../{CHAPTER}.html']").first.click()
    page.wait_for_url(f"**/{folder}/{CHAPTER}.html")
    page.locator(f"article a[href$='exercises/{CHAPTER}.html']").first.click()
    page.wait_for_url(f"**/{folder}/exercises/{CHAPTER}.html")
    assert page.foreign == []
    assert page.errors == []


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        ("all('details').forEach(each => each.open = true)", "a solution is seen"),
        ("all('pre').forEach(each => each.remove())", "no stub is seen"),
        ("all('p').forEach(each => each.remove())", "ask for a hint"),
        ("all('details')[0].remove()", "2 solutions behind toggles"),
        ("all('details pre')[1].append('### END SOLUTION')", "a marker or a hidden"),
        ("all('pre')[2].append('assert edge_counts(a, b)')", "a marker or a hidden"),
        ("all('p a').forEach(each => each.href = '#x')", "no link back"),
        (
            "document.querySelectorAll('a[href*=colab]').forEach("
            "each => each.href = each.href.replace('students', 'main'))",
            "the button of Colab leads to",
        ),
    ],
)
def test_a_broken_page_is_noticed(opened, harm, fault):
    page = opened("pt")
    page.evaluate(
        "harm => { const all = (what) => document.querySelectorAll('article ' + what);"
        f" {harm}; }}"
    )
    assert fault in "\n".join(at_first(page, "pt"))


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        ("each.querySelector('summary').tabIndex = -1", "do not reach"),
        ("each.addEventListener('keydown', e => e.preventDefault())", "not show"),
        ("each.querySelector('pre').textContent = ''", "not show"),
    ],
)
def test_a_page_that_keys_do_not_open_is_noticed(opened, harm, fault):
    page = opened("pt")
    toggles(page).first.evaluate(f"each => {{ {harm}; }}")
    assert fault in "\n".join(by_keyboard(page))
