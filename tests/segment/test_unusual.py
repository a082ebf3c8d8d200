"""UnusualBehaviour: the promised rate on innocents, planted abusers, reasons, peers, bad input."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

import crmkit as ck
from crmkit.exceptions import DataError, DataWarning
from crmkit.segment import LifecycleStager, RFMSegmenter, UnusualBehaviour
from crmkit.segment._peer_rules import LEAST

AS_OF = "2023-12-01"


@pytest.fixture(scope="module")
def events():
    return ck.datasets.make_customers(8000, random_state=11).events


def log_of(frame, **kwargs):
    return ck.EventLog(frame, **{"order": "order_id", "quantity": "quantity", **kwargs})


@pytest.fixture(scope="module")
def planted(events):
    """Ten customers each who return much, order in a burst, pay much or order at night."""
    active = events[(events["timestamp"] >= "2023-10-01") & (events["timestamp"] < AS_OF)]
    n_orders = active[active["amount"] > 0].groupby("customer_id")["order_id"].nunique()
    chosen = n_orders[n_orders >= 2].index[:40].tolist()
    kinds = {
        "returns": chosen[:10],
        "bursts": chosen[10:20],
        "amounts": chosen[20:30],
        "night": chosen[30:],
    }
    rows = []
    for kind, customers in kinds.items():
        for c, who in enumerate(customers):
            for i in range(1 if kind == "amounts" else 14):
                hour = 3 if kind == "night" else 12
                step = 5 if kind == "night" else 0.5 if kind == "bursts" else 1
                when = pd.Timestamp("2023-11-10") + pd.Timedelta(days=c % 3, hours=hour)
                when += (
                    pd.Timedelta(days=int(i * step))
                    if kind != "night"
                    else -pd.Timedelta(days=5 * i)
                )
                sign = -1 if kind == "returns" else 1
                rows.append(
                    (
                        who,
                        when,
                        f"X{kind}{c}-{i}",
                        sign * 1,
                        sign * (9000.0 if kind == "amounts" else 30.0),
                    )
                )
    names = ["customer_id", "timestamp", "order_id", "quantity", "amount"]
    extra = pd.DataFrame(rows, columns=names).assign(product_id="P00001", channel="web")
    return log_of(pd.concat([events, extra])), kinds


@pytest.mark.parametrize("rate", [0.003, 0.01, 0.05])
def test_innocents_are_flagged_at_the_promised_rate(events, rate):
    """Purchases without memory, returns of 3 % of the orders: nobody has anything to hide."""
    log = log_of(events)
    unusual = UnusualBehaviour(rate).fit(log, as_of=AS_OF)
    assert unusual.expected_by_chance_ == pytest.approx(rate * unusual.n_customers_)
    noise = 3 * np.sqrt(unusual.expected_by_chance_)
    assert unusual.n_customers_ > 4000
    assert unusual.n_flagged_ <= 1.3 * unusual.expected_by_chance_ + noise
    assert unusual.n_flagged_ >= 0.5 * unusual.expected_by_chance_ - noise
    later = unusual.predict_frame(log, as_of="2024-02-01")
    active = later[(later["orders"] > 0) | (later["returns"] > 0)]
    assert active["unusual"].mean() <= 1.5 * rate + 3 * np.sqrt(rate / len(active))


def shoppers(n, seed, *, lines=False, units=(1, 1), prices=None, rare=0.01):
    """Shoppers without memory: 3 orders in 90 days, 3 of 100 (lines) come back. No one is strange.

    With `lines` an order is several rows at one instant, else of one of two units or prices.
    """
    random = np.random.default_rng(seed)
    who = np.repeat(np.arange(n), random.poisson(random.gamma(2.0, 2.0, n)))
    hour = np.where(random.random(len(who)) < 0.02, 2, random.integers(8, 22, len(who)))
    price = random.lognormal(3.5, 0.7, len(who))
    if prices is not None:
        price = random.choice(prices, len(who), p=[1 - rare, rare])
    frame = pd.DataFrame({"customer_id": who, "order_id": np.arange(len(who)), "amount": price})
    frame["quantity"] = random.choice(units, len(who), p=[1 - rare, rare])
    days = random.integers(0, 120, len(who))
    frame["timestamp"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(days * 24 + hour, unit="h")
    if lines:
        frame = frame.iloc[np.repeat(np.arange(len(who)), random.geometric(0.25, len(who)))]
        frame = frame.assign(amount=frame["amount"] * random.lognormal(0, 0.3, len(frame)))
    back = frame[random.random(len(frame)) < 0.03]
    back = back.assign(amount=-back["amount"], order_id=back["order_id"] + 10**7)
    back["timestamp"] += pd.to_timedelta(back["order_id"] % 19 + 1, unit="D")
    frame = pd.concat([frame, back])
    return frame[frame["timestamp"] < "2024-04-30"]


NULLS = {
    "a pair in a hundred": {"units": (1, 2)},
    "a pair in five hundred": {"units": (1, 2), "rare": 0.002},
    "two tariffs": {"prices": (9.99, 14.99)},
    "a tariff ten times as dear": {"prices": (9.99, 99.99)},
    "baskets of lines without order ids": {"lines": True},
}


@pytest.mark.parametrize("name", NULLS)
@pytest.mark.parametrize(("n", "logs"), [(250, 8), (3000, 2)])
def test_packs_tariffs_and_lines_of_a_basket_are_no_alarm(name, n, logs):
    flagged, expected = 0, 0.0
    for seed in range(logs):
        order = None if "lines" in NULLS[name] else "order_id"
        log = log_of(shoppers(n, seed, **NULLS[name]), order=order)
        made = UnusualBehaviour().fit(log, as_of="2024-04-30")
        flagged, expected = flagged + made.n_flagged_, expected + made.expected_by_chance_
    assert expected > 1.5
    assert flagged <= 1.3 * expected + 3 * np.sqrt(expected)


@pytest.mark.parametrize("order", ["order_id", None])
@pytest.mark.parametrize("n", [250, 3000])
def test_frequent_returns_are_found_in_any_log(n, order):
    frame = shoppers(n, 3, units=(1, 2), lines=True)
    abusers = frame["customer_id"].drop_duplicates().sample(3, random_state=0).tolist()
    days = pd.date_range("2024-04-05 12:00", periods=6)
    back = pd.concat(
        pd.DataFrame({"customer_id": who, "timestamp": days, "amount": -20.0}) for who in abusers
    ).assign(quantity=-1, order_id=np.arange(18) + 10**8)
    log = log_of(pd.concat([frame, back]), order=order)
    found = (
        UnusualBehaviour().fit(log, as_of="2024-04-30").predict_frame(log).set_index("customer_id")
    )
    assert found.loc[abusers, "unusual"].all()
    assert found.loc[abusers, "reasons"].str.contains("returns in 10 days").all()
    assert found["unusual"].sum() <= 3 + 5


def newcomers(n, seed):
    """Shoppers who come for the first time on any day of 300; some order again the same day."""
    random = np.random.default_rng(seed)
    start = random.integers(0, 300, n)
    further = random.poisson(random.gamma(1.25, 0.04, n) * (300 - start))
    again = random.geometric(0.7, n)
    who = np.append(np.repeat(np.arange(n), further), np.repeat(np.arange(n), again))
    day = start[who] + np.append(
        random.random(further.sum()) * (300 - start[who[: further.sum()]]), np.zeros(again.sum())
    )
    when = pd.Timestamp("2024-01-01 12:00") + pd.to_timedelta(day.astype(int), unit="D")
    frame = pd.DataFrame({"customer_id": who, "timestamp": when, "order_id": np.arange(len(who))})
    return frame.assign(amount=random.lognormal(3, 0.7, len(who)), quantity=1)


def test_newcomers_who_buy_again_at_once_are_no_alarm():
    flagged, expected = 0, 0.0
    for seed in range(3):
        made = UnusualBehaviour(0.003).fit(log_of(newcomers(3000, seed)), as_of="2024-10-27")
        flagged, expected = flagged + made.n_flagged_, expected + made.expected_by_chance_
    assert flagged <= 1.3 * expected + 3 * np.sqrt(expected)


@pytest.mark.parametrize(("n_orders", "days"), [(60, 1), (60, 5), (60, 9), (60, 12), (20, 3)])
def test_a_burst_of_a_new_customer_is_found(n_orders, days):
    """Who has no rhythm yet is compared with the first days of others."""
    when = pd.Timestamp("2024-10-26 18:00") - pd.to_timedelta(np.arange(n_orders) % days, unit="D")
    burst = pd.DataFrame({"customer_id": 7777, "timestamp": when, "amount": 20.0, "quantity": 1})
    burst["order_id"] = 10**9 + np.arange(n_orders)
    log = log_of(pd.concat([newcomers(2000, 9), burst]))
    found = UnusualBehaviour().fit(log, as_of="2024-10-27").predict_frame(log)
    own = found.set_index("customer_id").loc[7777]
    assert own["unusual"]
    assert "orders in 10 days; 99 of 100 customers alike have at most" in own["reasons"]


def test_orders_at_night_are_found_in_one_group_of_peers():
    """Eight who order at night among 200 alike do not make nights usual there."""
    frame = shoppers(3000, 6)
    many = frame[frame["amount"] > 0].groupby("customer_id")["amount"].agg(["size", "median"])
    some = many[(many["size"] >= 6) & many["median"].between(20, 30)].index[:8].tolist()
    nights = pd.Timestamp("2024-04-20 03:00") - pd.to_timedelta(7 * np.arange(9), unit="D")
    extra = pd.concat(
        pd.DataFrame({"customer_id": who, "timestamp": nights, "amount": 25.0, "quantity": 1})
        for who in some
    )
    extra["order_id"] = 10**8 + np.arange(len(extra))
    log = log_of(pd.concat([frame, extra]))
    made = UnusualBehaviour().fit(log, as_of="2024-04-30")
    own = made.predict_frame(log, as_of="2024-04-30").set_index("customer_id").loc[some]
    assert len(some) == 8
    assert len(set(made.rules_["night_spread"])) == 1
    assert own["reasons"].str.contains("at night").all()


def test_the_part_that_chance_explains_is_no_more_than_the_whole(planted):
    log, _ = planted
    for rate in (0.001, 0.05):
        made = UnusualBehaviour(rate).fit(log, as_of=AS_OF)
        table = made.describe()
        assert (table["expected_by_chance"] <= made.expected_by_chance_).all()
        score = made.predict_frame(log, as_of=AS_OF)["score"]
        assert not np.signbit(score).any()


def test_planted_abusers_are_found(planted):
    log, kinds = planted
    frame = UnusualBehaviour().fit(log, as_of=AS_OF).predict_frame(log, as_of=AS_OF)
    frame = frame.set_index("customer_id")
    words = {
        "returns": "returns in",
        "bursts": "orders in 10 days",
        "amounts": "an order of 9,000.00",
        "night": "at night",
    }
    for kind, customers in kinds.items():
        own = frame.loc[customers]
        assert own["unusual"].mean() >= 0.9, kind
        flagged = own[own["unusual"]]
        assert flagged["reasons"].str.contains(words[kind]).mean() >= 0.9, kind
    innocent = frame.drop(index=[who for customers in kinds.values() for who in customers])
    assert innocent["unusual"].sum() <= 30
    flagged = frame.loc[kinds["returns"]]
    assert flagged["reasons"].str.contains("returns in 10 days; 99 of 100 customers alike").all()
    assert (flagged["second_opinion"] > 0.9).all()


def test_score_flag_and_chance_agree(planted):
    log, _ = planted
    unusual = UnusualBehaviour(0.01).fit(log, as_of=AS_OF)
    frame = unusual.predict_frame(log, as_of=AS_OF)
    assert frame["score"].between(0, 1).all()
    assert ((frame["score"] > 0.5) == frame["unusual"]).all()
    assert ((frame["p_value"] < 0.01) == frame["unusual"]).all()
    assert ((frame["reasons"] != "") == frame["unusual"]).all()
    idle = (frame["orders"] == 0) & (frame["returns"] == 0)
    assert idle.any()
    assert not frame["unusual"][idle].any()
    table = unusual.describe()
    assert table["reason"].tolist()[-1] == "any"
    assert "frequent returns in a short time" in table["reason"].tolist()
    assert table["n_customers"].iloc[-1] == frame["unusual"].sum() == unusual.n_flagged_
    assert table["expected_by_chance"].iloc[-1] == unusual.expected_by_chance_


def test_one_return_of_a_rare_buyer_is_no_alarm(events):
    log = log_of(events)
    frame = UnusualBehaviour().fit(log, as_of=AS_OF).predict_frame(log, as_of=AS_OF)
    once = frame[(frame["orders"] == 1) & (frame["returns"] == 1)]
    assert len(once) > 10
    assert once["unusual"].mean() < 0.05


def test_a_dealer_is_unusual_among_all_and_usual_among_dealers(events):
    """Dealers order amounts of their own; told apart by a column, they are alike."""
    frame = events.assign(kind="private")
    dealers = frame["customer_id"].isin(frame["customer_id"].unique()[:200])
    frame.loc[dealers, "kind"] = "dealer"
    frame.loc[dealers, ["amount"]] *= 40.0
    log, who = log_of(frame), set(frame["customer_id"][dealers])
    shares = []
    for peers in (1, "kind"):
        made = UnusualBehaviour(peers=peers).fit(log, as_of=AS_OF).predict_frame(log, as_of=AS_OF)
        own = made[made["customer_id"].isin(who) & (made["orders"] > 0)]
        shares.append(own["unusual"].mean())
    assert shares[0] > 0.15
    assert shares[1] < 0.03


def test_peers_may_be_segments(events):
    log = log_of(events)
    stager = LifecycleStager().fit(log, as_of=AS_OF)
    made = UnusualBehaviour(0.01, peers=stager).fit(log, as_of=AS_OF)
    assert made.segmenter_ is stager
    assert made.peers_["names"] == stager.stages_.tolist()
    rfm = UnusualBehaviour(0.01, peers=RFMSegmenter("cube8")).fit(log, as_of=AS_OF)
    assert len(rfm.rules_["size"]) == 9
    assert rfm.rules_["size"][-1] == rfm.n_customers_
    assert clone(made).get_params()["expected_false_positives"] == 0.01


def test_small_groups_are_judged_by_everybody(events):
    frame = events.assign(place=np.where(events["customer_id"] == "C000003", "island", "land"))
    made = UnusualBehaviour(peers="place").fit(log_of(frame), as_of=AS_OF)
    assert made.peers_["names"] == ["island", "land"]
    assert made.rules_["size"][0] == made.n_customers_ > LEAST
    elsewhere = log_of(frame.assign(place="moon"))
    assert len(made.predict_frame(elsewhere, as_of=AS_OF)) > 0


def test_what_a_log_does_not_tell_is_left_out(events):
    plain = events.assign(timestamp=events["timestamp"].dt.normalize())
    made = UnusualBehaviour().fit(ck.EventLog(plain, order="order_id"), as_of=AS_OF)
    assert made.measures_ == [
        "returns",
        "return_burst",
        "refund_share",
        "order_burst",
        "largest_order",
    ]
    bare = plain[plain["amount"] > 0].drop(columns=["amount", "quantity"])
    log = ck.EventLog(bare, amount=None, order="order_id")
    made = UnusualBehaviour().fit(log, as_of=AS_OF)
    assert made.measures_ == ["returns", "return_burst", "order_burst"]
    frame = made.predict_frame(log, as_of=AS_OF)
    assert frame["largest_order"].isna().all()
    assert made.n_flagged_ <= 10


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"expected_false_positives": 0}, "expected_false_positives must be a number between"),
        ({"window": "0D"}, "window"),
        ({"burst": "100D"}, "burst is 100 days, longer than the window of 90"),
        ({"peers": 0}, "peers must be a whole number of at least 1"),
        ({"peers": "county"}, "column 'county' not found"),
        ({"peers": 2.5}, "peers must be a number of groups, the name of a column"),
        ({"peers": None}, "peers must be a number of groups"),
        ({"night": 5}, "night must be two whole hours"),
        ({"night": (5, 0)}, "night must be two whole hours"),
        ({"night": (0.5, 5)}, "night must be two whole hours"),
        ({"night": ("a", "b")}, "night must be two whole hours"),
        ({"window": "36h"}, r"window \(in whole days\) must be a whole number"),
        ({"burst": 1.4}, r"burst \(in whole days\) must be a whole number"),
        ({"random_state": "x"}, "random_state must be None, a whole number"),
    ],
)
def test_parameters_are_refused_in_fit(events, wrong, text):
    made = UnusualBehaviour(**wrong)
    with pytest.raises(DataError, match=f"UnusualBehaviour: .*{text}"):
        made.fit(log_of(events), as_of=AS_OF)


def test_a_date_is_the_beginning_of_a_day(events):
    with pytest.raises(DataError, match="UnusualBehaviour: as_of must be the beginning of a day"):
        UnusualBehaviour().fit(log_of(events), as_of=AS_OF + " 12:00")


def test_answers_keep_to_what_fit_was_asked(events):
    log = log_of(events)
    made = UnusualBehaviour(0.01, random_state=np.random.default_rng(1)).fit(log, as_of=AS_OF)
    before, told = made.predict_frame(log, as_of=AS_OF), made.describe()
    made.set_params(expected_false_positives=0.2, window="30D", burst="3D", night=(0, 9))
    pd.testing.assert_frame_equal(made.predict_frame(log, as_of=AS_OF), before)
    pd.testing.assert_frame_equal(made.describe(), told)


@pytest.mark.parametrize("peers", [3, "place", LifecycleStager(), RFMSegmenter("cube8")])
def test_who_only_brings_back_is_judged(peers):
    frame = shoppers(1500, 4).assign(place="land")
    back = pd.DataFrame({"customer_id": 9_999, "timestamp": pd.date_range("2024-04-02", periods=5)})
    back = back.assign(amount=-20.0, quantity=-1, order_id=np.arange(5) + 10**8, place="land")
    log = log_of(pd.concat([frame, back]))
    made = UnusualBehaviour(peers=peers).fit(log, as_of="2024-04-30")
    found = made.predict_frame(log, as_of="2024-04-30").set_index("customer_id")
    assert bool(found.loc[9_999, "unusual"])
    assert "5 returns in 10 days" in found.loc[9_999, "reasons"]
    assert found.loc[9_999, "orders"] == 0
    assert found.index.is_monotonic_increasing
    assert found["unusual"].sum() == made.n_flagged_


def test_orders_at_night_may_be_a_habit():
    """Who orders at night does so again: a habit that peers show is no alarm."""
    random = np.random.default_rng(8)
    frame = shoppers(6000, 8)
    habit = random.beta(0.1, 2.0, 6000)[frame["customer_id"]]
    at_night = (frame["amount"] > 0) & (random.random(len(frame)) < habit)
    hour = np.where(at_night, 2, 12)
    frame["timestamp"] = frame["timestamp"].dt.normalize() + pd.to_timedelta(hour, unit="h")
    made = UnusualBehaviour().fit(log_of(frame), as_of="2024-04-30")
    assert made.alarms_[made.measures_.index("night")] <= 3
    assert made.n_flagged_ <= made.expected_by_chance_ + 3 * np.sqrt(made.expected_by_chance_)


def test_groups_too_small_to_be_peers_are_told_and_learnt_once():
    frame = shoppers(1000, 5)
    frame["place"] = "p" + (frame["customer_id"] % 200).astype(str)
    with pytest.warns(DataWarning, match="none of the 200 values of 'place' has 50 customers"):
        made = UnusualBehaviour(peers="place").fit(log_of(frame), as_of="2024-04-30")
    assert len(made.rules_["size"]) == 201
    assert (made.rules_["size"] == made.n_customers_).all()


def test_an_empty_window_is_told():
    days = [*pd.date_range("2022-01-01", "2022-01-20"), pd.Timestamp("2023-01-20")]
    frame = pd.DataFrame({"customer_id": "a", "timestamp": days, "amount": 1.0})
    with pytest.raises(DataError, match="nobody bought or returned anything in the 30 days"):
        UnusualBehaviour(window="30D").fit(ck.EventLog(frame), as_of="2022-06-01")


def test_one_customer_is_not_unusual():
    frame = pd.DataFrame(
        {"customer_id": "a", "timestamp": pd.date_range("2024-01-01", periods=9), "amount": 5.0}
    )
    made = UnusualBehaviour().fit(ck.EventLog(frame))
    assert (made.n_customers_, made.n_flagged_) == (1, 0)
