"""MNIST: small stand-ins for the files, from good and bad mirrors on loopback."""

import errno
import gzip
import logging.handlers
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pooch
import pytest

import hpocourse
from hpocourse import _mnist, load_mnist

ROOT = Path(__file__).parents[2]
PARTS = ("train", "valid", "test")
IMAGES, LABELS = "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"


def _idx(array):
    header = struct.pack(f">HBB{array.ndim}i", 0, 8, array.ndim, *array.shape)
    return gzip.compress(header + array.tobytes(), compresslevel=1, mtime=0)


def _part(n, part):
    """Return the two files of a part, each image showing its part and label."""
    labels = (np.arange(n) * 7 % 10).astype(np.uint8)
    images = np.zeros((n, 28, 28), np.uint8)
    images[:, 0, 0], images[:, 27, 27] = labels, part == "t10k"
    images[:, 1, 0], images[:, 1, 1] = np.arange(n) // 256, np.arange(n) % 256
    images[:, 2, 0] = 255
    return {
        f"{part}-images-idx3-ubyte.gz": _idx(images),
        f"{part}-labels-idx1-ubyte.gz": _idx(labels),
    }


def _files(n_train, n_test):
    return _part(n_train, "train") | _part(n_test, "t10k")


FILES = _files(600, 200)


