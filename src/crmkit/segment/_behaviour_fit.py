"""Find clusters and tell them: what BehaviourSegmenter.fit does, on values of columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._progress import SILENT, Progress
from crmkit._validation import (
    Floats,
    check_choice,
    check_real,
    check_share,
    check_whole,
    generator,
)
from crmkit.exceptions import ConvergenceWarning, DataError, warn_user
from crmkit.segment._canonical import distinct_rows, thinned_rows
from crmkit.segment._clusters import METHODS, Clusters, fit_in_stages, labels_of, ordered
from crmkit.segment._mixed_space import Space, learn_space, project
from crmkit.segment._segment_names import name_segments
from crmkit.segment._segment_profile import Profile, positions, profile_of
from crmkit.segment._stability import Demands, Row, Sample, choose, stability_rows
from crmkit.segment._surrogate import fidelity, fit_tree, rules_of, tree_matrix

Ints = npt.NDArray[np.int64]

SEEN = 10  # times the sample: who is asked whether the rules are right

TABLE = (
    "method",
    "k",
    "stability",
    "stability_sd",
    "n_resamples",
    "silhouette",
    "smallest_share",
    "largest_share",
    "fidelity",
    "misses",
)


@dataclass(frozen=True, eq=False)
class Settings:
    """Checked parameters of a segmenter; `progress` tells the steps."""

    n_segments: int | None
    method: str
    scaling: Any
    n_components: Any
    most: int
    sample_size: int
    demands: Demands
    owner: str
    progress: Progress = SILENT


@dataclass(frozen=True, eq=False)
class Found:
    """Space, clusters in the order of their size, members, why these, and what was tried."""

    space: Space
    clusters: Clusters
    labels: Ints
    reason: str
    stability: dict[str, list[Any]]
    thin: npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Told:
    """Clusters in words and numbers."""

    names: list[str]
    shares: Floats
    tree: Any
    fidelity: float
    rules: dict[str, list[Any]]
    profile: Profile


def check_settings(given: Mapping[str, Any], owner: str) -> Settings:
    """Refuse parameters that are not allowed."""
    auto = isinstance(given["n_segments"], str) and given["n_segments"] == "auto"
    if not auto:
        check_whole(given["n_segments"], 'n_segments (unless "auto")', owner, low=1)
    check_choice(given["method"], "method", ["auto", *METHODS], owner)
    check_choice(given["missing"], "missing", ["error", "median"], owner)
    for name, low in (("min_segments", 2), ("max_segments", 2), ("rule_depth", 1)):
        check_whole(given[name], name, owner, low=low)
    check_whole(given["n_resamples"], "n_resamples", owner, low=2)
    check_whole(given["sample_size"], "sample_size", owner, low=100)
    check_share(given["min_share"], "min_share", owner)
    for name in ("max_share", "min_stability", "min_fidelity"):
        check_real(given[name], name, owner, low=0.0)
        if given[name] > 1.0:
            raise DataError(f"{owner}: {name} must be a share of at most 1, got {given[name]!r}.")
    if given["max_segments"] < given["min_segments"]:
        raise DataError(
            f"{owner}: max_segments={given['max_segments']} is below "
            f"min_segments={given['min_segments']}. Lower min_segments too."
        )
    demands = Demands(
        at_least=given["min_segments"],
        stability=float(given["min_stability"]),
        smallest=float(given["min_share"]),
        largest=float(given["max_share"]),
        fidelity=float(given["min_fidelity"]),
        depth=given["rule_depth"],
        n_resamples=given["n_resamples"],
        seed=int(generator(given["random_state"], owner).integers(2**31 - 1_000_000)),
    )
    return Settings(
        n_segments=None if auto else int(given["n_segments"]),
        method=given["method"],
        scaling=given["scaling"],
        n_components=given["n_components"],
        most=given["max_segments"],
        sample_size=given["sample_size"],
        demands=demands,
        owner=owner,
        progress=Progress(owner, given["verbose"]),
    )


def decide(x: Floats, columns: list[dict[str, Any]], settings: Settings) -> Found:
    """Learn the space, choose method and number, and fit the clusters to everybody.

    Customers come in a canonical order.
    """
    space, sample, z, thin = prepared(x, columns, settings)
    most = distinct_rows(sample.z)
    if settings.n_segments is None:
        row, reason, rows = chosen(sample, settings, most)
        k, method = row["k"], row["method"]
    else:
        k, rows, reason = settings.n_segments, [], f"n_segments={settings.n_segments} was given."
        method = "kmeans" if settings.method == "auto" else settings.method
    if k > most:
        raise DataError(
            f"{settings.owner}: n_segments={k} is more than the {most:,} different customers there "
            "are. Ask for fewer segments, or take columns that tell customers apart."
        )
    clusters = fit_in_stages(z, k, method, settings.demands.seed, settings.sample_size)
    clusters, labels = by_size(clusters, labels_of(z, clusters))
    settings.progress.step(f"put {len(z):,} customers into {len(clusters['centers'])} segments")
    return Found(space, clusters, labels, reason, by_column(rows), thin)


def by_size(clusters: Clusters, labels: Ints) -> tuple[Clusters, Ints]:
    """Clusters and labels, the largest first; a component that is nobody's best is left out."""
    sizes = np.bincount(labels, minlength=len(clusters["centers"]))
    order = np.lexsort((*clusters["centers"].T, -sizes))
    order = order[sizes[order] > 0]
    place = np.zeros(len(sizes), dtype=np.int64)
    place[order] = np.arange(len(order))
    moved: Ints = place[labels]
    return ordered(clusters, order), moved


