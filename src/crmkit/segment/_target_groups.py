"""target_groups: core customers, those who may become so, the others, and whom to leave out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._validation import Floats, check_share, check_whole
from crmkit.exceptions import DataError, DataWarning, warn_user
from crmkit.segment._attributes import Attribute, read_attributes
from crmkit.segment._by_id import id_name
from crmkit.segment._core_customers import CoreCustomers
from crmkit.segment._core_likeness import Flags, Likeness, Terms, likeness, pulls, terms_of
from crmkit.segment._target_exclusion import Exclusion, excluded
from crmkit.segment._target_result import GROUPS, TargetGroups
from crmkit.segment._value_edges import sums_by

OWNER = "target_groups"

MEAN_ORDER = "mean_order_amount"
VOLUME = ("frequency", "recency", "T", "monetary_value", "n_orders", "total_amount")
TOLD = 2


def target_groups(
    customers: Any,
    *,
    core: CoreCustomers | None = None,
    columns: Sequence[str] | None = None,
    at_least: float = 0.5,
    value: str = "total_amount",
    min_value: float = 0.0,
    lost_after: str | float | None = None,
    returns: str | None = None,
    max_returns: float = 0.5,
    contact: str | None = None,
    n_folds: int = 5,
    random_state: int = 0,
    customer: str | None = None,
) -> TargetGroups:
    """Sort customers for a campaign: customers in, core, potential, other and exclude out.

    Use it to decide whom to keep close, whom to develop and whom to leave alone. Potential
    customers look like core ones in who they are and how they buy, while they buy little yet. How
    well likeness tells core from other customers is judged on customers whom the model has not
    seen; where it is no better than chance, nobody is called potential. It does not foretell who
    answers a campaign: that needs a trial with a control group.

    Parameters
    ----------
    customers : dataframe
        Customers frame with the id, the columns of `core`, and whatever is known of the customers.
    core : CoreCustomers, default=None
        Who is core: a fitted one as it is, any other is cloned and fitted here; None takes
        ``CoreCustomers()``.
    columns : sequence of str, default=None
        What likeness is judged by. None takes the mean amount of an order, "days_since_last" and
        all columns that are no sums of purchases. What makes the index of core customers cannot
        be among them: a model would only repeat it.
    at_least : float, default=0.5
        How like core customers a potential one must be, between 0 and 1: at least as much as the
        customer at this share of the core, counted from the least likely one.
    value : str, default="total_amount"
        Column below which a customer does not pay, in any unit; it may hold a predicted value.
    min_value : float, default=0.0
        Who has this `value` or less is excluded.
    lost_after : str, float or None, default=None
        Who has not bought for longer than this, such as "365D" or a number of days, is excluded;
        None: nobody is for that.
    returns : str or None, default=None
        Column of the share of purchases that are returned (0 to 1); None: returns do not count.
    max_returns : float, default=0.5
        Who returns more than this share is excluded.
    contact : str or None, default=None
        Column of the permission to contact, true or false; who has none, or none that is known, is
        excluded. None: everybody may be contacted.
    n_folds : int, default=5
        Parts that the likeness is judged by, at least 2.
    random_state : int, default=0
        Seed of the parts.
    customer : str, default=None
        Column of the customer id; None takes the first column.

    Returns
    -------
    TargetGroups
        ``print`` it; ``frame()`` has one row per customer with the group and the reason.

    Raises
    ------
    DataError
        If a column is missing or holds no finite numbers, a parameter is not allowed, a customer
        is there twice, or nobody bought again.

    Warns
    -----
    DataWarning
        If nobody can be called potential, because customers are too few or nothing tells core
        customers from others.

    See Also
    --------
    CoreCustomers : The index behind the core.
    drivers : Which attributes go with a target, one by one.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from crmkit.segment import target_groups
    >>> random = np.random.default_rng(0)
    >>> web = random.random(400) < 0.5
    >>> n = 1 + random.poisson(np.where(web, 4, 1))
    >>> customers = pd.DataFrame({
    ...     "customer_id": range(400), "n_orders": n, "frequency": n - 1, "T": 300.0,
    ...     "total_amount": n * 20.0, "channel": np.where(web, "web", "shop"),
    ...     "may_write": random.random(400) < 0.9,
    ... })
    >>> found = target_groups(customers, columns=["channel"], contact="may_write")
    >>> found.frame()["group"].value_counts().sort_index().to_dict()
    {'core': 54, 'exclude': 36, 'other': 199, 'potential': 111}
    """
    check_share(at_least, "at_least", OWNER)
    check_whole(n_folds, "n_folds", OWNER, low=2)
    check_whole(random_state, "random_state", OWNER, low=0)
    table = _frames.to_eager(customers)
    name = id_name(table, customer, OWNER)
    order = _order_of(_frames.id_column(table, name, OWNER))
    model = _fitted(core, table)
    parts = _frames.to_eager(model.predict_frame(table, name))
    rules = Exclusion(value, min_value, lost_after, returns, max_returns, contact)
    out, said = excluded(table, rules, OWNER)
    kept = out == ""
    is_core = (_frames.column_values(parts, "segment", OWNER) == "core") & kept
    asked = _attributes(table, columns, [name, value, returns, contact], model)
    terms = terms_of(asked, kept)
    found = _judged(terms.x, is_core, order[kept[order]], n_folds, random_state)
    edge = _edge(found, kept, is_core, at_least)
    p = np.full(len(kept), np.nan) if found is None else found.probability
    places = np.where(is_core, 0, np.where(p >= edge, 1, 2))
    places[~kept] = 3
    reasons = _reasons(places, out, _frames.column_values(parts, "reason", OWNER), p)
    if found is not None:
        reasons[places == 1] = _likenesses(asked, terms, found, kept, places == 1)
    index = _frames.column_values(parts, "core_index", OWNER).astype(np.float64)
    add = {"group": np.array(GROUPS)[places], "core_index": index, "likeness": p, "reason": reasons}
    made = _frames.attach(table, keep=[name], add=add, owner=OWNER)
    amounts = np.asarray(_frames.float_columns(table, [value], OWNER))[:, 0]
    auc, error = (np.nan, np.nan) if found is None else (found.auc, found.error)
    return TargetGroups(
        counts=np.bincount(places, minlength=len(GROUPS)),
        amounts=sums_by(amounts, places, len(GROUPS)),
        value=value,
        rules=said,
        auc=auc,
        auc_error=error,
        edge=edge,
        weights=_weights(terms, found),
        made=_frames.hand_back(made, like=customers),
    )


def _fitted(core: Any, table: Any) -> CoreCustomers:
    if core is not None and not isinstance(core, CoreCustomers):
        raise DataError(f"{OWNER}: core must be a CoreCustomers or None, got {core!r}.")
    model = CoreCustomers() if core is None else core
    try:
        check_is_fitted(model)
    except NotFittedError:
        made: CoreCustomers = clone(model)
        return made.fit(table)
    return model


def _order_of(ids: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Order of the rows by id; nobody may be there twice."""
    order = np.argsort(ids, kind="stable")
    again = np.flatnonzero(ids[order][1:] == ids[order][:-1])
    if len(again):
        raise DataError(
            f"{OWNER}: customers holds the customer {ids[order][again[0]].item()!r} more than "
            "once. One row for each customer is needed."
        )
    return order


