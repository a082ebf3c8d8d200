"""The gate: losses by hand, scores and noise, and a choice that noise alone never makes."""

import numpy as np
import pytest
from sklearn.metrics import mean_poisson_deviance, mean_tweedie_deviance

from crmkit.clv._value_gate import Verdict, customer_losses, judge, overall, winner
from crmkit.clv._value_snapshots import Outcome
from crmkit.clv._value_trees import Forecast


def expected(purchases, spend):
    purchases, spend = np.asarray(purchases, float), np.asarray(spend, float)
    return Forecast(np.minimum(purchases, 1.0), purchases, spend)


def test_losses_are_the_deviances_of_scikit_learn():
    came = Outcome(np.array([0.0, 2.0, 1.0]), np.array([0.0, 30.0, 12.0]))
    forecast = expected([0.5, 1.0, 1.5], [4.0, 20.0, 25.0])
    losses = customer_losses(came, forecast).mean(axis=0)
    assert losses[0] == pytest.approx(mean_poisson_deviance(came.purchases, forecast.purchases))
    assert losses[1] == pytest.approx(mean_tweedie_deviance(came.spend, forecast.spend, power=1.5))
    assert losses[2] == pytest.approx((16 + 100 + 169) / 3)


def test_an_expectation_of_nothing_is_no_infinite_loss():
    came = Outcome(np.array([0.0, 2.0]), np.array([0.0, 30.0]))
    assert np.isfinite(customer_losses(came, expected([0.0, 0.0], [0.0, 0.0]))).all()


def lives(n=2000, seed=0):
    random = np.random.default_rng(seed)
    rate = random.gamma(1.0, 1.0, n)
    purchases = random.poisson(rate).astype(float)
    return rate, Outcome(purchases, purchases * random.gamma(4.0, 5.0, n))


def test_the_truth_beats_the_mean_and_the_base_has_score_nought():
    rate, came = lives()
    verdicts = judge(
        {"base": expected(np.ones(len(rate)), 20 * np.ones(len(rate))),
         "truth": expected(rate, 20 * rate)}, came, 0
    )  # fmt: skip
    assert (verdicts["base"].score, verdicts["base"].noise) == (0.0, 0.0)
    assert verdicts["truth"].score < -0.1
    assert 0.0 < verdicts["truth"].noise < 0.05
    assert winner([verdicts]) == "truth"


def test_the_score_is_the_mean_log_ratio_with_the_root_of_the_squared_error():
    _, came = lives()
    one, two = (expected(np.full(2000, a), np.full(2000, b)) for a, b in ((1.0, 20.0), (1.3, 15.0)))
    verdicts = judge({"base": one, "rival": two}, came, 0)
    ratio = np.log(np.array(verdicts["rival"].losses) / np.array(verdicts["base"].losses))
    assert verdicts["rival"].score == pytest.approx(ratio.mean())
    assert verdicts["base"].losses[2] == pytest.approx(np.sqrt(np.mean((came.spend - 20.0) ** 2)))


def test_scores_do_not_depend_on_the_currency():
    rate, came = lives()
    scores = []
    for unit in (1.0, 1000.0):
        mean = expected(np.ones(len(rate)), unit * 20 * np.ones(len(rate)))
        truth = expected(rate, unit * 20 * rate)
        money = Outcome(came.purchases, unit * came.spend)
        scores.append(judge({"base": mean, "truth": truth}, money, 0)["truth"].score)
    assert scores[0] == pytest.approx(scores[1], rel=1e-12)


def test_the_noise_is_the_standard_error_over_repeated_samples():
    scores, noises = [], []
    for seed in range(60):
        rate, came = lives(600, seed)
        mean = expected(np.ones(len(rate)), 20 * np.ones(len(rate)))
        verdict = judge({"base": mean, "truth": expected(rate, 20 * rate)}, came, seed)["truth"]
        scores.append(verdict.score)
        noises.append(verdict.noise)
    assert np.mean(noises) == pytest.approx(np.std(scores), rel=0.3)


def test_rivals_that_only_add_noise_are_rarely_chosen():
    chosen = 0
    for seed in range(40):
        rate, came = lives(500, seed)
        random = np.random.default_rng(1000 + seed)
        rivals = {
            f"noisy {k}": expected(
                rate * random.gamma(50.0, 1 / 50.0, len(rate)),
                20 * rate * random.gamma(50.0, 1 / 50.0, len(rate)),
            )
            for k in range(3)
        }
        chosen += (
            winner([judge({"base": expected(rate, 20 * rate)} | rivals, came, seed)]) != "base"
        )
    assert chosen <= 4


@pytest.mark.parametrize(
    ("windows", "chosen"),
    [
        ([(-0.10, 0.02)], "rival"),
        ([(-0.03, 0.02)], "base"),  # within two standard errors
        ([(-0.004, 0.0001)], "base"),  # sure, and not worth it
        ([(-0.20, 0.02), (0.01, 0.02)], "rival"),
        ([(-0.20, 0.02), (0.05, 0.02)], "base"),  # clearly worse in one window
    ],
)
def test_a_clear_gain_is_needed_and_no_clear_loss(windows, chosen):
    told = [
        {"base": Verdict((1, 1, 1), 0.0, 0.0), "rival": Verdict((1, 1, 1), score, noise)}
        for score, noise in windows
    ]
    assert winner(told) == chosen


def test_windows_are_averaged():
    told = [{"base": None, "rival": Verdict((1, 1, 1), score, 0.04)} for score in (-0.3, -0.1)]
    assert overall(told, "rival") == pytest.approx((-0.2, 0.04 / np.sqrt(2)))
