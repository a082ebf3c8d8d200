"""CustomerProfile: tags by hand, updates equal to reading all at once, bad input, real data."""

import os
import pickle
import warnings
from itertools import pairwise

import numpy as np
import pandas as pd
import polars as pl
import pytest
import skops.io as sio
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import crmkit as ck
from crmkit import datasets
from crmkit.exceptions import DataError, DataWarning
from crmkit.segment import CustomerProfile, LifecycleStager
from tests.segment._profiled import before, between, log_of, shop

SHOP = shop()
FIT_AT, END = "2023-10-01", "2024-05-15"
ALL = CustomerProfile("kind", "channel", "promo").fit(log_of(before(SHOP, FIT_AT)), as_of=FIT_AT)


def fresh(profile=ALL):
    """A copy to be updated."""
    return pickle.loads(pickle.dumps(profile))


def same_state(got, expected):
    assert got.keys() == expected.keys()
    for name, value in expected.items():
        if isinstance(value, dict):
            same_state(got[name], value)
        elif hasattr(value, "toarray"):
            np.testing.assert_array_equal(got[name].toarray(), value.toarray())
        else:
            np.testing.assert_array_equal(got[name], value)


def updated(profile, frame, cuts, **kwargs):
    for begin, end in pairwise(cuts):
        part = between(frame, begin, end)
        with warnings.catch_warnings():  # of small shops that are silent for longer than before
            warnings.filterwarnings("ignore", "CustomerProfile: as_of .* lies", DataWarning)
            profile.update(log_of(part, **kwargs) if len(part) else None, as_of=end)
    return profile


# ---- by hand ---------------------------------------------------------------------------------


def weekly(customer, n, begin="2024-01-01", **columns):
    days = pd.date_range(begin, periods=n, freq="7D")
    return pd.DataFrame({"who": customer, "when": days, "amount": 10.0, **columns})


def test_evidence_counts_purchase_days_not_lines():
    twice = weekly("a", 10, kind="tea")
    frame = pd.concat([twice, twice, weekly("b", 10, kind="coffee"), weekly("a", 1, kind="coffee")])
    profile = CustomerProfile("kind", top=1).fit(log_of(frame))
    told = profile.tags(["a"]).set_index("tag")
    assert told.loc["preference_1", "value"] == "tea"
    assert told.loc["preference_1", "evidence"].startswith("on 10 of 10 purchase days; a share of ")
    assert told.loc["preference_1", "date"] == pd.Timestamp("2024-03-04")
    # 21 lines of 10 on 10 days.
    assert told.loc["spending_power", "evidence"] == "mean of 21.00 on 10 purchase days"
    shares = profile.shares(customers=["a"]).set_index("word")
    assert shares["count"].to_dict() == {"coffee": 1, "tea": 10}
    assert shares["usual"]["tea"] == pytest.approx((10 + 1 / 3) / 22)


def test_too_little_evidence_is_unknown_and_no_tag():
    frame = pd.concat([weekly("a", 2, kind="tea"), weekly("b", 10, kind="coffee")])
    profile = CustomerProfile("kind", top=2).fit(log_of(frame))
    row = profile.profile_frame().set_index("who").loc["a"]
    assert row[["preference_1", "preference_2", "week"]].tolist() == ["(unknown)"] * 3
    assert set(profile.tags(["a"])["tag"]) == {"spending_power", "engagement", "life_cycle"}


def test_no_times_where_all_are_midnight_and_no_season_before_a_year():
    names = CustomerProfile().fit(log_of(weekly("a", 8))).profile_frame().columns.tolist()
    assert names == ["who", "spending_power", "week", "engagement", "life_cycle"]
    late = weekly("a", 60).assign(when=lambda f: f["when"] + pd.Timedelta("18h"))
    profile = CustomerProfile().fit(log_of(pd.concat([late, weekly("b", 60)])))
    got = profile.profile_frame()
    assert {"time_of_day", "season"} <= set(got.columns)
    assert got["time_of_day"].tolist() == ["evening", "night"]


