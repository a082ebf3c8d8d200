"""target_groups: one group each, every reason of exclusion, planted potential, frames, texts."""

import numpy as np
import pandas as pd
import pytest

from crmkit.exceptions import DataError, DataWarning
from crmkit.segment import CoreCustomers, TargetGroups, target_groups
from tests.segment._shop import FRAMES, as_dict

RANDOM = np.random.default_rng(8)
N = 600
WEB = RANDOM.random(N) < 0.4
YOUNG = RANDOM.random(N) < 0.3
ORDERS = 1 + RANDOM.poisson(np.where(WEB, 6, 1) * np.where(YOUNG, 0.2, 1))
CUSTOMERS = pd.DataFrame(
    {
        "customer_id": [f"c{i:03d}" for i in RANDOM.permutation(N)],
        "n_orders": ORDERS,
        "frequency": ORDERS - 1,
        "T": np.where(YOUNG, 60.0, 300.0),
        "total_amount": np.round(ORDERS * RANDOM.gamma(9, 3, N), 2),
        "days_since_last": RANDOM.integers(0, 400, N),
        "channel": np.where(WEB, "web", "shop"),
        "noise": RANDOM.normal(size=N),
        "returned": np.where(np.arange(N) % 50 == 0, 0.8, 0.1),
        "may_write": np.arange(N) % 20 != 0,
    }
)
RULES = {"contact": "may_write", "returns": "returned", "lost_after": "380D"}


def groups(customers=CUSTOMERS, **told):
    return target_groups(customers, columns=["channel", "noise"], **told)


def test_everyone_has_one_group_and_a_reason():
    found = groups(**RULES)
    frame = found.frame()
    assert frame["customer_id"].tolist() == CUSTOMERS["customer_id"].tolist()
    counts = frame["group"].value_counts().to_dict()
    assert set(counts) == {"core", "potential", "other", "exclude"}
    assert found.counts.tolist() == [
        counts[name] for name in ("core", "potential", "other", "exclude")
    ]
    assert (frame["reason"] != "").all()
    told = found.describe()
    assert told["n_customers"].sum() == N
    assert told["revenue"].sum() == pytest.approx(CUSTOMERS["total_amount"].sum())
    assert told["share_of_revenue"].sum() == pytest.approx(1)


def test_every_rule_excludes_and_says_so():
    silent = CUSTOMERS["days_since_last"] > 380
    frame = groups(CUSTOMERS.assign(total_amount=CUSTOMERS["total_amount"] - 15), **RULES).frame()
    nothing = CUSTOMERS["total_amount"] <= 15
    out = ~CUSTOMERS["may_write"] | (CUSTOMERS["returned"] > 0.5) | silent | nothing
    assert (frame["group"] == "exclude").tolist() == out.tolist()
    reasons = frame["reason"]
    assert reasons[CUSTOMERS["returned"] > 0.5].str.contains("returned is 80 %").all()
    assert reasons[silent].str.contains(r"silent for 3[89]\d days").all()
    assert reasons[nothing].str.contains("total_amount is -?\\d").all()
    assert reasons[~CUSTOMERS["may_write"]].str.contains("no permission to contact").all()
    assert (reasons[out].str.count("; ") >= 1).any()
    assert frame.loc[out, "likeness"].isna().all()


def test_silent_for_exactly_as_long_is_not_lost():
    edge = CUSTOMERS.assign(days_since_last=np.where(CUSTOMERS.index < 5, 381, 380))
    frame = groups(edge, lost_after=380).frame()
    assert (frame["group"] == "exclude").tolist() == [True] * 5 + [False] * (N - 5)