def tried(
    x: Floats, columns: list[dict[str, Any]], ks: list[int], settings: Settings
) -> dict[str, list[Any]]:
    """The table for some numbers of clusters; customers as in `decide`."""
    sample = prepared(x, columns, settings)[1]
    most = distinct_rows(sample.z)
    if ks[-1] > most:
        raise DataError(
            f"{settings.owner}: k={ks[-1]} is more than the {most:,} different customers there are."
        )
    method = METHODS[0] if settings.method == "auto" else settings.method
    return by_column(stability_rows(sample, ks, method, settings.demands, settings.progress))


def by_column(rows: list[Row]) -> dict[str, list[Any]]:
    """Rows as columns."""
    return {name: [row[name] for row in rows] for name in TABLE}


def prepared(
    x: Floats, columns: list[dict[str, Any]], settings: Settings
) -> tuple[Space, Sample, Floats, npt.NDArray[np.intp]]:
    """Space, a thinned sample, everybody's points, and the rows of the sample."""
    thin = thinned_rows(len(x), settings.sample_size)
    scaling, n_components = settings.scaling, settings.n_components
    space = learn_space(x, thin, columns, scaling, n_components, settings.owner)
    z = project(x, space)
    return space, Sample(z[thin], x[thin], columns), z, thin


def chosen(sample: Sample, settings: Settings, most: int) -> tuple[Row, str, list[Row]]:
    """The row of the table that is taken, why, and the table."""
    demands, progress = settings.demands, settings.progress
    ks = range(2, min(settings.most, most) + 1)
    if not ks:
        raise DataError(f"{settings.owner}: all customers are alike in the columns that are used.")
    first = METHODS[0] if settings.method == "auto" else settings.method
    rows = stability_rows(sample, ks, first, demands, progress)
    row, reason = choose(rows, demands)
    if settings.method == "auto" and (row["misses"] or row["k"] < demands.at_least):
        rows += stability_rows(sample, ks, METHODS[1], demands, progress)
        row, reason = choose(rows, demands)
    if row["misses"]:
        warn_user(
            f"{settings.owner}: {reason} Take other or fewer columns, or ask for less: what lacks "
            "stability would come out otherwise with other customers.",
            ConvergenceWarning,
        )
    return row, reason, rows


def measured(x: Floats, columns: list[dict[str, Any]], found: Found, settings: Settings) -> Told:
    """Profile, names and rules of clusters; customers as in `decide`."""
    labels, thin, k = found.labels, found.thin, len(found.clusters["centers"])
    position = positions(x[thin], labels[thin], found.space, k)
    profile = profile_of(x, position, columns, labels, k)
    keys = list(zip(profile["column"], profile["level"], strict=True))
    width = len(keys) // k
    names = name_segments(np.reshape(profile["z"], (k, width)), keys[:width])
    tree = fit_tree(x[thin], columns, labels[thin], settings.demands.depth)
    seen = thinned_rows(len(x), SEEN * settings.sample_size)
    told = fidelity(tree, tree_matrix(x[seen], columns), labels[seen])
    shares = np.bincount(labels, minlength=k) / len(labels)
    return Told(names, shares, tree, told, rules_of(tree, columns), profile)