def test_parts_of_the_day_begin_on_the_hour():
    hours = [0, 4, 5, 10, 11, 13, 14, 16, 17, 21, 22, 23]
    expected = ["night"] * 2 + ["morning"] * 2 + ["midday"] * 2 + ["afternoon"] * 2
    expected += ["evening"] * 2 + ["night"] * 2
    frame = weekly("a", 12).assign(when=lambda f: f["when"] + pd.to_timedelta(hours, "h"))
    frame["who"] = [f"c{i:02d}" for i in range(12)]
    again = frame.assign(when=frame["when"] + pd.Timedelta(minutes=59, seconds=59))
    with pytest.warns(DataWarning, match="nobody bought on two days"):
        got = CustomerProfile().fit(log_of(pd.concat([frame, again]))).shares("time")
    assert got["word"].tolist() == expected


def test_what_is_sure_but_hardly_more_than_usual_is_no_preference():
    kinds = {"a": ["tea"] * 7 + ["coffee"] * 3, "b": ["tea", "coffee"] * 5}
    frame = pd.concat(
        [weekly(who, 500, "2015-01-01", kind=kind * 50) for who, kind in kinds.items()]
    )
    for lift, expected in [(1.05, "tea"), (1.5, "(none)")]:
        profile = CustomerProfile("kind", top=1, min_lift=lift).fit(log_of(frame))
        assert profile.profile_frame()["preference_1"][0] == expected


def test_the_clock_is_that_of_the_zone_of_the_log():
    late = weekly("a", 9).assign(when=lambda f: f["when"] + pd.Timedelta("10h"))
    frame = pd.concat([late, weekly("b", 9)])
    frame["when"] = frame["when"].dt.tz_localize("UTC")
    got = CustomerProfile().fit(log_of(frame, tz="Asia/Tokyo")).shares("time")
    assert got["word"].tolist() == ["evening", "morning"]  # 19 and 9 o'clock


def test_weekend_promotion_and_channel():
    saturdays = weekly("a", 12, "2024-01-06", promo=True, channel="web")
    mondays = [weekly(name, 12, promo=False, channel="shop") for name in "bcdef"]
    mixed = weekly("g", 4, channel=["web", "shop", "web", "shop"], promo=[True, False] * 2)
    profile = CustomerProfile(channel="channel", promotion="promo")
    got = profile.fit(log_of(pd.concat([saturdays, *mondays, mixed]))).profile_frame()
    assert got["week"].tolist() == ["weekend", *["weekday"] * 6]
    assert got["price_sensitivity"].tolist()[:2] == ["high", "low"]
    assert got["channel"].tolist()[:2] == ["web", "shop"]
    told = profile.tags(["a"]).set_index("tag")["evidence"]
    assert told["price_sensitivity"] == "12 of 12 lines on promotion, 19% is usual"
    assert told["week"] == "12 of 12 purchase days at the weekend, 16% is usual"


@pytest.mark.parametrize(
    "values", [[0.0, 1.5, None, -2.0], [False, True, None, True], [0, 3, 0, 1]]
)
def test_a_promotion_is_a_flag_or_a_discount(values):
    frame = weekly("a", 4).assign(promo=pd.Series(values, dtype=object))
    for promo in (frame["promo"], pd.to_numeric(frame["promo"].astype(float))):
        profile = CustomerProfile(promotion="promo").fit(log_of(frame.assign(promo=promo)))
        counts = profile.shares("promotion").set_index("word")["count"].to_dict()
        assert counts == {"full price": 2, "promotion": 2}