def test_no_rules_exclude_nobody_but_who_brought_nothing():
    found = groups()
    assert found.counts[3] == 0
    assert found.rules == ("total_amount of 0 or less (0)",)
    unknown = groups(CUSTOMERS.assign(may=[None, 1.0] * (N // 2)), contact="may")
    assert unknown.counts[3] == N // 2
    assert groups(min_value=40.0).counts[3] == (CUSTOMERS["total_amount"] <= 40).sum()


def test_planted_potential_customers_are_found():
    found = groups()
    frame = found.frame()
    assert found.auc > 0.7
    core = CoreCustomers().fit_predict(CUSTOMERS) == "core"
    assert ((frame["group"] == "core") == core).all()
    potential = frame["group"] == "potential"
    assert (CUSTOMERS.loc[potential, "channel"] == "web").all()
    assert potential[WEB & ~core].mean() > 0.3
    assert frame.loc[potential, "reason"].str.contains("channel web").all()
    assert frame.loc[potential, "likeness"].min() >= found.edge
    others = frame["group"] == "other"
    assert frame.loc[others, "likeness"].max() < found.edge
    assert next(iter(found.weights)) == "channel web"


def test_stricter_likeness_finds_fewer():
    counts = [groups(at_least=share).counts[1] for share in (0.2, 0.5, 0.9)]
    assert counts[0] > counts[1] > counts[2]


def test_where_nothing_tells_nobody_is_potential():
    with pytest.warns(DataWarning, match=r"nobody is called potential: the columns tell core") as w:
        found = target_groups(CUSTOMERS, columns=["noise"])
    assert [each.filename for each in w] == [__file__]
    assert found.counts[1] == 0
    assert "That is too little: nobody is called potential." in " ".join(str(found).split())


def test_few_customers_have_groups_but_no_likeness():
    with pytest.warns(DataWarning, match=r"2 core and 8 other customers are too few"):
        found = groups(CUSTOMERS[:10])
    assert found.counts.tolist() == [2, 0, 8, 0]
    assert np.isnan(found.auc)
    assert found.weights == {}
    assert "Likeness was not judged" in str(found)
    reasons = found.frame()["reason"][found.frame()["group"] == "other"]
    assert reasons.str.match(
        "not core, (never bought again|weakest in [a-z]+: ahead of ..? %)$"
    ).all()


def test_who_is_not_core_is_told_why():
    large = CUSTOMERS.assign(n_orders=CUSTOMERS["n_orders"].where(CUSTOMERS.index > 0, 1))
    large.loc[0, ["frequency", "total_amount"]] = [0, 50_000.0]
    large.loc[0, "channel"] = "shop"
    frame, core = groups(large).frame(), CoreCustomers().fit(large).predict_frame(large)
    assert frame["group"][0] == "other"
    assert frame["reason"][0].startswith("not core, never bought again; likeness ")
    other = frame["group"] == "other"
    expected = "not core, " + core["reason"][other]
    assert frame["reason"][other].str.replace(r"; likeness \d+ %$", "", regex=True).equals(expected)


def test_the_same_customer_twice_is_refused():
    twice = pd.concat([CUSTOMERS, CUSTOMERS[3:4]])
    with pytest.raises(DataError, match=f"holds the customer '{CUSTOMERS['customer_id'][3]}' more"):
        groups(twice)


def test_what_likeness_is_judged_by_without_columns():
    found = target_groups(CUSTOMERS, **RULES)
    terms = {name.split(" (")[0] for name in found.weights}
    assert terms == {"mean_order_amount", "days_since_last", "channel web", "noise"}
    summary = CUSTOMERS[["customer_id", *CUSTOMERS.columns[1:6]]]
    with pytest.warns(DataWarning, match="hardly better than chance"):
        found = target_groups(summary)
    assert set(found.weights) == {"mean_order_amount", "days_since_last"}


def test_a_fitted_core_stays_as_it_is():
    core = CoreCustomers(share=0.1).fit(CUSTOMERS)
    half = CUSTOMERS[: N // 2]
    frame = groups(half, core=core).frame()
    assert ((frame["group"] == "core") == (core.predict(half) == "core")).all()
    unfitted = CoreCustomers(share=0.1)
    assert groups(core=unfitted).counts[0] == (core.predict(CUSTOMERS) == "core").sum()
    assert not hasattr(unfitted, "threshold_")


def test_row_order_does_not_matter_and_the_input_stays():
    before = CUSTOMERS.copy()
    first = groups(**RULES).frame().set_index("customer_id")
    shuffled = CUSTOMERS.sample(frac=1, random_state=4)
    again = groups(shuffled, **RULES).frame().set_index("customer_id").loc[first.index]
    pd.testing.assert_frame_equal(first, again)
    pd.testing.assert_frame_equal(CUSTOMERS, before)


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_agree_and_come_back_in_their_library(kind):
    frame = FRAMES[kind](CUSTOMERS)
    found, expected = groups(frame, contact="may_write"), groups(contact="may_write")
    assert isinstance(found, TargetGroups)
    assert type(found.frame()) is type(frame)
    assert str(found) == str(expected)
    got, wanted = as_dict(found.frame()), as_dict(expected.frame())
    assert got["reason"] == wanted["reason"]
    assert got["group"] == wanted["group"]


def test_words():
    text = " ".join(str(groups(**RULES)).split())
    assert text.startswith("group customers share total_amount share core ")
    assert "Excluded for: no permission to contact (30); total_amount of 0 or less (0); " in text
    assert "returned above 50% (12); silent for more than 380 days" in text
    assert "Likeness tells a core customer from another one in " in text
    assert "Heaviest: channel web +" in text


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ({"columns": ["n_orders"]}, r"'n_orders' makes the index of core customers"),
        ({"columns": ["chanel"]}, r"column 'chanel' not found\. Did you mean 'channel'"),
        ({"core": 0.2}, r"core must be a CoreCustomers or None, got 0\.2"),
        ({"at_least": 1.5}, r"at_least must be a number between 0 and 1"),
        ({"n_folds": 1}, r"n_folds must be a whole number of at least 2"),
        ({"contact": "noise"}, r"contact 'noise' must hold true and false, or 1, 0"),
        ({"contact": "channel"}, r"column 'channel' is String: it must hold numbers"),
        ({"lost_after": "0D"}, r"lost_after must be a number of days above 0, or text"),
        ({"min_value": "none"}, r"min_value must be a finite number"),
        ({"value": "amount"}, r"column 'amount' not found\. Did you mean 'total_amount'"),
        ({"customer": "id"}, r"column 'id' not found"),
    ],
)
def test_parameters_are_refused_with_a_text(told, text):
    with pytest.raises(DataError, match=f"^target_groups: {text}"):
        target_groups(CUSTOMERS, **told)
