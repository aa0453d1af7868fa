"""A training loop that prepares each image anew, as many tutorials have it.

Each epoch turns each image from an array into a picture, into a tensor, and
normalizes it; a DataLoader stacks them; every batch waits for two numbers.
"""

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset

MEAN, DEVIATION = 0.1307, 0.3081


class Images(Dataset):
    """Images as bytes, each prepared when it is asked for.

    Parameters
    ----------
    images : numpy.ndarray of shape (n_images, 28, 28)
        Gray levels from 0 to 255.
    labels : numpy.ndarray of shape (n_images,)
        Classes.
    """

    def __init__(self, images, labels):
        self.images, self.labels = torch.from_numpy(images), labels

    def __len__(self):
        """Return the number of images."""
        return len(self.labels)

    def __getitem__(self, i):
        """Return an image as a normalized tensor, and its class."""
        picture = Image.fromarray(self.images[i].numpy())
        tensor = torch.from_numpy(np.array(picture, np.uint8, copy=True))
        tensor = tensor.view(1, 28, 28).contiguous().to(torch.float32).div(255)
        mean = torch.tensor([MEAN]).view(-1, 1, 1)
        deviation = torch.tensor([DEVIATION]).view(-1, 1, 1)
        return tensor.clone().sub_(mean).div_(deviation), int(self.labels[i])


def train(images, labels, n_train, *, hidden, lr, batch_size, epochs, seed=0):
    """Train a network with one hidden layer by plain SGD.

    Parameters
    ----------
    images, labels : numpy.ndarray
        All images; the first are for training, the others for validation.
    n_train : int
        How many are for training.
    hidden, batch_size, epochs, seed : int
        As they are called.
    lr : float
        The learning rate.

    Returns
    -------
    float
        Accuracy on the validation images after the last epoch.
    """
    torch.manual_seed(seed)
    train_set = Images(images[:n_train], labels[:n_train])
    valid_set = Images(images[n_train:], labels[n_train:])
    loaders = [
        DataLoader(train_set, batch_size=batch_size, shuffle=True),
        DataLoader(valid_set, batch_size=batch_size),
    ]
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, 10)
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        for loader in loaders:
            learns = loader is loaders[0]
            model.train(learns)
            loss_sum, right = 0.0, 0
            with torch.set_grad_enabled(learns):
                for X, y in loader:
                    outputs = model(X)
                    loss = criterion(outputs, y)
                    if learns:
                        optimizer.zero_grad()
                        loss.backward()
                        optimizer.step()
                    loss_sum += loss.item() * len(y)
                    right += (outputs.argmax(1) == y).sum().item()
    return right / len(valid_set)
