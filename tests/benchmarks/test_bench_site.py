"""What is said of the site's marks, and that what misses a goal is told."""

import bench_site
import pytest

GOOD = {name: 100 for name in bench_site.GOALS} | {bench_site.SHIFT: 0.001}


def report(**marks):
    scores = dict.fromkeys(bench_site.GOALS, 1.0) | marks
    return {
        "categories": {name: {"score": score} for name, score in scores.items()},
        "audits": {"cumulative-layout-shift": {"numericValue": 0.001}},
    }


def test_marks_are_read_from_a_report():
    assert bench_site.read_report(report()) == GOOD
    assert bench_site.read_report(report(seo=0.92))["seo"] == 92


def test_a_page_that_was_not_measured_is_told():
    with pytest.raises(RuntimeError, match="no mark"):
        bench_site.read_report(report(performance=None))
    with pytest.raises(RuntimeError, match="did not load"):
        bench_site.read_report({"runtimeError": {"message": "did not load"}})


def test_pages_below_a_goal_are_told():
    slow = GOOD | {"performance": 94}
    moving = GOOD | {bench_site.SHIFT: 0.02}
    assert bench_site.misses("a.html", GOOD | {"performance": 95}) == []
    unlisted = GOOD | {"seo": 54}
    assert bench_site.misses("pt/search.html", unlisted) == []
    assert bench_site.misses("pt/index.html", unlisted) == ["seo 54 (goal: 100)"]
    lines = bench_site.summary({"a.html": GOOD, "b.html": slow, "c.html": moving})
    assert [line.split(":")[0] for line in lines if "MISSED" in line] == [
        "MISSED b.html",
        "MISSED c.html",
    ]
    (performance,) = (line for line in lines if line.startswith("performance"))
    assert performance.split() == ["performance", "94", "100", "95"]


def test_every_page_is_measured(tmp_path):
    (tmp_path / "pt").mkdir()
    for name in ("index.html", "404.html", "pt/a.html", "pt/a.js"):
        (tmp_path / name).touch()
    assert bench_site.pages(tmp_path) == ["index.html", "pt/a.html"]
    assert bench_site.pages(tmp_path, "pt/") == ["pt/a.html"]


def test_status_is_that_of_the_worst_page(monkeypatch, tmp_path, capsys):
    (tmp_path / "index.html").touch()
    monkeypatch.setattr(bench_site, "SITE", tmp_path)
    marks = dict(GOOD)
    monkeypatch.setattr(bench_site, "measure", lambda *_: marks)
    assert bench_site.main(["--lighthouse", "lighthouse"]) == 0
    marks["seo"] = 99
    assert bench_site.main(["--lighthouse", "lighthouse"]) == 1
    assert "MISSED index.html: seo 99" in capsys.readouterr().out
    assert bench_site.main(["--lighthouse", "lighthouse", "--only", "pt/"]) == 1
