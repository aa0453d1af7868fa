"""Usual faults in the answers, and right answers that look different."""

import numpy as np


def standardize(choose, axis=None):
    def standardized(train, valid):
        by = choose(train, valid)
        return (valid - by.mean(axis=axis)) / by.std(axis=axis)

    return standardized


def dropout(in_training, in_evaluation=lambda outputs, dropped, p: outputs):
    def dropped_out(outputs, dropped, p, training):
        mode = in_training if training else in_evaluation
        return mode(outputs, dropped, p)

    return dropped_out


def keep(outputs, dropped, p):
    return np.where(dropped, 0, outputs)


def scale(outputs, dropped, p):
    return keep(outputs, dropped, p) / (1 - p)


def trained(train_epoch, weights, epochs):
    """Return the weights after each epoch, and the losses."""
    kept, losses = [], []
    for _ in range(epochs):
        losses.append(train_epoch(weights))
        kept.append(weights.copy())
    return kept, losses


def without_copy(train_epoch, weights, epochs):
    best, best_weights = np.inf, weights
    for _ in range(epochs):
        loss = train_epoch(weights)
        if loss < best:
            best, best_weights = loss, weights
    return best_weights


def until_it_rises(train_epoch, weights, epochs):
    before = np.inf
    for _ in range(epochs):
        kept = weights.copy()
        loss = train_epoch(weights)
        if loss > before:
            return kept
        before = loss
    return weights


def copied_before(train_epoch, weights, epochs):
    best, best_weights = np.inf, weights
    for _ in range(epochs):
        kept = weights.copy()
        loss = train_epoch(weights)
        if loss < best:
            best, best_weights = loss, kept
    return best_weights


def place(choose, more=0):
    def kept(train_epoch, weights, epochs):
        weights, losses = trained(train_epoch, weights, epochs + more)
        return weights[choose(losses)]

    return kept


FAULTS = {
    "training-a-network/1": [
        (standardize(lambda train, valid: valid), "their own scale"),
        (standardize(lambda *both: np.vstack(both)), "Leakage"),
        (standardize(lambda train, valid: train, axis=0), "for all pixels"),
        (lambda train, valid: valid - train.mean(), "division by the deviation"),
        (lambda t, v: (v - t.mean()) / t.var(), "divided by the variance"),
        (lambda t, v: standardize(lambda *both: t)(t, t), "Return the validation"),
        (lambda t, v: (v - 0.1307) / 0.3081, "the value is not"),
    ],
    "training-a-network/2": [
        (dropout(keep), "the mean must stay"),
        (dropout(lambda o, d, p: keep(o, d, p) / p), "the share that is dropped"),
        (dropout(lambda o, d, p: keep(o, d, p) * (1 - p)), "not to shrink"),
        (dropout(lambda o, d, p: scale(o, ~d, p)), "means: is dropped"),
        (dropout(lambda o, d, p: o), "look at `training`"),
        (dropout(scale, scale), "dropout does nothing"),
        (dropout(scale, lambda o, d, p: o * (1 - p)), "nothing is scaled"),
    ],
    "training-a-network/3": [
        (without_copy, "the same array"),
        (place(lambda losses: -1), "The last weights"),
        (until_it_rises, "may fall again"),
        (place(np.argmax), "the highest loss"),
        (copied_before, "after the epoch"),
        (place(np.argmin, more=1), "too many"),
        (lambda *given: min(trained(*given)[1]), "This is the loss"),
    ],
}

ALIKE = [
    ("training-a-network/1", lambda images: images.tolist()),
    ("training-a-network/2", list),
    ("training-a-network/3", tuple),
]
