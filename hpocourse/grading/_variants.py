"""What a private variant of the exercises changes: one number in some of the tasks.

``hpocourse.check`` takes that number under the same name. The course's own value is
never among those that a variant can have, so that a copied solution fails.
"""

from __future__ import annotations

from ..languages import gettext as _
from ._variant import of as _of

VARIANTS = {
    "parameters-and-hyperparameters/1": _of(
        "networks",
        range(2, 20),
        lambda: _("{networks} such networks answer together: count those of all."),
        ("return sum(", "return {networks} * sum("),
    ),
    "parameters-and-hyperparameters/4": _of(
        "start",
        (-2.5, -1.5, -0.5, 0.5, 1.5, 2.5),
        lambda: _("the descent begins with every number in $w$ at {start}, not at 0."),
        ("np.zeros(X.shape[1])", "np.full(X.shape[1], {start})"),
    ),
    "validation/1": _of(
        "first",
        range(101, 1000, 100),
        lambda: _("the configurations are numbered from {first} on, not from 0."),
        ("return chosen,", "return {first} + chosen,"),
    ),
    "validation/3": _of(
        "neighbors",
        (1, 3, 7, 9, 11, 13),
        lambda: _("the model is `KNeighborsClassifier({neighbors})`."),
        ("KNeighborsClassifier(5)", "KNeighborsClassifier({neighbors})"),
    ),
    "grid-search/1": _of(
        "repeats",
        range(2, 10),
        lambda: _(
            "the rows are cut into folds {repeats} times, each time in another way, "
            "and each combination is trained in all of these folds."
        ),
        ("combinations * folds", "combinations * folds * {repeats}"),
    ),
    "grid-search/4": _of(
        "level",
        (80, 85, 90, 98, 99),
        lambda: _("the interval is of {level}%, not of 95%."),
        ("ppf(0.975,", "ppf(0.5 + {level} / 200,"),
    ),
    "random-search/1": _of(
        "chance",
        (0.7, 0.8, 0.85, 0.9, 0.98, 0.99),
        lambda: _("the chance is to reach {chance}, not 0.95."),
        ("math.log(0.05)", "math.log(1 - {chance})"),
    ),
    "random-search/3": _of(
        "level",
        (0.01, 0.02, 0.03, 0.08, 0.1),
        lambda: _("the level is {level}, not 0.05."),
        ("corrected < 0.05", "corrected < {level}"),
    ),
    "training-a-network/1": _of(
        "added",
        (0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
        lambda: _(
            "{added} is added to the deviation before the division: a constant image "
            "would have none."
        ),
        ("X_train.std()", "(X_train.std() + {added})"),
    ),
    "training-a-network/2": _of(
        "value",
        range(-9, 0),
        lambda: _("what is dropped becomes {value}, not 0."),
        (
            "np.where(dropped, 0, outputs) / (1 - p)",
            "np.where(dropped, {value}, outputs / (1 - p))",
        ),
    ),
    "bayesian-optimization/1": _of(
        "variance",
        (0.25, 0.49, 2.25, 4, 6.25, 9),
        lambda: _("the process has the variance {variance}, not 1."),
        ("np.sqrt(1 - rho**2)", "np.sqrt({variance} * (1 - rho**2))"),
    ),
    "bayesian-optimization/2": _of(
        "margin",
        (0.01, 0.02, 0.03, 0.05, 0.08, 0.1),
        lambda: _(
            "an improvement counts from `best` − {margin} downwards, not from `best`."
        ),
        ("gain = best - mean", "gain = best - {margin} - mean"),
    ),
    "bayesian-optimization-in-practice/2": _of(
        "step",
        (4, 8, 16, 32, 64),
        lambda: _(
            "the objective function trains with the nearest multiple of {step}: "
            "`{step} * round(width / {step})`."
        ),
        ("round(width)", "round(width / {step})"),
    ),
    "bayesian-optimization-in-practice/3": _of(
        "less",
        (0.4, 0.7, 1, 2),
        lambda: _("the lie is the worst of the scores minus {less}."),
        ("[min(y)]", "[min(y) - {less}]"),
    ),
    "tpe-and-hyperopt/2": _of(
        "given",
        range(2, 10),
        lambda: _(
            "the first {given} proposals of both searches were given by the team, "
            "equal in both: do not count them."
        ),
        ("return n\n", "return n - {given}\n"),
        ("return len(proposed)", "return len(proposed) - {given}"),
    ),
    "tpe-and-hyperopt/3": _of(
        "rank",
        range(2, 8),
        lambda: _(
            "the best candidates are being trained already: return the one whose "
            "ratio takes place {rank}, counted from the largest."
        ),
        (
            "np.argmax(density(good) / density(others))",
            "np.argsort(density(good) / density(others))[-{rank}]",
        ),
    ),
    "optuna/2": _of(
        "largest",
        (64, 128, 512, 1024, 2048),
        lambda: _("`hidden_size` goes to {largest}, not to 256."),
        ("16, 256,", "16, {largest},"),
    ),
    "optuna/3": _of(
        "startup",
        (3, 4, 6, 7, 8, 9),
        lambda: _("nothing is pruned with fewer than {startup} finished trials."),
        ("len(finished) < 5", "len(finished) < {startup}"),
    ),
    "multi-fidelity/2": _of(
        "spare",
        (1, 2, 3),
        lambda: _("an elimination leaves {spare} more than that."),
        ("len(losses) // eta", "len(losses) // eta + {spare}"),
    ),
    "multi-fidelity/3": _of(
        "cost",
        range(1, 10),
        lambda: _(
            "loading costs as much as {cost} epochs for each network that goes on "
            "from a rung; count them among the epochs spent."
        ),
        ("(eta * epoch - epoch)", "(eta * epoch - epoch + {cost})"),
    ),
    "asha/2": _of(
        "least",
        (2, 3, 4, 5),
        lambda: _("there are always {least} places at least, not one."),
        ("max((k + 1) // eta, 1)", "max((k + 1) // eta, {least})"),
    ),
    "asha/3": _of(
        "budget",
        (4, 5, 6, 7),
        lambda: _("the search stopped early: only the first {budget} rows count."),
        ("np.array(rows)", "np.array(rows[:{budget}])"),
    ),
    "arithmetic-network/2": _of(
        "kept",
        (0.5, 0.6, 0.7, 0.8, 0.95),
        lambda: _(
            "$m$ keeps the share {kept}, not 0.9, and the gradient adds the rest."
        ),
        ("0.9 * m + 0.1 * gradient", "{kept} * m + (1 - {kept}) * gradient"),
        ("(1 - 0.9**t)", "(1 - {kept}**t)"),
    ),
    "arithmetic-network/3": _of(
        "scale",
        range(10, 100, 10),
        lambda: _(
            "the last column is the result divided by {scale}; the limit is that of "
            "the result before the division."
        ),
        ("columns, results]", "columns, results / {scale}]"),
    ),
    "tuning-neural-networks/1": _of(
        "part",
        (4, 6, 8, 10, 12, 15),
        lambda: _(
            "a network has learned if its MAE is at most the reference divided by "
            "{part}, not by five."
        ),
        ("zero_mae / 5", "zero_mae / {part}"),
    ),
    "tuning-neural-networks/2": _of(
        "searched",
        (1, 2, 3),
        lambda: _("the search used seed {searched} only; seed 0 is one of the others."),
        ('trials["seed"] == 0', 'trials["seed"] == {searched}'),
        ('trials["seed"] > 0', 'trials["seed"] != {searched}'),
    ),
    "what-to-tune-first/1": _of(
        "best",
        (6, 8, 12, 14, 16, 20),
        lambda: _("the best {best} trials count, not the best 10."),
        ("[:10]", "[:{best}]"),
    ),
    "what-to-tune-first/2": _of(
        "choosing",
        (4, 5, 7, 8, 9, 10),
        lambda: _("the first {choosing} seeds choose, not the first 6."),
        ("[:, :, :6]", "[:, :, :{choosing}]"),
        ("[:, :, 6:]", "[:, :, {choosing}:]"),
    ),
    "what-to-tune-first/3": _of(
        "trials",
        (5, 15, 20, 25, 30, 50),
        lambda: _("the gain of the next {trials} trials is asked for, not of 10."),
        ("* 10 / len", "* {trials} / len"),
    ),
    "choosing-a-method/1": _of(
        "start",
        range(2, 9),
        lambda: _("the quick method loses {start} seconds once, at its start."),
        ("(slow + train)\n", "(slow + train) - {start}\n"),
    ),
    "choosing-a-method/3": _of(
        "level",
        (80, 85, 90, 98, 99),
        lambda: _("the interval is of {level}%, not of 95%."),
        ("ppf(0.975,", "ppf(0.5 + {level} / 200,"),
    ),
    "reporting/1": _of(
        "setup",
        range(45, 270, 45),
        lambda: _(
            "each slot first needs {setup} minutes to start, once, after which it has "
            "the rest of its time for trials."
        ),
        ("* hours * 60\n", "* hours * 60 - {setup}\n"),
    ),
    "reporting/2": _of(
        "power",
        (0.6, 0.7, 0.9, 0.95, 0.99),
        lambda: _("the share of the studies that decide is {power}, not 0.8."),
        ("ppf(0.8)", "ppf({power})"),
    ),
    "several-objectives/2": _of(
        "first",
        range(101, 1000, 100),
        lambda: _("the networks are numbered from {first} on, not from 0."),
        ("return min(enough,", "return {first} + min(enough,"),
    ),
    "several-objectives/3": _of(
        "scale",
        range(2, 10),
        lambda: _("the area is counted in tiles of size {scale}: divide it by that."),
        ("* heights).sum()", "* heights).sum() / {scale}"),
    ),
    "advanced-topics/2": _of(
        "first",
        range(101, 1000, 100),
        lambda: _("the configurations are numbered from {first} on, not from 0."),
        ("return int(np.argmax(worth))", "return {first} + int(np.argmax(worth))"),
    ),
    "advanced-topics/3": _of(
        "top",
        (0.05, 0.1, 0.2, 0.3, 0.4),
        lambda: _(
            "the factor makes no rate larger than {top}: where the product is larger, "
            "the rate is {top}."
        ),
        ("histories[good][-1] * factor]", "min(histories[good][-1] * factor, {top})]"),
    ),
    "scaling-out/1": _of(
        "setup",
        range(2, 12),
        lambda: _(
            "each worker first needs {setup} minutes to start, which are paid and "
            "count towards the limit."
        ),
        ("(limit // minutes)", "((limit - {setup}) // minutes)"),
        (
            "workers * rounds * minutes / 60",
            "workers * (rounds * minutes + {setup}) / 60",
        ),
    ),
    "scaling-out/3": _of(
        "half",
        (1, 2, 4, 25, 50, 100),
        lambda: _("the number is uniform between −{half} and {half}."),
        ("uniform(-10, 10)", "uniform(-{half}, {half})"),
    ),
}
