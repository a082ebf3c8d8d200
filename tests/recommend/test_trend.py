"""TrendReweighter: the ratio by hand, powers, tuning, refusals."""

import numpy as np
import pandas as pd
import pytest

from crmkit.exceptions import DataError
from crmkit.recommend import EASE, BuyAgain, TrendReweighter
from crmkit.recommend._trend import reweighted
from tests.recommend._seasons import purchases
from tests.recommend._trends import habits, log_of, seasonal

CUT = pd.Timestamp("2024-01-01") + pd.Timedelta("160D")


def test_the_ratio_by_hand():
    frame = pd.DataFrame(
        {
            "customer": ["a", "b", "b"],
            "day": pd.to_datetime(["2024-01-01", "2024-01-15", "2024-01-01"]),
            "item": ["x", "x", "y"],
            "amount": 1.0,
        }
    )
    model = TrendReweighter(short=14, long="28D", power=1).fit(log_of(frame))
    usual = 0.5**0.5  # fourteen days are half of the long half-life
    expected = [(1 + 0.5 + 0.2) / (1 + usual + 2), (0.5 + 0.2) / (usual + 2)]
    np.testing.assert_allclose(model.trend_, expected, rtol=1e-6)


def test_scores_at_and_below_zero_stay_and_minus_infinity_too():
    scores = np.array([[2.0, 0.0, -1.0, -np.inf]], dtype=np.float32)
    found = reweighted(scores, np.array([0.25, 9.0, 9.0, 9.0], dtype=np.float32), 0.5)
    assert found.tolist() == [[1.0, 0.0, -1.0, -np.inf]]


def test_power_nought_is_the_base_itself():
    log = log_of(purchases())
    pairs = [("c3", "i05"), ("c7", "i44")]
    plain = EASE().fit(log).predict(pairs)
    assert np.array_equal(TrendReweighter(EASE(), power=0).fit(log).predict(pairs), plain)


def test_a_season_is_found_and_pays():
    log = log_of(seasonal())
    model = TrendReweighter(EASE(50.0)).fit(log, as_of=CUT)
    assert model.power_ >= 0.5
    assert model.tuning_["1.0"] > model.tuning_["0.0"]
    plain = EASE(50.0).fit(log, as_of=CUT).score(log)
    assert model.score(log) > 1.15 * plain


def test_what_has_no_season_is_left_alone_but_for_chance():
    shops = [log_of(habits(seed, n_customers=400)) for seed in range(5)]
    models = [TrendReweighter(BuyAgain(None)).fit(shop) for shop in shops]
    assert np.mean([model.power_ for model in models]) <= 0.05
    assert all(len(model.tuning_) == 4 for model in models)


def test_without_a_window_the_base_stays():
    day = purchases().assign(day=pd.Timestamp("2024-01-05"))
    model = TrendReweighter().fit(log_of(day))
    assert (model.power_, model.tuning_) == (0.0, {})


def test_the_default_of_seen_items_is_that_of_the_base():
    log = log_of(purchases())
    again = TrendReweighter(BuyAgain(), power=1).fit(log)
    assert again.recommend(["c3"], n=1).equals(again.recommend(["c3"], n=1, exclude_seen=False))
    new = TrendReweighter(power=1).fit(log)
    assert new.recommend(["c3"], n=5).equals(new.recommend(["c3"], n=5, exclude_seen=True))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"base": "EASE"}, "base must be a recommender, got 'EASE'"),
        ({"short": 120, "long": 14}, "short must be less than long, got 120 and 14"),
        ({"power": -1}, "power must be"),
        ({"power": "best"}, "power must be"),
        ({"horizon": "30 hours"}, "horizon"),
        ({"base": EASE(-1.0)}, "regularization must be"),
    ],
)
def test_parameters_without_meaning_are_refused(given, text):
    with pytest.raises(DataError, match=text):
        TrendReweighter(**given).fit(log_of(purchases()))