def test_seasons_are_compared_with_when_the_customer_was_there():
    days = pd.date_range("2022-01-01", "2023-12-31", freq="10D")
    always = [pd.DataFrame({"who": f"c{i}", "when": days, "amount": 1.0}) for i in range(5)]
    summer = days[days.month.isin([6, 7, 8])]
    only = pd.DataFrame({"who": "s", "when": summer.insert(0, days[0]), "amount": 1.0})
    since_june = days[days >= "2023-06-01"]
    late = pd.DataFrame({"who": "t", "when": since_june, "amount": 1.0})
    profile = CustomerProfile().fit(log_of(pd.concat([*always, only, late])))
    got = profile.profile_frame().set_index("who")["season"]
    assert got.to_dict() == {
        **{f"c{i}": "(none)" for i in range(5)}, "s": "Jun-Aug", "t": "(unknown)"
    }  # fmt: skip
    evidence = profile.tags(["s"]).set_index("tag")["evidence"]["season"]
    assert evidence.startswith("18 of 19 purchase days, ")


def test_returns_are_netted_where_the_log_nets_them():
    frame = pd.concat([weekly("a", 4), weekly("a", 1, "2024-03-01").assign(amount=-20.0)])
    kept = CustomerProfile().fit(log_of(frame)).tags(["a"])["evidence"][0]
    netted = CustomerProfile().fit(log_of(frame, returns="net")).tags(["a"])["evidence"][0]
    assert (kept, netted) == (
        "mean of 10.00 on 4 purchase days", "mean of 5.00 on 4 purchase days"
    )  # fmt: skip


# ---- what customers told ---------------------------------------------------------------------

PEOPLE = pd.DataFrame(
    {"who": ["c101", "c100", "x"], "age": [30.0, np.nan, 1.0], "town": ["Ulm", None, "Bonn"]}
)


def test_people_are_passed_through_and_what_is_missing_is_said():
    profile = CustomerProfile().fit(log_of(SHOP), PEOPLE)
    got = profile.profile_frame().set_index("who")
    assert got.columns[:2].tolist() == ["age", "town"]
    assert got["town"].tolist()[:3] == ["(missing)", "Ulm", "(missing)"]
    np.testing.assert_array_equal(got["age"].to_numpy()[:3], [np.nan, 30.0, np.nan])
    told = profile.tags(["c100", "c101"])
    assert told[told["tag"].isin(["age", "town"])]["value"].tolist() == ["30", "Ulm"]
    assert told["date"].isna().sum() == 2
    assert profile.definitions()["tag"].tolist()[:2] == ["age", "town"]


def test_people_can_be_told_later_and_anew():
    profile = CustomerProfile().fit(log_of(before(SHOP, FIT_AT)), PEOPLE, as_of=FIT_AT)
    more = pd.DataFrame({"who": ["c102", "c101"], "age": [40, 31], "town": ["Rom", "Köln"]})
    profile.update(None, more, as_of=FIT_AT)
    got = profile.profile_frame().set_index("who")
    assert got.loc[["c100", "c101", "c102"], "town"].tolist() == ["(missing)", "Köln", "Rom"]
    with pytest.raises(DataError, match=r"has the columns \['age'\], in fit it had"):
        profile.update(None, more[["who", "age"]], as_of=FIT_AT)


def test_ids_of_another_type_are_refused_and_strangers_warned_of():
    numbers = PEOPLE.assign(who=[101, 100, 1])
    whole = SHOP.assign(who=SHOP["who"].str[1:].astype(int))
    text = "CustomerProfile: the ids of customers are {}, those of the events are {}. Convert one"
    with pytest.raises(DataError, match=text.format("whole numbers", "text")):
        CustomerProfile().fit(log_of(SHOP), numbers)
    with pytest.raises(DataError, match=text.format("text", "whole numbers")):
        CustomerProfile().fit(log_of(whole), PEOPLE)
    profile = CustomerProfile().fit(log_of(before(SHOP, FIT_AT)), PEOPLE, as_of=FIT_AT)
    with pytest.raises(DataError, match="whole numbers, those told before are text"):
        profile.update(None, numbers, as_of=FIT_AT)
    with pytest.raises(DataError, match=text.format("text", "whole numbers")):
        profile.predict_frame(log_of(whole))
    assert profile.people_["ids"].tolist() == ["c100", "c101", "x"]
    with pytest.warns(DataWarning, match="none of the 3 customers told has bought, such as 'Bonn'"):
        CustomerProfile().fit(log_of(SHOP), PEOPLE.assign(who=["Ulm", "Bonn", "Wien"]))


