"""How much a customer looks like the core ones: a logistic regression judged out of fold.

Columns enter as sign(x) log(1 + |x|), standardised, with the mean for a missing number, and as one
flag for each level of words. Whether the likeness tells anything is judged by k folds, on customers
whom the model has not seen; the likeness itself is of one model of all, so that customers who are
alike have the same. The area under the curve has the standard error of Hanley and McNeil (1982),
Radiology 143, 29-36.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.segment._attributes import Attribute

FEWEST, RARE, PENALTY = 10, 0.01, 1.0

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Terms:
    """Columns of a model: `x` has one for each of `names`; `owners` is the attribute of each."""

    x: Floats
    names: tuple[str, ...]
    owners: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Likeness:
    """Probability of core and the weights behind it, and how well such a model tells, by folds."""

    probability: Floats
    auc: float
    error: float
    weights: Floats

    @property
    def tells(self) -> bool:
        """Whether core customers differ from others by more than two standard errors."""
        return bool(self.auc - 2.0 * self.error > 0.5)


def terms_of(attributes: list[Attribute], rows: Flags) -> Terms:
    """Terms of a model of the customers in `rows`, its scales learnt from them."""
    parts: list[Floats] = []
    names: list[str] = []
    owners: list[int] = []
    for i, each in enumerate(attributes):
        made = number_terms(each, rows) if each.kind == "number" else level_terms(each, rows)
        for name, column in made:
            parts.append(column)
            names.append(name)
            owners.append(i)
    x = np.column_stack(parts) if parts else np.empty((len(rows), 0))
    return Terms(x, tuple(names), np.array(owners, dtype=np.int64))


def number_terms(each: Attribute, rows: Flags) -> list[tuple[str, Floats]]:
    """A number standardised, and a flag for a missing one where some are."""
    shrunk = np.sign(each.values) * np.log1p(np.abs(each.values))
    gone = np.isnan(shrunk)
    there = np.sort(shrunk[rows & ~gone])  # sorted: the same bits in any order of the rows
    if not len(there) or there[0] == there[-1]:
        return []
    scaled = np.where(gone, 0.0, (shrunk - there.mean()) / there.std())
    found = [(each.name, scaled)]
    return [*found, *flags([(f"{each.name} (missing)", gone)], rows)]


def level_terms(each: Attribute, rows: Flags) -> list[tuple[str, Floats]]:
    """A flag for each level that is neither rare nor everybody's; one for two opposite ones."""
    told = [(f"{each.name} {level}", each.codes == i) for i, level in enumerate(each.levels)]
    made = flags([*told, (f"{each.name} (missing)", each.codes == -1)], rows)
    opposite = len(made) == 2 and bool((made[0][1] + made[1][1] == 1.0).all())
    return made[1:] if opposite else made


def flags(told: list[tuple[str, Flags]], rows: Flags) -> list[tuple[str, Floats]]:
    """Flags that enough customers have and lack, as numbers."""
    n = int(rows.sum())
    few = max(FEWEST / 2.0, RARE * n)
    held = [(name, flag, int((flag & rows).sum())) for name, flag in told]
    return [(name, flag.astype(np.float64)) for name, flag, k in held if few <= k <= n - few]


def likeness(x: Floats, core: Flags, n_folds: int, seed: int) -> Likeness | None:
    """Judge by folds and weigh by all; None where core or other customers are too few."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    if min(core.sum(), (~core).sum()) < max(FEWEST, n_folds) or not x.shape[1]:
        return None
    model = LogisticRegression(C=PENALTY, max_iter=1000)
    folds = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    unseen = cross_val_predict(model, x, core, cv=folds, method="predict_proba")[:, 1]
    auc = area(unseen, core)
    error = standard_error(auc, int(core.sum()), int((~core).sum()))
    p = np.round(model.fit(x, core).predict_proba(x)[:, 1], 12)  # the same for the same terms
    return Likeness(p, auc, error, model.coef_[0])


def area(p: Floats, core: Flags) -> float:
    """Chance that a core customer has the higher probability than another one; ties are half."""
    from scipy.stats import rankdata  # half a second to load

    n, m = int(core.sum()), int((~core).sum())
    return float((rankdata(p)[core].sum() - n * (n + 1) / 2.0) / (n * m))


def standard_error(auc: float, n: int, m: int) -> float:
    """Standard error of an area of n core and m other customers."""
    one, two = auc / (2.0 - auc), 2.0 * auc**2 / (1.0 + auc)
    rest = (n - 1) * (one - auc**2) + (m - 1) * (two - auc**2)
    return float(np.sqrt(max((auc * (1.0 - auc) + rest) / (n * m), 0.0)))


def pulls(terms: Terms, weights: Floats, rows: Flags, n_attributes: int) -> Floats:
    """How much each attribute moves each customer's log odds from the mean of `rows`."""
    each = (terms.x - terms.x[rows].mean(axis=0)) * weights
    made = np.zeros((len(each), n_attributes))
    for j, owner in enumerate(terms.owners):
        made[:, owner] += each[:, j]
    return made