def _attributes(
    table: Any, columns: Sequence[str] | None, aside: list[str | None], model: CoreCustomers
) -> list[Attribute]:
    """What likeness is judged by: the asked columns, or all that say nothing of the volume."""
    defining = model._column_names()
    if columns is not None:
        taken = [name for name in columns if name in defining]
        if taken:
            raise DataError(
                f"{OWNER}: {taken[0]!r} makes the index of core customers: a model of it would "
                "only repeat who is core. Leave it out of columns."
            )
        found = read_attributes(table, columns, [], OWNER)
        return [each for each in found if each.kind != "left out"]
    left = [*VOLUME, *defining, *(name for name in aside if name is not None)]
    found = read_attributes(table, None, left, OWNER)
    orders, amount = (np.asarray(_frames.float_columns(table, defining[:2], OWNER)).T)[:2]
    mean = np.divide(amount, orders, out=np.full(len(orders), np.nan), where=orders > 0)
    kept = [each for each in found if each.kind != "left out" and each.name != MEAN_ORDER]
    return [Attribute(MEAN_ORDER, "number", mean), *kept]


def _judged(
    x: Floats, core: Flags, rows: npt.NDArray[np.int64], n_folds: int, seed: int
) -> Likeness | None:
    """Likeness of the customers in `rows`, in their order by id; NaN for others."""
    found = likeness(x[rows], core[rows], n_folds, seed)
    if found is None:
        return None
    p = np.full(len(x), np.nan)
    p[rows] = found.probability
    return Likeness(p, found.auc, found.error, found.weights)