def test_flags_that_were_told_are_words():
    flags = PEOPLE[["who"]].assign(letters=pd.array([True, None, False], dtype="boolean"))
    profile = CustomerProfile().fit(log_of(SHOP), flags)
    assert profile.profile_frame()["letters"].tolist()[:2] == ["(missing)", "True"]
    told = profile.tags(["c101"])
    assert told["value"][told["tag"] == "letters"].tolist() == ["True"]
    assert "letters" in set(profile.describe()["tag"])


@pytest.mark.parametrize(
    ("people", "text"),
    [
        (pd.concat([PEOPLE, PEOPLE]), "customers holds 'c100' 2 times"),
        (PEOPLE.assign(since=pd.Timestamp("2020-01-01")), "'since' of customers holds instants"),
        (PEOPLE.rename(columns={"town": "week"}), "'week' of customers is called like a tag"),
    ],
)
def test_people_that_cannot_be_used_are_refused(people, text):
    with pytest.raises(DataError, match=text):
        CustomerProfile().fit(log_of(SHOP), people)


# ---- updates ---------------------------------------------------------------------------------

DAYS = pd.date_range(FIT_AT, END, freq="D").tolist()


@settings(max_examples=25)
@given(
    st.lists(st.sampled_from(DAYS[1:]), max_size=6),
    st.integers(0, 5),
    st.sampled_from(["exclude", "net"]),
)
def test_updates_equal_reading_all_at_once(cuts, seed, returns):
    frame = shop(seed, n=500)
    # A category and customers that fit has never seen.
    late = frame["when"] >= "2024-01-01"
    frame.loc[late & (frame["kind"] == "cake"), "kind"] = "bread"
    frame.loc[late & (frame["channel"] == "web"), "who"] += "0"
    cuts = [pd.Timestamp(FIT_AT), *sorted(cuts), pd.Timestamp(END)]
    profile = CustomerProfile("kind", "channel", "promo", min_evidence=2, confidence=0.8)
    profile.fit(log_of(before(frame, FIT_AT), returns=returns), as_of=FIT_AT)
    updated(profile, frame, cuts, returns=returns)
    everything = log_of(before(frame, END), returns=returns)
    at_once = fresh(profile)
    seen = at_once._seen(everything, None, int(np.datetime64(END, "D").astype(int)), "test")
    at_once._keep(seen.state, int(np.datetime64(END, "D").astype(int)))
    same_state(profile.state_, at_once.state_)
    assert_frame_equal(profile.profile_frame(), profile.predict_frame(everything, as_of=END))
    assert_frame_equal(profile.tags(), at_once.tags())


def test_rules_stay_frozen_and_new_words_are_rare():
    profile = updated(fresh(), SHOP.replace("cake", "bread"), [FIT_AT, "2024-02-01", END])
    assert (profile.fitted_as_of_, profile.as_of_) == (FIT_AT, END)
    assert_frame_equal(profile.definitions(), ALL.definitions())
    told = profile.shares().set_index("word")["usual"]
    assert told["bread"].max() < 0.01 < told["tea"].min()


def test_the_state_does_not_grow_with_history():
    days = pd.date_range("2020-01-01", periods=1500, freq="D")
    frame = pd.DataFrame({"who": "a", "when": days, "amount": 1.0})
    profile = CustomerProfile().fit(log_of(frame))
    assert len(profile.state_["day"]) == 1 + 2 * 90
    profile.update(log_of(frame.assign(when=days + pd.Timedelta(days=1500))))
    assert len(profile.state_["day"]) == 1 + 2 * 90
    assert profile.state_["n_days"].tolist() == [3000]


def test_sums_are_exact_in_any_order():
    amounts = np.round(np.random.default_rng(0).gamma(0.5, 100.0, 400), 2)
    days = pd.date_range("2023-01-01", periods=400, freq="D")
    frame = pd.DataFrame({"who": "a", "when": days, "amount": amounts})
    profile = CustomerProfile().fit(log_of(frame.head(7)))
    for i in range(7, 400, 131):
        profile.update(log_of(frame.iloc[i : i + 131]))
    assert profile.state_["money"].tolist() == [round(sum(map(float, amounts)) * 1e6)]