class Server(ThreadingHTTPServer):
    """Mirrors by their behavior, which is the folder of the address."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = []
        self.closing = threading.Event()

    def mirror(self, behavior):
        return f"http://127.0.0.1:{self.server_port}/{behavior}/"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        behavior, name = self.path.strip("/").split("/")
        self.server.requests.append((behavior, name))
        content = FILES[name]
        half = content[: len(content) // 2]
        match behavior:
            case "good":
                self.answer(content)
            case "encoded":
                self.answer(content, encoding="gzip" in self.headers["Accept-Encoding"])
            case "redirect":
                self.send_response(302)
                self.send_header("Location", f"/good/{name}")
                self.end_headers()
            case "truncated":
                self.answer(half, length=len(content))
            case "cut":
                self.answer(half)
            case "empty":
                self.answer(b"")
            case "wrong":
                self.answer(_idx(np.zeros(3, np.uint8)))
            case "page":
                self.answer(b"<html>Please log in to the hotel's network.</html>")
            case "missing":
                self.send_error(404)
            case "broken":
                self.send_error(503)
            case "hangs-up":
                self.close_connection = True
            case "slow":
                self.answer(half, length=len(content))
                self.server.closing.wait(30)
            case "silent":
                self.server.closing.wait(30)

    def answer(self, content, length=None, encoding=False):
        self.send_response(200)
        self.send_header("Content-Length", str(length or len(content)))
        if encoding:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def running():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def server(running):
    running.requests.clear()
    return running


class Mirrors:
    """Addresses, with a short patience where a mirror will be silent, and only there.

    A busy machine may take long to answer.
    """

    def __init__(self, server, behaviors):
        self.server, self.behaviors = server, behaviors

    def __iter__(self):
        for behavior in self.behaviors:
            _mnist.TIMEOUT = 0.3 if behavior in {"slow", "silent"} else 30
            yield self.server.mirror(behavior)
        if not self.behaviors:  # what is asked for must lie in the cache
            yield "http://127.0.0.1:9/"


@pytest.fixture
def use(monkeypatch, tmp_path, server):
    """Return a function that says which mirrors there are; the cache is empty."""
    hashes = {name: sha256(content).hexdigest() for name, content in FILES.items()}
    monkeypatch.setattr(_mnist, "FILES", hashes)
    monkeypatch.setattr(_mnist, "TIMEOUT", _mnist.TIMEOUT)
    monkeypatch.setenv("HPOCOURSE_DATA", str(tmp_path))

    def mirrors(*behaviors):
        monkeypatch.setattr(_mnist, "MIRRORS", Mirrors(server, behaviors))
        return tmp_path / "mnist"

    return mirrors


def _names(folder):
    return sorted(path.name for path in folder.glob("*"))


def _fill(folder, names=tuple(FILES)):
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(FILES[name])


# Mirrors

BAD = [
    ("truncated", "IncompleteRead|more expected"),
    ("cut", "damaged on the way, or not the file"),
    ("empty", "damaged on the way, or not the file"),
    ("wrong", "damaged on the way, or not the file"),
    ("page", "damaged on the way, or not the file"),
    ("missing", "404 Client Error"),
    ("broken", "503 Server Error"),
    ("hangs-up", "closed connection"),
    ("slow", r"Read timed out"),
    ("silent", r"Read timed out. \(read timeout=0.3\)"),
]


@pytest.mark.parametrize("behavior", ["good", "redirect", "encoded"])
def test_good_mirror(use, server, behavior):
    folder = use(behavior, "missing")
    data = load_mnist(subset="t10k")
    assert data.X_train.shape == (120, 784)
    assert _names(folder) == [IMAGES, LABELS]
    for name in (IMAGES, LABELS):
        assert (folder / name).read_bytes() == FILES[name]
        assert (folder / name).stat().st_mode & 0o444 == 0o444
    assert {name for asked, name in server.requests if asked == "missing"} == set()


@pytest.mark.parametrize("behavior", [behavior for behavior, _ in BAD])
def test_bad_mirror_is_passed_over(use, server, behavior):
    folder = use(behavior, "good")
    assert len(load_mnist(subset="t10k").y_train_valid) == 160
    assert _names(folder) == [IMAGES, LABELS]
    assert server.requests[:2] == [(behavior, IMAGES), ("good", IMAGES)]


@pytest.mark.parametrize(("behavior", "reason"), BAD)
def test_bad_mirror_alone_leaves_nothing(use, server, behavior, reason):
    folder = use(behavior)
    with pytest.raises(ConnectionError, match=reason) as caught:
        load_mnist(subset="t10k")
    assert _names(folder) == []
    message = str(caught.value)
    assert message.startswith(f"no mirror has given {IMAGES}:\n")
    assert server.mirror(behavior) in message
    assert f"put the file into {folder} by hand" in message
    assert "HPOCOURSE_DATA" in message


def test_nobody_at_the_address(use, monkeypatch):
    folder = use()
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        monkeypatch.setattr(_mnist, "MIRRORS", (address,) * 2)
        with pytest.raises(ConnectionError, match="Connection refused") as caught:
            load_mnist()
    assert len(str(caught.value).splitlines()) == 4
    assert _names(folder) == []


def test_official_files_and_addresses():
    assert len(_mnist.MIRRORS) >= 2
    assert all(re.fullmatch(r"https://\S+/", mirror) for mirror in _mnist.MIRRORS)
    assert list(_mnist.FILES) == list(FILES)
    assert all(re.fullmatch("[0-9a-f]{64}", hash) for hash in _mnist.FILES.values())


# The cache


def test_cache_is_asked_first(use, server):
    use("good")
    one = load_mnist(subset=50)
    assert len(server.requests) == 4
    other = load_mnist(subset=50)
    assert len(server.requests) == 4
    np.testing.assert_array_equal(one.X_train, other.X_train)


def test_only_what_is_needed_is_downloaded(use, server):
    folder = use("good")
    _fill(folder, [IMAGES])
    load_mnist(subset="t10k")
    assert server.requests == [("good", LABELS)]


@pytest.mark.parametrize("value", ["", None])
def test_cache_without_the_variable(use, monkeypatch, tmp_path, value):
    use("good")
    if value is None:
        monkeypatch.delenv("HPOCOURSE_DATA")
    else:
        monkeypatch.setenv("HPOCOURSE_DATA", value)
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / "home" / project)
    load_mnist(subset="t10k")
    assert _names(tmp_path / "home" / "hpocourse" / "mnist") == [IMAGES, LABELS]


@pytest.mark.parametrize("value", ["~/data", "data"])
def test_variable_may_be_short(use, monkeypatch, tmp_path, value):
    use("good")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HPOCOURSE_DATA", value)
    load_mnist(subset="t10k")
    assert _names(tmp_path / "data" / "mnist") == [IMAGES, LABELS]


@pytest.mark.parametrize("content", [b"", FILES[IMAGES][:500], FILES[LABELS]])
def test_corrupt_file_is_replaced(use, content):
    folder = use("missing", "good")
    _fill(folder)
    (folder / IMAGES).write_bytes(content)
    load_mnist(subset="t10k")
    assert _names(folder) == sorted(FILES)
    assert (folder / IMAGES).read_bytes() == FILES[IMAGES]


def test_corrupt_file_without_a_network(use):
    folder = use("missing")
    _fill(folder, [IMAGES])
    (folder / IMAGES).write_bytes(b"x")
    with pytest.raises(ConnectionError, match="no mirror has given"):
        load_mnist(subset="t10k")
    assert (folder / IMAGES).read_bytes() == b"x"


# What a machine may refuse


def _refuse(error):
    def refuse(*_args, **_options):
        raise error

    return refuse


def _full(_downloader, _url, output_file, *_):
    Path(output_file).write_bytes(b"half")
    raise OSError(errno.ENOSPC, "No space left on device")


def test_cache_below_a_file(use, monkeypatch, tmp_path):
    use("good")
    (tmp_path / "file").touch()
    monkeypatch.setenv("HPOCOURSE_DATA", str(tmp_path / "file"))
    with pytest.raises(
        OSError, match=r"cannot read or write .*mnist.*: .*HPOCOURSE_DATA to"
    ):
        load_mnist(subset="t10k")


@pytest.mark.parametrize("there", [True, False])
def test_cache_not_writable(use, monkeypatch, there):
    folder = use("good")
    if there:
        folder.mkdir()
    error = PermissionError(errno.EACCES, "Permission denied")
    monkeypatch.setattr(os, "makedirs", _refuse(error))
    monkeypatch.setattr(pooch.utils.tempfile, "NamedTemporaryFile", _refuse(error))
    with pytest.raises(
        OSError, match=r"cannot read or write .*Permission denied.*set the"
    ):
        load_mnist(subset="t10k")


def test_disk_full(use, monkeypatch):
    folder = use("good", "good")
    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", _full)
    with pytest.raises(
        OSError, match=r"cannot read or write .*: No space left on device; "
    ):
        load_mnist(subset="t10k")
    assert _names(folder) == []


def test_file_not_readable(use):
    folder = use("good")
    (folder / IMAGES).mkdir(parents=True)
    with pytest.raises(OSError, match=f"cannot read or write .*{IMAGES}: .*; make it"):
        load_mnist(subset="t10k")


def test_certificates_that_are_not_there(use, monkeypatch, server):
    folder = use("good")
    monkeypatch.setattr(_mnist, "MIRRORS", ("https://127.0.0.1:9/",))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(folder / "gone.pem"))
    with pytest.raises(ConnectionError, match=r"invalid path: .*gone.pem; correct"):
        load_mnist(subset="t10k")
    (folder / "gone.pem").write_text("no certificate")
    with pytest.raises(ConnectionError, match=r"127\.0\.0\.1:9"):
        load_mnist(subset="t10k")


def test_interrupted_by_hand(use, monkeypatch):
    folder = use("good")

    def interrupted(_downloader, _url, output_file, *_):
        Path(output_file).write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load_mnist(subset="t10k")
    assert _names(folder) == []


@pytest.mark.slow
def test_killed_while_downloading(use, server):
    folder = use("slow")
    code = (
        "from hpocourse import _mnist, load_mnist\n"
        f"_mnist.MIRRORS = ({server.mirror('slow')!r},)\n"
        "load_mnist(subset='t10k')\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    try:
        deadline = time.monotonic() + 60
        while not (server.requests and _names(folder)):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()
    (left,) = _names(folder)
    assert left not in FILES
    use("good")
    assert len(load_mnist(subset="t10k").y_test) == 40


def test_several_at_once(use):
    folder = use("good")
    with ThreadPoolExecutor(4) as pool:
        loaded = list(pool.map(lambda seed: load_mnist(seed=seed), [0] * 4))
    assert _names(folder) == sorted(FILES)
    for data in loaded[1:]:
        np.testing.assert_array_equal(data.X_train, loaded[0].X_train)


# What is shown meanwhile


@pytest.mark.parametrize("behaviors", [("good",), ("missing", "good")])
def test_quick_download_is_silent(use, monkeypatch, capfd, behaviors):
    said = logging.handlers.BufferingHandler(1000)
    logger = pooch.get_logger()
    monkeypatch.setattr(logger, "handlers", [said])
    monkeypatch.setattr(_mnist, "PATIENCE", 60)  # a busy machine may need seconds
    level = logger.level
    use(*behaviors)
    load_mnist()
    assert capfd.readouterr() == ("", "")
    assert said.buffer == []
    assert logger.level == level


@pytest.mark.parametrize(
    ("language", "word"),
    [
        ("en", "Downloading"),
        ("pt", "Baixando"),
        ("es", "Descargando"),
        ("ru", "Загрузка"),
    ],
)
def test_long_download_shows_a_bar(use, monkeypatch, capsys, language, word):
    monkeypatch.setattr(_mnist, "PATIENCE", 0)
    use("good")
    with hpocourse.use_language(language):
        load_mnist(subset="t10k")
    assert f"{word} {IMAGES}: " in capsys.readouterr().err


def test_long_download_without_tqdm(use, monkeypatch, capfd):
    monkeypatch.setattr(_mnist, "PATIENCE", 0)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    use("good")
    load_mnist(subset="t10k")
    assert capfd.readouterr() == ("", "")


def test_nothing_is_loaded_before_a_download():
    code = (
        "import sys\nfrom hpocourse import load_digits, load_mnist\nload_digits()\n"
        "print(*({'pooch', 'requests', 'tqdm'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


# The three sets


def _check_rows(data):
    """Check that each image stands with its label, once in all sets."""
    rows = []
    for part in PARTS:
        X, y = getattr(data, f"X_{part}"), getattr(data, f"y_{part}")
        assert X.dtype == np.float32
        assert X.flags.writeable
        assert y.dtype == np.int64
        pixels = X.reshape(-1, 28, 28) * 255
        np.testing.assert_allclose(pixels[:, 0, 0], y, rtol=1e-6)
        rows += [tuple(row) for row in np.rint(pixels[:, [1, 1, 27], [0, 1, 27]])]
        assert X.max() == 1
    assert len(set(rows)) == len(rows)


@pytest.mark.parametrize(
    ("subset", "sizes"),
    [
        (None, (500, 100, 200)),
        ("t10k", (120, 40, 40)),
        (50, (30, 10, 10)),
        (52, (32, 10, 10)),
        (53, (31, 11, 11)),
        (np.int64(300), (180, 60, 60)),
        (600, (360, 120, 120)),
    ],
)
def test_sets(use, subset, sizes):
    _fill(use())
    data = load_mnist(subset=subset)
    assert tuple(len(getattr(data, f"y_{part}")) for part in PARTS) == sizes
    _check_rows(data)
    for part in PARTS:
        y, X = getattr(data, f"y_{part}"), getattr(data, f"X_{part}")
        counts = np.bincount(y, minlength=10)
        assert counts.max() - counts.min() <= 1
        from_test_images = X[:, -1] > 0
        assert set(from_test_images) == {part == "test" or subset == "t10k"}
    assert data.name == "mnist"
    assert data.target_names == tuple("0123456789")
    assert data.feature_names[28 * 3 + 5] == "pixel_3_5"


@pytest.mark.parametrize("subset", [None, 100, "t10k"])
def test_seed_decides(use, subset):
    _fill(use())
    one, same, other = (load_mnist(subset=subset, seed=seed) for seed in (1, 1, 2))
    for part in PARTS:
        X = f"X_{part}"
        np.testing.assert_array_equal(getattr(one, X), getattr(same, X))
    assert not np.array_equal(one.X_train, other.X_train)


@pytest.mark.slow
def test_full_size(monkeypatch, tmp_path):
    files = _files(60_000, 10_000)
    monkeypatch.setenv("HPOCOURSE_DATA", str(tmp_path))
    monkeypatch.setattr(
        _mnist,
        "FILES",
        {name: sha256(file).hexdigest() for name, file in files.items()},
    )
    (tmp_path / "mnist").mkdir()
    for name, file in files.items():
        (tmp_path / "mnist" / name).write_bytes(file)
    whole = "train=(50000, 784), valid=(10000, 784), test=(10000, 784), classes=10"
    assert repr(load_mnist()) == f"Dataset('mnist', {whole})"
    largest = "train=(29970, 784), valid=(9990, 784), test=(9990, 784), classes=10"
    assert repr(load_mnist(subset=49_950)) == f"Dataset('mnist', {largest})"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"subset": "all"}, ValueError, "'t10k' for the .* None for all, got 'all'"),
        ({"subset": ""}, ValueError, "subset must be a number of images.* got ''"),
        ({"subset": "500"}, ValueError, "subset must be a number of .* got '500'"),
        ({"subset": 49}, ValueError, "subset must be at least 50, got 49"),
        ({"subset": 0}, ValueError, "subset must be at least 50, got 0"),
        ({"subset": -1}, ValueError, "subset must be at least 50, got -1"),
        ({"subset": 49_951}, ValueError, "subset must be at most 49950, got 49951"),
        ({"subset": 0.1}, TypeError, "subset must be an integer, got 0.1 of type fl"),
        ({"subset": True}, TypeError, "subset must be an integer, got True of type b"),
        ({"subset": b"t10k"}, TypeError, "subset must be an integer, got b't10k'"),
        ({"subset": [100]}, TypeError, r"subset must be an integer, got \[100\]"),
        ({"subset": np.ones(3)}, TypeError, "subset must be an integer, got array"),
        ({"seed": None}, TypeError, "seed must be an integer, got None"),
        ({"seed": -1}, ValueError, "seed must be at least 0, got -1"),
    ],
)
def test_bad_input_is_refused_before_any_download(use, server, options, error, message):
    folder = use("good")
    with pytest.raises(error, match=message):
        load_mnist(**options)
    assert not folder.exists()
    assert server.requests == []


def test_options_have_names():
    with pytest.raises(TypeError, match="positional"):
        load_mnist("t10k")


# The real files


@pytest.mark.needs("mnist")
def test_real_test_images(monkeypatch):
    monkeypatch.setattr(_mnist, "MIRRORS", ("http://127.0.0.1:9/",))
    data = load_mnist(subset="t10k")
    expected = "train=(6000, 784), valid=(2000, 784), test=(2000, 784), classes=10"
    assert repr(data) == f"Dataset('mnist', {expected})"
    counts = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    y = np.concatenate([data.y_train_valid, data.y_test])
    assert np.bincount(y).tolist() == counts
    X = np.concatenate([data.X_train_valid, data.X_test])
    assert X.mean(dtype=float) == pytest.approx(0.1325, abs=5e-5)
    assert X.min() == 0
    assert X.max() == 1
    for part in PARTS:
        y = getattr(data, f"y_{part}")
        np.testing.assert_allclose(
            np.bincount(y) / len(y), np.array(counts) / 10_000, atol=0.001
        )


@pytest.mark.needs("mnist")
def test_real_images_can_be_learned(monkeypatch):
    from sklearn.neighbors import KNeighborsClassifier

    monkeypatch.setattr(_mnist, "MIRRORS", ("http://127.0.0.1:9/",))
    data = load_mnist(subset="t10k")
    model = KNeighborsClassifier(1).fit(data.X_train, data.y_train)
    assert model.score(data.X_valid[:500], data.y_valid[:500]) > 0.9
