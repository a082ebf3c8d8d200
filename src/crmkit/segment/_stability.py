"""How stable a clustering is, and how many segments are worth having.

A clustering is fitted again on customers drawn with replacement, and both put all customers into
clusters: the mean adjusted Rand index (Hubert and Arabie 1985, Journal of Classification 2,
193-218) says how far they agree, 1 for fully, 0 for by chance. Hennig, C. (2007), Cluster-wise
assessment of cluster stability, Computational Statistics and Data Analysis 52, 258-271. While the
mean lies within two standard errors of the demand, more are drawn, so that the verdict is no luck.

The silhouette never decides alone: it likes one giant cluster and a few whales. Of numbers that
meet all other demands it picks the one whose clusters lie apart, if any do: 0.5 is "a reasonable
structure" to Kaufman and Rousseeuw (1990), Finding Groups in Data. Mostly none do; then behaviour
is a continuum, and the finest cut that holds is taken.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import adjusted_rand_score, silhouette_score
from threadpoolctl import threadpool_limits

from crmkit._progress import SILENT, Progress
from crmkit._validation import Floats
from crmkit.segment._clusters import fit_clusters, labels_of
from crmkit.segment._surrogate import fidelity, fit_tree, tree_matrix

Row = dict[str, Any]

SILHOUETTE_ROWS = 2_000
APART = 0.5
MOST = 5  # times as many resamples where it is close
WORDS = {"kmeans": "k-means", "mixture": "Gaussian mixture"}


@dataclass(frozen=True, eq=False)
class Sample:
    """Customers in a canonical order: their points, and the values of their columns."""

    z: Floats
    x: Floats
    columns: list[dict[str, Any]]


@dataclass(frozen=True)
class Demands:
    """What is asked of a segmentation, and how it is tried."""

    at_least: int
    stability: float
    smallest: float
    largest: float
    fidelity: float
    depth: int
    n_resamples: int
    seed: int


def stability_rows(
    sample: Sample,
    ks: Collection[int],
    method: str,
    demands: Demands,
    progress: Progress = SILENT,
) -> list[Row]:
    """One row for each number of clusters; the same resamples for all of them."""
    rows: list[Row] = []
    with threadpool_limits(limits=1):  # threads cost more than they give on so few rows
        for k in ks:
            rows.append(_row(sample, k, method, demands))
            agreed = f"stability {rows[-1]['stability']:.2f} of {rows[-1]['n_resamples']} resamples"
            where = f"{len(rows)} of {len(ks)} numbers tried"
            progress.step(f"{k} segments by {WORDS[method]}: {agreed} ({where})")
    return rows


def _row(sample: Sample, k: int, method: str, demands: Demands) -> Row:
    z = sample.z
    labels = labels_of(z, fit_clusters(z, k, method, demands.seed))
    agreed: list[float] = []
    while len(agreed) < demands.n_resamples or _close(agreed, demands):
        seed = demands.seed + 1 + len(agreed)
        draw = np.random.default_rng(seed).integers(len(z), size=len(z))
        again = fit_clusters(z[draw], k, method, seed)
        agreed.append(adjusted_rand_score(labels, labels_of(z, again)))
    shares = np.bincount(labels, minlength=k) / len(labels)
    tree = fit_tree(sample.x, sample.columns, labels, demands.depth)
    matrix = tree_matrix(sample.x, sample.columns)
    row = {
        "method": method,
        "k": k,
        "stability": float(np.mean(agreed)),
        "stability_sd": float(np.std(agreed)),
        "n_resamples": len(agreed),
        "silhouette": _silhouette(z, labels, demands.seed),
        "smallest_share": float(shares.min()),
        "largest_share": float(shares.max()),
        "fidelity": fidelity(tree, matrix, labels),
        "n_told": len(np.unique(tree.predict(matrix))),
    }
    return row | {"misses": "; ".join(misses(row, demands))}


def _close(agreed: list[float], demands: Demands) -> bool:
    """Whether more resamples could change the verdict, and may be drawn."""
    error = float(np.std(agreed, ddof=1)) / len(agreed) ** 0.5
    near = abs(float(np.mean(agreed)) - demands.stability) < 2.0 * error
    return near and len(agreed) < MOST * demands.n_resamples


def _silhouette(z: Floats, labels: npt.NDArray[Any], seed: int) -> float:
    """Mean silhouette of some of the customers; NaN where it is not defined."""
    some = np.arange(len(z))
    if len(some) > SILHOUETTE_ROWS:
        some = np.random.default_rng(seed).choice(len(z), SILHOUETTE_ROWS, replace=False)
    if not 1 < len(np.unique(labels[some])) < len(some):
        return float("nan")
    return float(silhouette_score(z[some], labels[some]))


def misses(row: Row, demands: Demands) -> list[str]:
    """What a number of clusters lacks, in words; nothing if it meets all demands."""
    found = []
    if row["stability"] < demands.stability:
        told = _unlike(row["stability"], demands.stability, ".2f", ".4f")
        found.append(f"stability {told} of {demands.stability:.2f}")
    if row["smallest_share"] < demands.smallest:
        told = _unlike(row["smallest_share"], demands.smallest, ".1%", ".3%")
        found.append(f"a segment of {told}")
    if row["largest_share"] > demands.largest:
        found.append(f"a segment of {_unlike(row['largest_share'], demands.largest, '.0%', '.2%')}")
    if row["fidelity"] < demands.fidelity:
        found.append(f"rules that tell {_unlike(row['fidelity'], demands.fidelity, '.0%', '.2%')}")
    if row["n_told"] < row["k"]:
        found.append("a segment without a rule")
    return found


def _unlike(value: float, bound: float, short: str, long: str) -> str:
    """A number for reading; with more digits where it would read like the bound it misses."""
    text = f"{value:{short}}"
    return text if text != f"{bound:{short}}" else f"{value:{long}}"


def choose(rows: list[Row], demands: Demands) -> tuple[Row, str]:
    """The number of clusters to take, and why it is the one.

    Of those that meet all demands the largest; where some are clusters apart from one another, the
    one where they are most so. Where none meets them, the one that lacks least.
    """
    suitable = [row for row in rows if not row["misses"]]
    if not suitable:
        row = max(rows, key=lambda row: _merit(row, demands))
        return row, (
            f"No number of segments meets all demands. {row['k']} by {WORDS[row['method']]} come "
            f"nearest: {row['misses']}. {_others(rows, row)}"
        ).strip()
    enough = [row for row in suitable if row["k"] >= demands.at_least]
    apart = [row for row in enough or suitable if row["silhouette"] >= APART]
    if apart:
        row = max(apart, key=lambda row: row["silhouette"])
        what = f"they lie apart (silhouette {row['silhouette']:.2f}), are"
    else:
        row = max(enough or suitable, key=lambda row: row["k"])
        what = "the largest number that is"
    few = "" if enough else f" None of at least {demands.at_least} does."
    return row, (
        f"{row['k']} segments by {WORDS[row['method']]}: {what} stable (adjusted Rand index "
        f"{row['stability']:.2f} of at least {demands.stability:.2f}) with shares from "
        f"{row['smallest_share']:.0%} to {row['largest_share']:.0%} and rules that tell "
        f"{row['fidelity']:.0%}.{few} {_others(rows, row)}"
    ).strip()


def _merit(row: Row, demands: Demands) -> tuple[bool, bool, float, float]:
    sized = demands.smallest <= row["smallest_share"] and row["largest_share"] <= demands.largest
    short = min(row["stability"] - demands.stability, 0.0)
    return sized, row["k"] >= demands.at_least and short > -0.1, short, row["fidelity"]


def _others(rows: list[Row], chosen: Row) -> str:
    """Why larger numbers were not taken."""
    more = [r for r in rows if r["k"] > chosen["k"] and r["method"] == chosen["method"]]
    told = "; ".join(f"{r['k']}: {r['misses']}" for r in more[:3] if r["misses"])
    return f"Beyond it {told}." if told else ""