def test_late_events_are_refused_or_dropped():
    new = between(SHOP, "2023-09-20", "2023-10-20")
    n = (new["when"] < FIT_AT).sum() - ((new["when"] < FIT_AT) & (new["amount"] < 0)).sum()
    profile = fresh()
    with pytest.raises(DataError, match=rf"{n} new events lie before as_of_ {FIT_AT} \(the first "):
        profile.update(log_of(new))
    same_state(profile.state_, ALL.state_)
    with pytest.warns(DataWarning, match=f"{n} new events lie before .* and were dropped"):
        profile.update(log_of(new), as_of="2023-10-20", late="drop")
    assert profile.n_late_ == n
    timely = fresh().update(log_of(between(SHOP, FIT_AT, "2023-10-20")), as_of="2023-10-20")
    assert_frame_equal(profile.profile_frame(), timely.profile_frame())
    old = before(SHOP, "2023-05-01")
    with pytest.warns(DataWarning, match="were dropped"):
        assert profile.update(log_of(old), late="drop").as_of_ == "2023-10-20"


def test_events_at_or_after_the_new_date_are_left_for_later():
    profile = fresh().update(log_of(between(SHOP, FIT_AT, END)), as_of="2023-12-01")
    profile.update(log_of(between(SHOP, "2023-12-01", END)), as_of=END)
    expected = fresh().update(log_of(between(SHOP, FIT_AT, END)), as_of=END)
    same_state(profile.state_, expected.state_)


def test_a_date_before_all_new_events_only_moves_the_date():
    profile = fresh().update(log_of(between(SHOP, "2023-10-04", END)), as_of="2023-10-03")
    expected = fresh().update(None, as_of="2023-10-03")
    same_state(profile.state_, expected.state_)
    assert profile.as_of_ == "2023-10-03"


def test_a_silence_that_was_never_so_long_is_warned_of():
    new = log_of(between(SHOP, FIT_AT, "2023-10-05"))
    with pytest.warns(DataWarning, match="as_of 2030-01-01 lies 2,.* days behind the last") as w:
        fresh().update(new, as_of="2030-01-01")
    assert [each.filename for each in w] == [__file__]
    assert ALL.longest_silence_ > 0
    pause = fresh().update(log_of(between(SHOP, "2023-12-01", "2023-12-05")), as_of="2023-12-05")
    assert pause.longest_silence_ > 50
    pause.update(None, as_of="2024-01-01")
    with pytest.warns(
        DataWarning, match="^CustomerProfile: 2024-08-01 lies 78 days behind the"
    ) as w:
        CustomerProfile().fit(log_of(SHOP), as_of="2024-08-01")
    assert [each.filename for each in w] == [__file__]


def test_time_goes_by_without_events():
    with pytest.warns(DataWarning, match="lies 427 days behind the last purchase known") as caught:
        profile = fresh().update(None, as_of="2024-12-01")
    assert [each.filename for each in caught] == [__file__]
    assert (profile.profile_frame()["life_cycle"] == "lost").mean() > 0.9
    assert (ALL.profile_frame()["life_cycle"] == "lost").mean() < 0.5


