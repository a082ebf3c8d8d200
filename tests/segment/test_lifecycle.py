"""LifecycleStager: lives by hand, frozen rules, a model handed in, movement, real shops."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator

import crmkit as ck
from crmkit.clv import BetaGeoModel, ParetoNBDModel
from crmkit.events._customers_at import read_customers_at
from crmkit.exceptions import ConvergenceWarning, DataError, DataWarning
from crmkit.segment import LifecycleStager, migration_matrix
from crmkit.segment._stage_evidence import paces


@pytest.fixture(scope="module")
def shop():
    return ck.EventLog(ck.datasets.make_customers(1500, random_state=3).events)


@pytest.fixture(scope="module")
def stager(shop):
    return LifecycleStager().fit(shop, as_of="2023-12-01")


@pytest.fixture(scope="module")
def cdnow():
    return ck.EventLog(ck.datasets.load_cdnow())


@pytest.fixture(scope="module")
def complete_journey():
    lines = ck.datasets.load_complete_journey().transactions
    names = ("household_id", "transaction_timestamp", "sales_value", "basket_id")
    return ck.EventLog(lines, *names)


def log_of(lives):
    """A log of one order on each of some days before 2024-01-01 of each customer."""
    rows = [
        (who, pd.Timestamp("2024-01-01") - pd.Timedelta(days=d))
        for who, days in lives
        for d in days
    ]
    return ck.EventLog(pd.DataFrame(rows, columns=["customer_id", "timestamp"]).assign(amount=10.0))


def stages_of(stager, log, as_of="2024-01-01"):
    frame = stager.predict_frame(log, as_of=as_of)
    return dict(zip(frame["customer_id"], frame["stage"], strict=True))


def share_back(stager, log, as_of, until):
    """Share of each stage that buys in a window."""
    frame = stager.predict_frame(log, as_of=as_of).set_index(log.customer)
    data = log.data
    later = data[(data[log.when] >= as_of) & (data[log.when] < until)][log.customer].unique()
    return frame["stage"].groupby(frame["stage"]).size(), frame.index.isin(later), frame["stage"]


def test_lives_by_hand(stager):
    (_, _, first_lost), (at_risk, dormant, lost) = stager.thresholds_
    weekly = list(range(7, 400, 7))
    rhythm = 7 * (len(weekly) - 1)
    rhythm = (rhythm + stager.gap_weight_ * stager.usual_gap_) / (
        len(weekly) - 1 + stager.gap_weight_
    )
    silent = {
        name: int(np.floor(z * rhythm)) + 1
        for name, z in [("at risk", at_risk), ("dormant", dormant), ("lost", lost)]
    }
    assert silent["at risk"] < silent["dormant"] < silent["lost"]
    lives = [(name, [d - 7 + days for d in weekly]) for name, days in silent.items()]
    lives += [
        ("new", [1]),
        ("gone at once", [int(first_lost * stager.usual_gap_) + 2]),
        ("growing", [20, 10, 1]),
        ("rising", [300, 200, 100, *range(1, 80, 4)]),
        ("loyal", weekly),
        ("reactivated", [*(d + 300 for d in weekly), 3]),
    ]
    got = stages_of(stager, log_of(lives))
    assert got == {
        "at risk": "at risk",
        "dormant": "dormant",
        "lost": "lost",
        "new": "new",
        "gone at once": "lost",
        "growing": "growing",
        "rising": "growing",
        "loyal": "loyal",
        "reactivated": "reactivated",
    }


def test_the_pause_told_is_the_last_one(stager):
    since = [*range(700, 960, 7), 350, 3]  # two long pauses: of 350 and of 347 days
    frame = stager.predict_frame(log_of([("a", since)]), as_of="2024-01-01")
    assert (frame["stage"][0], frame["pause"][0]) == ("reactivated", 347)
    assert frame["reason"][0].startswith("back after a pause of 347 days; ")


def test_the_evidence_decides(stager, shop):
    frame = stager.predict_frame(shop, as_of="2024-02-01")
    since, stage = frame["days_since_last"], frame["stage"]
    assert ((since > frame["lost_after"]) == (stage == "lost")).all()
    dormant = (since > frame["dormant_after"]) & (since <= frame["lost_after"])
    assert (dormant == (stage == "dormant")).all()
    active = since <= frame["at_risk_after"]
    assert (stage[active & (frame["purchase_days"] == 1)] == "new").all()
    assert (frame["pause"][stage == "reactivated"] > 0).all()
    assert frame["chance_left"].between(0, 1).all()
    summary = ck.summarize(shop, as_of="2024-02-01")
    assert frame["customer_id"].tolist() == summary["customer_id"].tolist()
    assert since.tolist() == summary["days_since_last"].tolist()
    assert frame["purchase_days"].tolist() == (summary["frequency"] + 1).tolist()
    assert set(stage) <= set(stager.stages_)


def test_rules_stay_frozen(stager, shop):
    before = stager.thresholds_.copy()
    own = stager.predict_frame(shop, as_of="2024-04-01")
    half = shop.data[shop.data["customer_id"].isin(own["customer_id"][::2])]
    half = stager.predict_frame(ck.EventLog(half), as_of="2024-04-01")
    expected = own[own["customer_id"].isin(half["customer_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(half, expected)
    np.testing.assert_array_equal(stager.thresholds_, before)


def test_nobody_is_new_for_longer_than_a_repeat_buyer_is_not_at_risk(online_retail):
    """In a log of one year the chance after the first purchase hardly falls."""
    made = {None: LifecycleStager().fit(online_retail)}
    with pytest.warns(ConvergenceWarning, match="No dropout seen"):
        made["model"] = LifecycleStager(BetaGeoModel()).fit(online_retail)
    for stager in made.values():
        frame = stager.predict_frame(online_retail)
        once, since = frame["purchase_days"] == 1, frame["days_since_last"]
        assert 100 < stager.new_for_ < 130
        assert (since[frame["stage"] == "new"] <= stager.new_for_).all()
        assert not set(frame["stage"][once & (since > stager.new_for_)]) & {"new", "loyal"}
        assert 500 < (frame["stage"] == "new").sum() < 900
        rules = stager.describe().set_index("stage")["rule"]
        assert rules["new"] == "not at risk, one purchase day so far, at most 114 days ago"
    assert made[None].thresholds_[0, 0] == made[None].thresholds_[1, 0]
    frame = made[None].predict_frame(online_retail)
    old = frame[(frame["purchase_days"] == 1) & (frame["stage"] == "at risk")]
    assert (
        old["reason"]
        .str.fullmatch(r"bought once, \d+ days ago, which is too long for a new customer")
        .all()
    )
    told = made["model"].describe()["rule"][4]
    assert told.endswith("of that at the last one, or bought once, more than 114 days ago")


@pytest.mark.parametrize("n_weeks", [8, 14, 30, 60])
def test_a_reason_is_never_at_odds_with_its_stage(n_weeks, shop):
    begin = pd.Timestamp("2023-01-01")
    part = shop.data[shop.data["timestamp"] < begin + pd.Timedelta(weeks=n_weeks)]
    log = ck.EventLog(part[part["timestamp"] >= begin])
    stager = LifecycleStager().fit(log)
    beyond = 0
    for at in ("2023-06-01", "2023-12-01"):
        later = ck.EventLog(shop.data[shop.data["timestamp"] >= begin])
        frame = stager.predict_frame(later, as_of=at)
        for name, level in [("at risk", 0.5), ("dormant", 0.3), ("lost", 0.15)]:
            some = frame[frame["stage"] == name]
            told = some["reason"].str.contains("of the chance of a purchase is left")
            assert (some["chance_left"][told] <= level).all()
            assert (some["chance_left"][~told] > level).all()
            beyond += (~told).sum()
        active = frame[~frame["stage"].isin(["at risk", "dormant", "lost"])]
        assert (active["chance_left"] > 0.5).all()
    assert n_weeks > 8 or beyond > 0


def test_paces_by_hand():
    log = log_of([("a", [400, 170, 100, 90, 50, 1]), ("young", [40, 30, 20, 15, 1]), ("one", [5])])
    at = read_customers_at(log, ["2024-01-01"], "test").moment(0)
    recent, before = paces(at, 90)
    assert recent.tolist() == [3, 0, 3]  # a, one, young: in the order of ids
    assert before.tolist() == [2, 0, 1]


def test_describe_adds_up(stager, shop):
    table = stager.describe()
    assert table["stage"].tolist() == stager.stages_.tolist()
    frame = stager.predict_frame(shop, as_of="2023-12-01")
    counts = frame["stage"].value_counts().reindex(table["stage"]).fillna(0)
    assert table["n_customers"].tolist() == counts.tolist()
    assert table["share_of_customers"].sum() == pytest.approx(1.0)
    data = shop.data
    last = data[(data["timestamp"] < "2023-12-01") & (data["timestamp"] >= "2023-09-02")]
    last = last[last["amount"] > 0]
    by_stage = last["customer_id"].map(frame.set_index("customer_id")["stage"])
    expected = last["amount"].groupby(by_stage).sum().reindex(table["stage"]).fillna(0)
    np.testing.assert_allclose(table["revenue"], expected)
    without = ck.EventLog(data.drop(columns="amount"), amount=None, quantity=None)
    assert "revenue" not in LifecycleStager().fit(without, as_of="2023-12-01").describe()


def test_names_of_another_language_change_nothing_else(stager, shop):
    chinese = LifecycleStager(stages="zh").fit(shop, as_of="2023-12-01")
    own = stager.predict_frame(shop, as_of="2024-02-01")
    other = chinese.predict_frame(shop, as_of="2024-02-01")
    names = dict(zip(stager.stages_, chinese.stages_, strict=True))
    assert other["stage"].tolist() == [names[name] for name in own["stage"]]
    assert names["lost"] == "流失客户"


def test_a_model_handed_in_is_used_as_it_is(shop):
    customers = ck.summarize(shop, as_of="2023-12-01", unit="W")
    model = ParetoNBDModel().fit(customers)
    params = dict(model.params_)
    made = LifecycleStager(model).fit(shop, as_of="2023-12-01")
    assert made.purchase_model_ is model
    assert model.params_ == params
    frame = made.predict_frame(shop, as_of="2024-02-01")
    weeks = ck.summarize(shop, as_of="2024-02-01", unit="W")
    np.testing.assert_allclose(
        frame["probability"], 1 - model.probability_no_purchase(weeks, 90 / 7), rtol=1e-9
    )
    assert frame["lost_after"].isna().all()
    assert made.thresholds_ is None
    assert ((frame["chance_left"] <= 0.15) == (frame["stage"] == "lost")).all()
    kept = clone(LifecycleStager(FrozenEstimator(model))).fit(shop, as_of="2023-10-01")
    assert kept.purchase_model_.params_ == params


def test_an_unfitted_model_is_cloned_and_fitted(shop):
    model = BetaGeoModel()
    made = LifecycleStager(model).fit(shop, as_of="2023-12-01")
    assert not hasattr(model, "params_")
    expected = BetaGeoModel().fit(ck.summarize(shop, as_of="2023-12-01"))
    assert made.purchase_model_.params_ == pytest.approx(expected.params_)


class Alive:
    """No scikit-learn, no horizon: halves every 30 days of silence."""

    def probability_alive(self, X):
        return 0.5 ** ((X["T"] - X["recency"]).to_numpy() / 30.0)


class Nonsense:
    def probability_alive(self, X):
        return np.full(len(X), 1.5)


def test_anything_that_tells_who_is_alive_will_do(shop):
    frame = LifecycleStager(Alive()).fit(shop, as_of="2023-12-01").predict_frame(shop, "2024-02-01")
    silent = frame["days_since_last"] - 1
    edges = {"lost": 30 * np.log2(1 / 0.15), "dormant": 30 * np.log2(1 / 0.3)}
    assert ((silent >= edges["lost"]) == (frame["stage"] == "lost")).all()
    dormant = (silent >= edges["dormant"]) & (silent < edges["lost"])
    assert (dormant == (frame["stage"] == "dormant")).all()


def test_it_is_a_segmenter_of_migration_matrix(stager, shop):
    dates = ["2024-01-01", "2024-02-01", "2024-03-01"]
    moves = migration_matrix(stager, shop, dates)
    assert moves.segments == tuple(stager.stages_)
    for i, date in enumerate(dates):
        frame = stager.predict_frame(shop, as_of=date)
        sizes = frame["stage"].value_counts().reindex(stager.stages_).fillna(0)
        assert moves.size_counts[i].tolist() == sizes.tolist()
    from_lost = moves.counts[0][moves.states.index("lost")]
    back_to = {moves.states[k] for k in np.flatnonzero(from_lost)}
    assert back_to <= {"lost", "reactivated", "growing"}
    unfitted = migration_matrix(LifecycleStager(), shop, dates[:2])
    assert unfitted.segmenter.as_of_ == "2024-01-01 00:00:00"


def test_cdnow_the_lost_stay_away_and_the_loyal_come_back(cdnow):
    for model in (None, ParetoNBDModel()):
        stager = LifecycleStager(model).fit(cdnow, as_of="1997-10-01")
        sizes, back, stage = share_back(stager, cdnow, "1998-01-01", "1998-04-01")
        share = {name: back[(stage == name).to_numpy()].mean() for name in sizes.index}
        assert sizes["lost"] > 10_000
        assert sizes["loyal"] > 800
        assert share["lost"] < 0.08
        assert share["loyal"] > 0.55
        assert share["loyal"] > share["at risk"] > share["dormant"] > share["lost"]


def test_complete_journey_the_lost_stay_away_more(complete_journey):
    """Households were chosen for shopping often: few are lost, and half of them come back."""
    stager = LifecycleStager().fit(complete_journey, as_of="2017-07-01")
    sizes, back, stage = share_back(stager, complete_journey, "2017-10-01", "2017-12-30")
    share = {name: back[(stage == name).to_numpy()].mean() for name in sizes.index}
    assert sizes["loyal"] > 0.7 * sizes.sum()
    assert sizes["lost"] > 40
    assert share["loyal"] > 0.97
    assert share["lost"] < 0.6
    assert share["at risk"] > share["dormant"] > share["lost"]


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"levels": (0.5, 0.3)}, "levels must be three falling numbers"),
        ({"levels": (0.3, 0.5, 0.1)}, "levels must be three falling numbers"),
        ({"levels": (1.0, 0.5, 0.1)}, "levels must be three falling numbers"),
        ({"levels": "high"}, "levels must be three falling numbers"),
        ({"loyal_from": 1}, "loyal_from must be a whole number of at least 2"),
        ({"period": "0D"}, r"period must be a number of days above 0, or text such as"),
        ({"period": -3}, r"period must be a number of days above 0, .* got -3"),
        ({"period": "1.6D"}, r"period must be whole days, .* got '1\.6D'"),
        ({"period": "soon"}, "period must be"),
        ({"stages": "fr"}, "stages must be one of"),
        ({"purchase_model": 3}, "purchase_model must be a purchase model"),
        ({"purchase_model": BetaGeoModel}, "purchase_model must be a purchase model"),
        ({"purchase_model": BetaGeoModel(unit="M")}, "reads ages in 'M'"),
        ({"purchase_model": Nonsense()}, "does not give one probability"),
    ],
)
def test_parameters_are_refused_in_fit(shop, wrong, text):
    made = LifecycleStager(**wrong)
    with pytest.raises(DataError, match=f"LifecycleStager: .*{text}"):
        made.fit(shop, as_of="2023-12-01")


def test_without_a_second_purchase_day_there_is_no_rhythm():
    log = log_of([("a", [2]), ("b", [1])])
    with pytest.raises(DataError, match="nobody bought on two days before 2024-01-01"):
        LifecycleStager().fit(log, as_of="2024-01-01")


def test_who_comes_exactly_on_time_is_not_at_risk():
    log = log_of([("a", list(range(7, 63, 7)))])
    stager = LifecycleStager().fit(log, as_of="2024-01-01")
    row = stager.predict_frame(log, as_of="2024-01-01").iloc[0]
    assert (row["days_since_last"], row["at_risk_after"], row["stage"]) == (7, 7, "loyal")
    with pytest.warns(DataWarning, match="behind the end of the log"):
        row = stager.predict_frame(log, as_of="2024-06-01").iloc[0]
    assert row["stage"] == "lost"
    assert row["reason"].endswith("and a rhythm of 7 days: longer than the log can tell")


def test_names_may_be_an_array_and_a_negative_revenue_has_no_shares():
    rows = pd.DataFrame(
        {
            "customer_id": list("aabb"),
            "timestamp": pd.to_datetime(["2024-01-01", "2024-01-08", "2024-01-02", "2024-01-09"]),
            "amount": [10.0, 10.0, 5.0, -500.0],
        }
    )
    log = ck.EventLog(rows, returns="net")
    told = LifecycleStager(stages=np.array(list("abcdefg"))).fit(log).describe()
    assert told["stage"].tolist() == list("abcdefg")
    assert told["share_of_revenue"].isna().all()


def test_one_repeat_buyer_is_enough():
    log = log_of([("a", [30, 20, 10])])
    assert stages_of(LifecycleStager().fit(log, as_of="2024-01-01"), log)["a"] in {
        "growing",
        "at risk",
        "dormant",
        "lost",
    }
