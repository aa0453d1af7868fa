"""MNIST, from its four official files: in the cache, or downloaded there.

A file is used only if its SHA-256 is right. A download goes to a temporary file
beside the final one, which is renamed once its SHA-256 is known to be right.
"""

from __future__ import annotations

import gzip
import os
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split

from ._dataset import Dataset, split
from ._validation import check_integer, check_seed
from .languages import gettext as _

VARIABLE = "HPOCOURSE_DATA"

#: Where the files are, tried in this order.
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)

#: The official files and the SHA-256 of each.
FILES = {
    "train-images-idx3-ubyte.gz": (
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
    ),
    "train-labels-idx1-ubyte.gz": (
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
    ),
    "t10k-images-idx3-ubyte.gz": (
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
    ),
}

#: Seconds that a mirror may be silent before the next one is tried.
TIMEOUT = 30

#: Seconds of a download before a progress bar is shown.
PATIENCE = 2


def load_mnist(*, subset: int | str | None = None, seed: int = 0) -> Dataset:
    """Load MNIST: 70 000 handwritten digits of 28 by 28 pixels.

    The first call downloads what it needs (11 MB, or 2 MB for ``"t10k"``) and
    keeps it. The files are looked for, and kept, in the folder ``mnist`` within
    the folder that the environment variable ``HPOCOURSE_DATA`` names, or else
    within the user's cache.

    Parameters
    ----------
    subset : int or "t10k", optional
        By default 50 000 and 10 000 of the official training images are for
        training and validation, and the official 10 000 test images for
        testing. A number from 50 to 49 950 draws as many images, 60 % and 20 %
        from the training images and 20 % from the test images. ``"t10k"``
        splits the 10 000 test images alone: 60 %, 20 % and 20 %.
    seed : int, default=0
        The seed of the drawing, of the split and of the folds.

    Returns
    -------
    Dataset
        784 gray levels from 0 to 1 as ``float32``, row by row, labels 0 to 9 as
        ``int64``; each set has each class in proportion.

    Raises
    ------
    TypeError, ValueError
        If `subset` or `seed` is none.
    ConnectionError
        If a file is not there, or corrupt, and no mirror gives it.
    OSError
        If a file cannot be read, or the folder cannot be written to.

    Notes
    -----
    The pixels of the official training images have mean 0.1307 and standard
    deviation 0.3081: ``(X - 0.1307) / 0.3081`` is the usual normalization.

    References
    ----------
    LeCun, Y., Bottou, L., Bengio, Y., Haffner, P. (1998). Gradient-based learning
    applied to document recognition. *Proceedings of the IEEE* 86(11), 2278-2324.

    Examples
    --------
    >>> from hpocourse import load_mnist
    >>> load_mnist(subset=5000)  # doctest: +SKIP
    Dataset('mnist', train=(3000, 784), valid=(1000, 784), test=(1000, 784), classes=10)
    """
    seed, n_images = check_seed(seed), None
    if isinstance(subset, str):
        if subset != "t10k":
            raise ValueError(
                "subset must be a number of images, 't10k' for the 10 000 test "
                f"images, or None for all, got {subset!r}"
            )
    elif subset is not None:
        n_images = check_integer(subset, "subset", minimum=50, maximum=49_950)
    names: dict[str, Any] = {
        "name": "mnist",
        "feature_names": tuple(f"pixel_{i}_{j}" for i in range(28) for j in range(28)),
        "target_names": tuple("0123456789"),
        "seed": seed,
    }
    X_test, y_test = _read("t10k")
    if subset == "t10k":
        return split(_scale(X_test), y_test, **names)
    X, y = _read("train")
    if n_images is None:
        n_valid, test = len(y) // 6, np.arange(len(y_test))
        n_train = len(y) - n_valid
    else:
        n_valid = round(n_images / 5)
        n_train = n_images - 2 * n_valid
        test, _rest = train_test_split(
            np.arange(len(y_test)),
            train_size=n_valid,
            stratify=y_test,
            random_state=seed,
        )
    train, valid = train_test_split(
        np.arange(len(y)),
        train_size=n_train,
        test_size=n_valid,
        stratify=y,
        random_state=seed,
    )
    return Dataset(
        X_train=_scale(X[train]),
        y_train=y[train],
        X_valid=_scale(X[valid]),
        y_valid=y[valid],
        X_test=_scale(X_test[test]),
        y_test=y_test[test],
        **names,
    )