def test_partial_fit_fits_first_and_updates_then():
    profile = CustomerProfile("kind", "channel", "promo")
    profile.partial_fit(log_of(before(SHOP, FIT_AT)), as_of=FIT_AT)
    profile.partial_fit(log_of(between(SHOP, FIT_AT, END)), as_of=END)
    expected = fresh().update(log_of(between(SHOP, FIT_AT, END)), as_of=END)
    assert_frame_equal(profile.profile_frame(), expected.profile_frame())
    assert profile.fitted_as_of_ == FIT_AT


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_updates_of_stored_copies_agree(kind):
    make = pl.from_pandas if kind == "polars" else lambda frame: frame
    data = sio.dumps(ALL)
    copy = sio.loads(data, trusted=sio.get_untrusted_types(data=data))
    new = make(between(SHOP, FIT_AT, END).reset_index(drop=True))
    copy.update(log_of(new), as_of=END)
    expected = fresh().update(log_of(between(SHOP, FIT_AT, END)), as_of=END)
    assert_frame_equal(copy.tags(), expected.tags())


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"as_of": "2023-09-30"}, "lies before 2023-10-01, up to which events are known"),
        ({"as_of": "2023-12-01 08:00"}, "must be the beginning of a day"),
        ({"late": "keep"}, "late must be one of"),
    ],
)
def test_updates_that_cannot_be_are_refused(change, text):
    profile = fresh()
    with pytest.raises(DataError, match=text):
        profile.update(None, **{"as_of": END, **change})
    with pytest.raises(DataError, match="without new events as_of= is needed"):
        profile.update(None)
    same_state(profile.state_, ALL.state_)


def test_logs_read_by_other_rules_are_refused():
    new = between(SHOP, FIT_AT, END)
    with pytest.raises(DataError, match="the new log has returns='net', the log of fit had 'excl"):
        fresh().update(log_of(new, returns="net"))
    with pytest.raises(DataError, match="the new log has min_amount=5, the log of fit had None"):
        fresh().predict_frame(log_of(new, min_amount=5))
    counted = SHOP.assign(pieces=1)
    profile = CustomerProfile().fit(
        log_of(before(counted, FIT_AT), quantity="pieces"), as_of=FIT_AT
    )
    for ask in (profile.update, profile.predict_frame):
        with pytest.raises(DataError, match="has quantity=None, the log of fit had 'pieces'"):
            ask(log_of(new))
    more = between(counted, FIT_AT, END).rename(columns={"pieces": "n"})
    profile.update(log_of(more.assign(n=-1).head(5), quantity="n"), as_of="2023-10-02")
    assert profile.state_["n_days"].sum() == ALL.state_["n_days"].sum()
    with pytest.raises(DataError, match="the log of fit had amounts, this one has none"):
        fresh().update(ck.EventLog(new, customer="who", when="when", amount=None))
    with pytest.raises(DataError, match="ids of the new events are whole numbers, those known are"):
        fresh().update(log_of(new.assign(who=np.arange(len(new)))))
    with pytest.raises(DataError, match="column 'kind' not found"):
        fresh().update(log_of(new.drop(columns="kind")))


def test_definitions_say_what_decides():
    told = ALL.definitions().set_index("tag")
    assert told.loc["preference", "definition"].endswith("; (unknown) below 3 purchase days")
    assert told.loc["price_sensitivity", "definition"].endswith("; (unknown) below 3 lines")
    once, later = ALL.stager_.thresholds_
    text = told.loc["life_cycle", "thresholds"]
    assert f"after {later[0]:.1f}, {later[1]:.1f}, {later[2]:.1f} own rhythms" in text
    assert f"({once[0]:.1f}, {once[1]:.1f}, {once[2]:.1f} after the first purchase)" in text


# ---- stages, parameters, bad input ------------------------------------------------------------


def test_stages_are_those_of_the_stager():
    stager = LifecycleStager(period="30D").fit(log_of(before(SHOP, FIT_AT)), as_of=FIT_AT)
    profile = CustomerProfile(stager=stager).fit(log_of(before(SHOP, FIT_AT)), as_of=FIT_AT)
    assert profile.stager_ is stager
    updated(profile, SHOP, [FIT_AT, "2023-11-11", "2024-03-01"])
    expected = stager.predict_frame(log_of(before(SHOP, "2024-03-01")), as_of="2024-03-01")
    assert profile.profile_frame()["life_cycle"].tolist() == expected["stage"].tolist()
    told = profile.tags().query("tag == 'life_cycle'")
    assert told["evidence"].tolist() == expected["reason"].tolist()


