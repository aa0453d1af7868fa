import matplotlib
import pytest

matplotlib.use("agg")


@pytest.fixture(autouse=True)
def english(monkeypatch):
    """Start each test with no language set, and forget what the test sets."""
    from hpocourse import languages

    monkeypatch.delenv(languages.VARIABLE, raising=False)
    monkeypatch.setattr(languages, "_default", None)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")
