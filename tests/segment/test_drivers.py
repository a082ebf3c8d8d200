"""drivers: each pair of kinds against scipy, words, what is left out, frames, texts."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from crmkit.exceptions import DataError
from crmkit.segment import drivers
from crmkit.segment._drivers import PART
from tests.segment._shop import FRAMES, as_dict

RANDOM = np.random.default_rng(11)
N = 400
VALUE = RANDOM.gamma(2.0, 50.0, N)
CUSTOMERS = pd.DataFrame(
    {
        "customer_id": [f"c{i}" for i in range(N)],
        "value": VALUE,
        "visits": np.round(VALUE / 20 + RANDOM.normal(0, 3, N)),
        "returns": np.round(-VALUE / 40 + RANDOM.normal(0, 5, N)),
        "member": VALUE + RANDOM.normal(0, 60, N) > 100,
        "region": np.where(VALUE > 120, "north", RANDOM.choice(["south", "east", "north"], N)),
        "noise": RANDOM.normal(size=N),
        "coin": RANDOM.choice(["a", "b"], N),
        "net_value": VALUE * 0.9 + RANDOM.normal(0, 1, N),
        "joined": pd.Timestamp("2024-01-01"),
        "country": "NL",
    }
)


def row(found, name):
    (place,) = np.flatnonzero(found["column"] == name)
    return found.iloc[place]


def test_a_number_with_numbers_and_groups():
    found = drivers(CUSTOMERS, "value")
    visits, returns = row(found, "visits"), row(found, "returns")
    scipys = stats.spearmanr(CUSTOMERS["visits"], VALUE)
    assert (visits["effect"], visits["size"]) == ("Spearman's rho", scipys.statistic)
    assert visits["p_value"] == scipys.pvalue
    assert visits["direction"] == "higher visits, higher value"
    assert returns["direction"] == "higher returns, lower value"
    assert returns["size"] < 0 < returns["strength"] == -returns["size"]
    member = row(found, "member")
    inside, outside = VALUE[CUSTOMERS["member"]], VALUE[~CUSTOMERS["member"]]
    higher = (inside[:, None] > outside).mean() - (inside[:, None] < outside).mean()
    assert member["size"] == pytest.approx(higher, rel=1e-12)
    assert (member["effect"], member["direction"]) == (
        "rank-biserial",
        "value is higher where member is True",
    )
    region = row(found, "region")
    groups = [VALUE[CUSTOMERS["region"] == name] for name in ("east", "north", "south")]
    assert region["effect"] == "epsilon squared"
    h = stats.kruskal(*groups).statistic
    assert region["size"] == pytest.approx((h - 2) / (N - 3), rel=1e-12)
    assert (member["kind"], region["kind"], visits["kind"]) == ("category", "category", "number")
    assert region["direction"].startswith("value is highest where region is north, lowest where ")


def test_words_with_words_and_a_flag_as_target():
    found = drivers(CUSTOMERS, "region")
    member = row(found, "member")
    table = pd.crosstab(CUSTOMERS["member"], CUSTOMERS["region"])
    assert member["effect"] == "Cramer's V"
    assert member["p_value"] == stats.chi2_contingency(table, correction=False).pvalue
    assert member["direction"].startswith("member True with region north: 1.")
    assert row(found, "visits")["effect"] == "epsilon squared"
    flag = drivers(CUSTOMERS, CUSTOMERS["member"].to_numpy())
    assert row(flag, "visits")["direction"] == "visits is higher where target is True"
    as_numbers = drivers(CUSTOMERS.assign(member=CUSTOMERS["member"] * 5), "member")
    assert row(as_numbers, "visits")["direction"] == "visits is higher where member is 5"
    assert row(as_numbers, "coin")["effect"] == "Cramer's V"


def test_parts_of_the_target_are_told_and_noise_comes_late():
    found = drivers(CUSTOMERS, "value")
    assert found["column"].iloc[0] == "net_value"
    assert found["note"].tolist()[:2] == [PART, ""]
    assert set(found["column"].iloc[5:7]) == {"noise", "coin"}
    assert found["column"].tolist()[7:] == ["country", "joined"]
    assert found["note"].tolist()[7:] == ["left out: constant", "left out: holds instants"]
    assert (np.diff(found["strength"].dropna()) <= 0).all()


def test_what_may_be_chance_has_no_direction_and_no_note():
    found = drivers(CUSTOMERS, "value")
    for name in ("noise", "coin"):
        assert row(found, name)["p_adjusted"] > 0.05
        assert row(found, name)["direction"] == "no clear direction"
    few = CUSTOMERS[:5].assign(words=list("abcab"))
    near = drivers(few.assign(twice=[1.0, 2, 3, 4, 6]), [1.0, 2, 3, 5, 7], columns=["twice"])
    assert near["strength"].iloc[0] >= 0.9
    assert near["p_adjusted"].iloc[0] < 0.05
    assert near["note"].iloc[0] == PART
    chance = drivers(few[:3].assign(twice=[1.0, 2, 3]), [1.0, 3, 2], columns=["twice", "words"])
    assert (chance["note"] == "").all()


def test_a_driver_is_before_noise_of_many_levels():
    random = np.random.default_rng(0)
    customers = pd.DataFrame({"customer_id": range(200), "value": random.normal(size=200)})
    customers["real"] = customers["value"] * 0.45 + random.normal(size=200)
    customers["noise"] = [f"L{i:02d}" for i in random.integers(0, 50, 200)]
    assert drivers(customers, "value")["column"].tolist() == ["real", "noise"]


def test_p_values_are_corrected_for_their_number():
    found = drivers(CUSTOMERS, "value").dropna(subset="p_value")
    expected = stats.false_discovery_control(found["p_value"])
    assert found["p_adjusted"].tolist() == expected.tolist()


def test_the_correction_keeps_noise_out():
    random = np.random.default_rng(2)
    noise = pd.DataFrame(random.normal(size=(200, 40)), columns=[f"x{i}" for i in range(40)])
    noise.insert(0, "customer_id", range(200))
    found = drivers(noise, random.normal(size=200))
    assert (found["p_value"] < 0.05).any()
    assert (found["p_adjusted"] > 0.05).all()


def test_missing_values_are_left_out_in_pairs():
    gaps = CUSTOMERS[["customer_id", "value", "visits", "region"]].copy()
    gaps.loc[:9, "visits"] = np.nan
    gaps.loc[5:14, "region"] = None
    gaps.loc[20:21, "value"] = np.nan
    found = drivers(gaps, "value")
    assert dict(zip(found["column"], found["n"], strict=True)) == {
        "visits": N - 12,
        "region": N - 12,
    }
    there = gaps.dropna(subset=["visits", "value"])
    scipys = stats.spearmanr(there["visits"], there["value"])
    assert row(found, "visits")["size"] == scipys.statistic


def test_the_ends_are_levels_of_more_than_a_few():
    customers = pd.DataFrame({"id": range(41), "value": np.arange(41.0)})
    customers["shop"] = ["a"] * 20 + ["b"] * 20 + ["c"]
    (direction,) = drivers(customers, "value")["direction"]
    assert direction == "value is highest where shop is b, lowest where a"
    few = customers[12:24].assign(shop=list("xxxxyyyyzzzz"))
    (direction,) = drivers(few, "value")["direction"]
    assert direction == "value is highest where shop is z, lowest where x"


def test_few_customers_and_columns_by_name():
    few = CUSTOMERS[["customer_id", "value", "visits"]].copy()
    few.loc[2:, "visits"] = np.nan
    (note,) = drivers(few, "value")["note"]
    assert note == "left out: 2 customers have it"
    assert drivers(CUSTOMERS, "value", columns=["coin", "visits"])["column"].tolist() == [
        "visits",
        "coin",
    ]


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_agree_and_come_back_in_their_library(kind):
    customers = CUSTOMERS.drop(columns="joined")
    frame = FRAMES[kind](customers)
    found = drivers(frame, "value")
    assert type(found) is type(frame)
    expected = as_dict(drivers(customers, "value"))
    for name, values in as_dict(found).items():
        if isinstance(values[0], float):
            np.testing.assert_array_equal(np.array(values, float), np.array(expected[name], float))
        else:
            assert values == expected[name]


def test_row_order_and_input():
    before = CUSTOMERS.copy()
    shuffled = CUSTOMERS.sample(frac=1, random_state=3)
    first, again = drivers(CUSTOMERS, "value"), drivers(shuffled, "value")
    pd.testing.assert_frame_equal(first, again, rtol=1e-9)
    pd.testing.assert_frame_equal(CUSTOMERS, before)


def test_data_are_refused_with_a_text():
    with pytest.raises(
        DataError, match=r"^drivers: column 'valu' not found\. Did you mean 'value'"
    ):
        drivers(CUSTOMERS, "valu")
    with pytest.raises(DataError, match=r"^drivers: the target 'country' does not vary"):
        drivers(CUSTOMERS, "country")
    with pytest.raises(DataError, match=r"^drivers: the target 'customer_id' is the id of"):
        drivers(CUSTOMERS, "customer_id")
    with pytest.raises(DataError, match=r"'value' is known of 1 customer, two are needed"):
        drivers(CUSTOMERS[:1], "value")
    with pytest.raises(DataError, match=r"^drivers: the target 'joined' holds instants"):
        drivers(CUSTOMERS, "joined")
    with pytest.raises(DataError, match=r"one value for each of 400 customers, got shape \(2,\)"):
        drivers(CUSTOMERS, [1, 2])
    with pytest.raises(DataError, match=r"no column beside the id and the target"):
        drivers(CUSTOMERS[["customer_id", "value"]], "value")
    with pytest.raises(DataError, match=r"columns must be a list of names, got 'visits'"):
        drivers(CUSTOMERS, "value", columns="visits")
    with pytest.raises(DataError, match=r"'visits' has 1 infinite values"):
        drivers(CUSTOMERS.assign(visits=[np.inf, *range(N - 1)]), "value")