def test_nobody_bought_twice_and_one_customer():
    with pytest.warns(DataWarning, match="nobody bought on two days, so there is no rhythm"):
        profile = CustomerProfile("kind").fit(log_of(weekly("a", 1, kind="tea")))
    got = profile.profile_frame()
    assert got["spending_power"].tolist() == ["medium"]
    assert "life_cycle" not in got.columns
    assert profile.update(log_of(weekly("a", 3, "2024-02-01", kind="tea"))).as_of_ == "2024-02-16"


def test_constant_and_missing_columns():
    frame = pd.concat([weekly("a", 9, kind="tea"), weekly("b", 9, kind="tea")])
    got = CustomerProfile("kind").fit(log_of(frame)).profile_frame()
    assert got["preference_1"].tolist() == ["(none)"] * 2
    assert got["spending_power"].tolist() == ["medium"] * 2
    got = CustomerProfile("kind").fit(log_of(frame.assign(kind=None))).profile_frame()
    assert got["preference_1"].tolist() == ["(unknown)"] * 2


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"category": "knd"}, "column 'knd' not found. Did you mean category='kind'"),
        ({"category": 3}, "category must name a column of the log, got 3"),
        ({"promotion": "channel"}, "promotion='channel' must hold flags or amounts of discount"),
        ({"top": 0}, "top must be a whole number of at least 1"),
        ({"min_evidence": 0}, "min_evidence must be"),
        ({"min_lift": 0.5}, "min_lift must be"),
        ({"confidence": 1.0}, "confidence must be a number between 0 and 1"),
        ({"quantiles": (0.8, 0.2)}, "quantiles must be two rising numbers"),
        ({"quantiles": "half"}, "quantiles must be two rising numbers"),
        ({"stager": "own"}, "stager must be a LifecycleStager, got 'own'"),
    ],
)
def test_bad_parameters_are_refused_in_fit(change, text):
    with pytest.raises(DataError, match=f"CustomerProfile: {text}"):
        CustomerProfile(**change).fit(log_of(SHOP))


def test_what_is_asked_of_the_fitted_is_checked():
    with pytest.raises(DataError, match="customer 'nobody' has not bought before 2023-10-01"):
        ALL.tags(["c101", "nobody"])
    with pytest.raises(DataError, match="part must be one of"):
        ALL.shares("season")
    frame = pd.concat([weekly("a", 1).assign(amount=-1.0), weekly("a", 2, "2024-03-01")])
    with pytest.raises(DataError, match="nobody bought before"):
        CustomerProfile().fit(log_of(frame), as_of="2024-02-01")
    with pytest.raises(DataError, match="Give them in a larger unit"):
        CustomerProfile().fit(log_of(weekly("a", 3).assign(amount=9e12)))


# ---- real data -------------------------------------------------------------------------------


@pytest.mark.skipif("CRMKIT_DATA" not in os.environ, reason="CRMKIT_DATA names no folder of data")
def test_complete_journey_by_day():
    journey = datasets.load_complete_journey()
    some = journey.transactions[journey.transactions["household_id"] < 150]
    some = some.merge(journey.products[["product_id", "product_category"]], "left")
    names = {"customer": "household_id", "when": "transaction_timestamp", "amount": "sales_value"}
    profile = CustomerProfile("product_category", promotion="coupon_disc")
    cuts = pd.to_datetime(["2017-10-01", "2017-10-02", "2017-11-01", "2018-01-01"])
    when = some["transaction_timestamp"]
    profile.fit(ck.EventLog(some[when < cuts[0]], **names), journey.demographics)
    for begin, end in pairwise(cuts):
        part = some[(when >= begin) & (when < end)]
        profile.update(ck.EventLog(part, **names), as_of=end)
    known = ck.EventLog(some[when < cuts[-1]], **names)
    got = profile.profile_frame()
    assert_frame_equal(got, profile.predict_frame(known, as_of=cuts[-1]))
    assert (got["preference_1"].str[0] != "(").mean() > 0.8
    assert {"age", "income", "life_cycle", "time_of_day"} <= set(got.columns)
