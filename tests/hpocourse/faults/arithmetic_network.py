"""Usual faults in the answers, and right answers that look different."""

import numpy as np


def by_range(choose, power=1):
    def mae_by_range(X, y, predicted, limit):
        errors, inside = np.abs(predicted - y) ** power, choose(X[:, :2], limit)
        return errors[inside].mean(), errors[~inside].mean()

    return mae_by_range


def within(operands, limit):
    return (np.abs(operands) <= limit).all(axis=1)


def walk(corrected=True, kept=False, root=np.sqrt, most=99):
    def adam(curvature, start, rate, steps):
        w, m, v = np.array(start), 0, 0
        for t in range(1, min(steps, most) + 1):
            m = 0.9 * m + 0.1 * curvature * w
            v = 0.999 * v + 0.001 * (curvature * w) ** 2
            ours, theirs = m, v
            if corrected:
                ours, theirs = m / (1 - 0.9**t), v / (1 - 0.999**t)
            if kept:
                m, v = ours, theirs
            w = w - rate * ours / root(theirs)
        return w

    return adam


def examples(keep, change=lambda y, limit: y, sign=lambda a: a):
    def new_examples(operation, a, b, limit):
        place = ["power", "root", "tangent"].index(operation)
        with np.errstate(all="ignore"):
            y = [sign(a) ** b, np.sqrt(sign(a)), np.tan(sign(a))][place]
        columns = np.tile(np.eye(3)[place], (len(a), 1))
        table = np.column_stack([a, b, columns, change(y, limit)])
        return table[keep(a, y, limit)]

    return new_examples


def small(a, y, limit):
    return np.abs(y) <= limit


def real(a, y, limit):
    return ~np.isnan(y)


FAULTS = {
    "arithmetic-network/1": [
        (by_range(lambda o, k: ~within(o, k)), "in the other order"),
        (by_range(lambda o, k: np.abs(o[:, 0]) <= k), "second operand"),
        (by_range(lambda o, k: (np.abs(o) <= k).any(axis=1)), "not enough"),
        (by_range(lambda o, k: (o <= k).all(axis=1)), "without the sign"),
        (by_range(within, power=2), "the MSE"),
        (lambda X, y, p, limit: np.abs(p - y).mean(), "One mean hides"),
    ],
    "arithmetic-network/2": [
        (walk(corrected=False), "begin at zero"),
        (walk(kept=True), "must not replace"),
        (walk(root=lambda v: v), "The root of the second"),
        (walk(most=1), "one step only"),
    ],
    "arithmetic-network/3": [
        (examples(lambda a, y, k: y == y), "not used"),
        (examples(lambda a, y, k: a == a), "no real result"),
        (examples(lambda a, y, k: y <= k), "far below zero"),
        (examples(real, lambda y, k: np.clip(y, -k, k)), "drop the row"),
        (examples(small, sign=np.abs), "sign of `a` was lost"),
        (examples(lambda a, y, k: small(a, y, k) & (a > 0)), "can have a result"),
        (lambda kind, a, b, limit: ([a, b], a**2), "The shape expected"),
    ],
}

ALIKE = [
    ("arithmetic-network/1", list),
    ("arithmetic-network/1", np.array),
    ("arithmetic-network/2", list),
    ("arithmetic-network/3", lambda table: table.tolist()),
]