def _scale(images: np.ndarray) -> np.ndarray:
    return images / np.float32(255)


def _read(part: str) -> tuple[np.ndarray, np.ndarray]:
    """Return images, flattened, and labels of the part "train" or "t10k"."""
    images = _parse(_fetch(f"{part}-images-idx3-ubyte.gz"))
    labels = _parse(_fetch(f"{part}-labels-idx1-ubyte.gz"))
    return images.reshape(len(images), -1), labels.astype(np.int64)


def _parse(compressed: bytes) -> np.ndarray:
    """Return the array in an IDX file of bytes."""
    data = gzip.decompress(compressed)
    n_dimensions = data[3]
    shape = np.frombuffer(data, ">i4", n_dimensions, offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * n_dimensions).reshape(shape)


def _folder() -> Path:
    """Return the folder of the four files, whether it is there or not."""
    given = os.environ.get(VARIABLE)
    if given:
        return Path(given).expanduser().absolute() / "mnist"
    import pooch

    return pooch.os_cache("hpocourse") / "mnist"


def _fetch(name: str) -> bytes:
    """Return the content of a file, from the first mirror if the cache lacks it.

    Pooch compares SHA-256, replaces what is corrupt, and renames a temporary file.
    """
    import pooch
    from requests.exceptions import RequestException

    folder, failures = _folder(), []
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("WARNING")
    try:
        for mirror in MIRRORS:
            bar = _progress_bar(name)
            # Stored compressed, sent as it is: requests must not unpack it.
            downloader = pooch.HTTPDownloader(
                progressbar=bar,
                chunk_size=2**16,
                timeout=TIMEOUT,
                headers={"Accept-Encoding": "identity"},
            )
            try:
                path = pooch.retrieve(
                    mirror + name,
                    known_hash=FILES[name],
                    fname=name,
                    path=folder,
                    processor=_share,
                    downloader=downloader,
                )
                return Path(path).read_bytes()
            except RequestException as error:
                # Of an exhausted retry, only what caused it.
                reason = getattr(next(iter(error.args), None), "reason", error)
                failures.append(f"{mirror}: {reason}")
            except ValueError:
                failures.append(f"{mirror}: damaged on the way, or not the file")
            except OSError as error:
                bare = type(error) is OSError and error.errno is None
                if not bare and not isinstance(error, ssl.SSLError):
                    raise  # from the disk; those of requests are bare
                failures.append(
                    f"{mirror}: {error}; correct the environment variable "
                    "REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE"
                )
            finally:
                if bar:
                    bar.close()
    except OSError as error:
        raise OSError(
            f"cannot read or write {folder / name}: {error.strerror or error}; make it "
            f"readable and its folder writable, or set the environment variable "
            f"{VARIABLE} to another folder"
        ) from error
    finally:
        logger.setLevel(level)
    raise ConnectionError(
        f"no mirror has given {name}:\n  " + "\n  ".join(failures) + "\n"
        f"Check the network and try again, or put the file into {folder} by hand "
        f"(the environment variable {VARIABLE} moves it). load_digits needs no network."
    )


def _share(path: str, action: str, _pooch: object) -> str:
    """Let everybody read what was downloaded: temporary files are private."""
    if action != "fetch":
        with suppress(OSError):
            os.chmod(path, 0o644)
    return path


def _progress_bar(name: str) -> Any:
    """Return a bar that shows once the download takes long; ``False`` without tqdm."""
    try:
        from tqdm import tqdm
    except ImportError:
        return False

    class Bar(tqdm):
        def __bool__(self):
            return True  # to Pooch, which tells it the total later

        def reset(self, total=None):
            self.n = 0  # Pooch calls it at the end, and tqdm would show the bar

    label = _("Downloading {file}").format(file=name)
    return Bar(desc=label, unit="B", unit_scale=True, delay=PATIENCE, leave=False)
