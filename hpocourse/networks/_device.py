"""Where a network is trained, and with how many threads."""

from contextlib import contextmanager

import torch


def find_device(device="auto"):
    """Return the device to train on.

    Parameters
    ----------
    device : str or torch.device, default="auto"
        ``"auto"`` takes the graphics card if there is one, else the processor.

    Returns
    -------
    torch.device
        The device.
    """
    if isinstance(device, str) and device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        found = torch.device(device)
    except (RuntimeError, TypeError):
        raise ValueError(
            f"device must be 'auto', 'cpu' or 'cuda', got {device!r:.60}"
        ) from None
    if found.type == "cuda" and not torch.cuda.is_available():
        raise ValueError(
            f"device is {device!r}, but PyTorch finds no graphics card here; pass "
            "device='auto', or in Colab choose a runtime with one"
        )
    return found


@contextmanager
def one_thread():
    """Compute with one thread inside the block.

    Networks this small gain nothing from a second thread, and the number of
    threads changes the last bits of a sum: with one, a worker process computes
    exactly what the notebook does.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
