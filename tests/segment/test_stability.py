"""Stability and the choice of the number: demands by hand, raw spend, the words."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from crmkit.segment._clusters import fit_clusters, labels_of
from crmkit.segment._stability import Demands, Sample, choose, misses, stability_rows

ASKED = Demands(4, 0.8, 0.03, 0.6, 0.85, 4, 20, 0)


def row(k, stability=0.9, silhouette=0.3, smallest=0.1, largest=0.4, fidelity=0.9, told=None):
    made = {
        "method": "kmeans",
        "k": k,
        "stability": stability,
        "stability_sd": 0.02,
        "silhouette": silhouette,
        "smallest_share": smallest,
        "largest_share": largest,
        "fidelity": fidelity,
        "n_told": k if told is None else told,
    }
    return made | {"misses": "; ".join(misses(made, ASKED))}


def test_what_is_missed_is_told_in_words():
    assert misses(row(4), ASKED) == []
    assert row(4, stability=0.7)["misses"] == "stability 0.70 of 0.80"
    assert row(4, smallest=0.01, largest=0.993)["misses"] == "a segment of 1.0%; a segment of 99%"
    assert row(4, fidelity=0.8)["misses"] == "rules that tell 80%"
    assert row(4, told=3)["misses"] == "a segment without a rule"


def test_what_is_missed_by_little_does_not_read_like_what_is_asked():
    assert row(4, stability=0.7962)["misses"] == "stability 0.7962 of 0.80"
    assert row(4, largest=0.6003)["misses"] == "a segment of 60.03%"
    assert row(4, smallest=0.0299)["misses"] == "a segment of 2.990%"


def test_the_largest_that_meets_all_demands_is_taken():
    found, reason = choose([row(3), row(4), row(5), row(6, 0.7), row(7, fidelity=0.5)], ASKED)
    assert found["k"] == 5
    assert reason == (
        "5 segments by k-means: the largest number that is stable (adjusted Rand index 0.90 of at "
        "least 0.80) with shares from 10% to 40% and rules that tell 90%. Beyond it 6: stability "
        "0.70 of 0.80; 7: rules that tell 50%."
    )


def test_a_giant_of_high_silhouette_is_never_taken():
    giant = row(2, silhouette=0.93, smallest=0.001, largest=0.993)
    assert choose([giant, row(3), row(4)], ASKED)[0]["k"] == 4


def test_clusters_that_lie_apart_are_not_cut_further():
    rows = [row(3, silhouette=0.8), row(4, silhouette=0.7), row(5, silhouette=0.6), row(6)]
    found, reason = choose(rows, ASKED)
    assert found["k"] == 4
    assert "they lie apart (silhouette 0.70), are stable" in reason


def test_fewer_than_asked_for_only_where_no_more_are_suitable():
    found, reason = choose([row(2), row(3), row(4, 0.5)], ASKED)
    assert found["k"] == 3
    assert "None of at least 4 does." in reason


@pytest.mark.parametrize(
    ("rows", "k"),
    [
        ([row(4, 0.79), row(5, 0.5)], 4),
        ([row(4, 0.79, smallest=0.01), row(5, 0.75)], 5),
        ([row(3, 0.79), row(4, 0.75)], 4),
    ],
)
def test_where_none_is_suitable_the_one_that_lacks_least(rows, k):
    found, reason = choose(rows, ASKED)
    assert found["k"] == k
    assert reason.startswith(f"No number of segments meets all demands. {k} by k-means come near")


def test_no_silhouette_is_no_reason():
    assert choose([row(4, silhouette=np.nan), row(5, silhouette=np.nan)], ASKED)[0]["k"] == 5


def drawn(n, k, n_resamples):
    """Points without structure, and the agreement of each resample with all, computed by hand."""
    z = np.random.default_rng(3).normal(size=(n, 2))
    labels = labels_of(z, fit_clusters(z, k, "kmeans", 0))
    agreed = []
    for seed in range(1, 1 + n_resamples):
        some = np.random.default_rng(seed).integers(n, size=n)
        agreed.append(
            adjusted_rand_score(labels, labels_of(z, fit_clusters(z[some], k, "kmeans", seed)))
        )
    columns = [{"name": name, "kind": "number", "levels": [], "whole": False} for name in "ab"]
    return Sample(z, z, columns), np.array(agreed)


def test_stability_is_the_agreement_on_all_customers():
    sample, agreed = drawn(60, 3, 4)
    asked = replace(ASKED, n_resamples=4, stability=0.0)
    (row,) = stability_rows(sample, [3], "kmeans", asked)
    assert row["n_resamples"] == 4
    assert row["stability"] == pytest.approx(agreed.mean())
    assert row["stability_sd"] == pytest.approx(agreed.std())


def test_more_resamples_are_drawn_while_the_verdict_is_close():
    sample, agreed = drawn(60, 3, 20)
    near = replace(ASKED, n_resamples=4, stability=float(agreed.mean()))
    (row,) = stability_rows(sample, [3], "kmeans", near)
    assert 4 < row["n_resamples"] <= 20
    n = row["n_resamples"]
    assert row["stability"] == pytest.approx(agreed[:n].mean())
    error = agreed[:n].std(ddof=1) / n**0.5
    assert n == 20 or abs(row["stability"] - near.stability) >= 2 * error
