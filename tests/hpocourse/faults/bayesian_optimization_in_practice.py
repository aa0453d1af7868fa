"""Usual faults in the answers, and right answers that look different."""


def repeated(suggest, x, y, n):
    return [suggest(x, y) for _ in range(n)]


def lying(lie, kept=9):
    def batch(suggest, x, y, n):
        made = []
        for _ in range(n):
            pending = made[-kept:]
            made.append(suggest([*x, *pending], [*y, *[lie(y)] * len(pending)]))
        return made

    return batch


FAULTS = {
    "bayesian-optimization-in-practice/1": [
        (lambda unit, choices: choices[int(unit)], "becomes 0"),
        (lambda u, choices: choices[int(u * (len(choices) - 1))], "the number 1 only"),
        (lambda u, choices: choices[round(u * (len(choices) - 1))], "half a share"),
        (lambda u, choices: min(int(u * len(choices)), 3), "This is the place"),
    ],
    "bayesian-optimization-in-practice/2": [
        (len, "some proposals repeat"),
        (lambda proposals: len(set(proposals)), "round to the same"),
        (lambda pairs: len({(int(width), name) for width, name in pairs}), "would cut"),
        (lambda pairs: len({round(width) for width, _ in pairs}), "another network"),
    ],
    "bayesian-optimization-in-practice/3": [
        (repeated, "Nothing was told"),
        (lying(max), "draws the next proposal near"),
        (lying(min, kept=1), "not only the last"),
        (lambda s, x, y, n: [*x, *lying(min)(s, x, y, n)], "new proposals only"),
        (lambda s, x, y, n: s(x, y), "The shape expected"),
    ],
}

ALIKE = [
    ("bayesian-optimization-in-practice/1", lambda choice: f"{choice}\n"),
    ("bayesian-optimization-in-practice/2", float),
    ("bayesian-optimization-in-practice/3", tuple),
]