def _edge(found: Likeness | None, kept: Flags, core: Flags, at_least: float) -> float:
    """Smallest likeness of a potential customer; infinite, with a warning, where none can be."""
    if found is None or not found.tells:
        warn_user(_nobody(found, kept, core), DataWarning)
        return np.inf
    return float(np.quantile(found.probability[core], at_least))


def _nobody(found: Likeness | None, kept: Flags, core: Flags) -> str:
    """Why nobody is called potential."""
    if found is None:
        return (
            f"{OWNER}: nobody is called potential: {core.sum():,} core and "
            f"{(kept & ~core).sum():,} other customers are too few, or no column varies."
        )
    return (
        f"{OWNER}: nobody is called potential: the columns tell core from other customers hardly "
        f"better than chance (area {found.auc:.2f} +- {found.error:.2f}). Give columns that say "
        "more of the customers."
    )


def _reasons(
    places: npt.NDArray[np.int64], out: Any, core: Any, p: Floats
) -> npt.NDArray[np.object_]:
    """Why each customer is in the group; potential ones are told later."""
    made: npt.NDArray[np.object_] = np.where(places == 3, out, core).astype(object)
    other = places == 2
    made[other] = "not core, " + made[other]
    judged = other & ~np.isnan(p)
    words = np.array([f"; likeness {k} %" for k in range(101)], dtype=object)
    made[judged] += words[np.round(100 * p[judged]).astype(np.int64)]
    return made


def _likenesses(
    asked: list[Attribute], terms: Terms, found: Likeness, kept: Flags, rows: Flags
) -> list[str]:
    """What makes each of some customers look like a core one: the attributes that add most."""
    moved, p = pulls(terms, found.weights, kept, len(asked)), found.probability
    told = []
    for i in np.flatnonzero(rows).tolist():
        best = [j for j in np.argsort(-moved[i], kind="stable")[:TOLD] if moved[i, j] > 0]
        why = ", ".join(f"{asked[j].name} {_said(asked[j], i)}" for j in best)
        told.append(
            f"likeness {100 * p[i]:.0f} %: {why}" if why else f"likeness {100 * p[i]:.0f} %"
        )
    return told


def _said(each: Attribute, i: int) -> str:
    value = each.values[i]
    if np.isnan(value):
        return "missing"
    return each.levels[int(value)] if each.kind == "category" else f"{value:.4g}"


def _weights(terms: Terms, found: Likeness | None) -> dict[str, float]:
    """Weight of each term, the heaviest first."""
    if found is None:
        return {}
    pairs = zip(terms.names, found.weights.tolist(), strict=True)
    return dict(sorted(pairs, key=lambda pair: (-abs(pair[1]), pair[0])))
