"""Resamples of customers at several cut-offs: cut-offs of whom nobody is drawn, few customers."""

import warnings

import numpy as np

from crmkit.churn._report_draws import draws

CUTOFFS = np.array(["2024-01-01", "2024-02-01"], dtype="M8[us]")


def made(sizes, seed=0):
    rng = np.random.default_rng(seed)
    cutoff = np.repeat(CUTOFFS, sizes)
    groups = np.concatenate([np.arange(n) for n in sizes]).astype(object)
    y = np.concatenate([np.arange(n) % 2 for n in sizes]).astype(float)
    p = rng.uniform(0.1, 0.9, len(y))
    both = {"p": p, "same": p.copy(), "half": np.full(len(y), 0.5)}
    return draws(y, both, cutoff, groups, 200, np.random.default_rng(1), "it")


def test_a_cutoff_whose_customers_were_not_drawn_is_not_known_there():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = made((60, 2))
    loss = found.drawn["p"][:, :, 2]
    nobody = np.isnan(loss[:, 1])
    assert 0.05 < nobody.mean() < 0.25  # (1 - 2 / 60)^60 = 0.13
    assert np.isfinite(loss[:, 0]).all()
    table = found.spread("p", None, 0.9)
    assert np.isfinite(table.loc["log_loss"]).all()


def test_a_drawn_customer_brings_his_rows_wherever_they_stand():
    """Cut-offs of different customers in different orders; the oracle repeats rows by hand."""
    rng = np.random.default_rng(4)
    sets = [rng.permutation(24), 12 + rng.permutation(18)]
    cutoff, groups = np.repeat(CUTOFFS, [24, 18]), np.concatenate(sets)
    y, p = (rng.random(42) < 0.5).astype(float), rng.uniform(0.1, 0.9, 42)
    found = draws(y, {"p": p}, cutoff, groups, 50, np.random.default_rng(9), "it")
    drawn = np.random.default_rng(9).integers(30, size=(50, 30))
    first_seen = list(dict.fromkeys(groups.tolist()))
    for index, chosen in enumerate(drawn):
        for c in (0, 1):
            rows = [
                row
                for k in chosen
                for row in np.flatnonzero((groups == first_seen[k]) & (cutoff == CUTOFFS[c]))
            ]
            loss = -np.log(np.where(y[rows] == 1, p[rows], 1 - p[rows])).mean()
            np.testing.assert_allclose(found.drawn["p"][index, c, 2], loss)


def test_a_forecast_differs_from_itself_by_nothing():
    table = made((30, 20)).compared("p", "same", None, 0.95)
    told = table.drop(index="calibration_error")  # of which two forecasts are not compared
    assert (told[["estimate", "std_error", "lower", "upper"]] == 0).all(axis=None)
    assert set(table["verdict"]) == {"no clear difference"}


def test_signs_turn_with_the_sides():
    found = made((30, 20))
    there, back = (found.compared(*pair, 0, 0.95) for pair in (("p", "half"), ("half", "p")))
    np.testing.assert_allclose(there["estimate"], -back["estimate"])
    np.testing.assert_allclose(there["lower"], -back["upper"], atol=1e-12)


def test_few_customers_prove_nothing():
    rng = np.random.default_rng(0)
    y = np.tile([0.0, 1.0], 20)
    both = {"good": np.where(y == 1, 0.9, 0.1), "half": np.full(40, 0.5)}
    cutoff, groups = np.repeat(CUTOFFS, [32, 8]), np.r_[:32, :8].astype(object)
    found = draws(y, both, cutoff, groups, 50, rng, "it")
    told = [found.compared("good", "half", at, 0.95).loc["log_loss", "verdict"] for at in (0, 1)]
    assert told == ["better", "no clear difference"]
    assert found.compared("good", "half", None, 0.95).loc["log_loss", "verdict"] == "better"
    assert found.sizes.tolist() == [32, 8]
    assert found.n_customers == 32
