"""Asserts for recommenders; `model` is not fitted and may be cloned, `shop` makes the data."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import skops.io as sio
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from crmkit.exceptions import DataError, DataWarning
from tests.recommend.contract.shop import (
    AS_OF,
    FRAMES,
    catalogue,
    lines,
    log_of,
    pairs_of,
    to_pandas,
)

FITTED = {}


def fitted(model, frame=None, items=None, **kwargs):
    """The model, fitted; on the shop as it is only once, since answers may not change it."""
    if frame is None and items is None and not kwargs:
        key = f"{type(model)} {model.get_params()}"
        if key not in FITTED:
            FITTED[key] = fresh(model, lines(), catalogue())
        return FITTED[key]
    return fresh(model, lines() if frame is None else frame, catalogue(), **kwargs)


def fresh(model, frame, items, **kwargs):
    return clone(model).fit(log_of(frame, **kwargs), items, as_of=AS_OF)


def bought(frame=None):
    """Customers and items of the purchases before the cut-off."""
    frame = lines() if frame is None else frame
    return frame[(frame["when"] < AS_OF) & (frame["amount"] >= 0)]


def check_parameters_only_are_kept_at_first(model):
    assert not [name for name in vars(clone(model)) if name not in model.get_params(deep=False)]


def check_unfitted_says_so(model):
    for method, argument in [
        ("recommend", None),
        ("predict", [("c100", "i10")]),
        ("similar_items", None),
        ("recommend_customers", ["i10"]),
    ]:
        with pytest.raises(NotFittedError):
            getattr(clone(model), method)(argument)


def check_fit_returns_self_and_keeps_parameters(model):
    copy = clone(model)
    before = {name: repr(value) for name, value in copy.get_params().items()}
    assert copy.fit(log_of(lines()), catalogue()) is copy
    assert {name: repr(value) for name, value in copy.get_params().items()} == before


def check_the_answer_has_its_shape(model):
    offers = fitted(model).recommend(n=4, exclude_seen=False)
    assert list(offers.columns) == ["who", "what", "score", "rank", "source"]
    assert set(offers["source"]) <= {"model", "fold-in", "content", "popular"}
    assert offers["who"].nunique() == bought()["who"].nunique()
    assert not offers.duplicated(["who", "what"]).any()
    assert np.isfinite(offers["score"]).all()
    for _, own in offers.groupby("who"):
        assert own["rank"].tolist() == list(range(1, len(own) + 1))
        assert (np.diff(own["score"]) <= 0).all()
        assert len(own) <= 4


def check_equal_scores_are_in_item_order(model):
    offers = fitted(model).recommend(n=50, exclude_seen=False)
    after = offers.shift(-1)
    equal = (offers["who"] == after["who"]) & (offers["score"] == after["score"])
    assert (offers["what"][equal] < after["what"][equal]).all()


def check_seen_items_are_left_out(model):
    offers = fitted(model).recommend(n=50, exclude_seen=True)
    seen = set(zip(bought()["who"], bought()["what"], strict=True))
    assert seen
    assert not seen & set(pairs_of(offers))


def check_the_default_of_exclude_seen_is_one_of_both(model):
    model = fitted(model)
    own = [model.recommend(exclude_seen=flag) for flag in (None, model._leaves_out_seen())]
    assert_frame_equal(*own)


def check_predict_equals_recommend(model):
    model = fitted(model)
    offers = model.recommend(n=50, exclude_seen=False)
    shuffled = offers.sample(frac=1.0, random_state=1)
    assert_array_equal(model.predict(shuffled[["who", "what"]]), shuffled["score"])
    assert_array_equal(model.predict(pairs_of(shuffled)), shuffled["score"])
    frame = model.predict_frame(shuffled[["who", "what"]])
    assert frame.columns.tolist() == ["who", "what", "score"]
    assert_array_equal(frame["score"], shuffled["score"])


def check_what_is_not_offered_scores_no_candidate(model):
    model = fitted(model)
    offers = model.recommend(n=1000, exclude_seen=False)
    every = [(who, what) for who in model.customers_[:5] for what in model.items_]
    finite = {pair for pair, s in zip(every, model.predict(every), strict=True) if s > -np.inf}
    assert finite == set(pairs_of(offers[offers["who"].isin(model.customers_[:5])]))


def check_one_customer_is_answered_like_all(model):
    model = fitted(model)
    offers = model.recommend(n=5)
    for who in ("c103", "c120", "c139"):
        own = offers[offers["who"] == who].reset_index(drop=True)
        assert_frame_equal(model.recommend([who], n=5), own)


def check_customers_come_in_the_order_asked(model):
    asked = ["c120", "c103", "c120", "c139"]
    offers = fitted(model).recommend(asked, n=2, exclude_seen=False)
    assert offers["who"].drop_duplicates().tolist() == ["c120", "c103", "c139"]


def check_a_longer_list_begins_like_a_shorter_one(model):
    model = fitted(model)
    long = model.recommend(n=7)
    assert_frame_equal(long[long["rank"] <= 3].reset_index(drop=True), model.recommend(n=3))


def check_fewer_candidates_give_fewer_rows(model):
    model = fitted(model)
    every = model.recommend(n=10_000, exclude_seen=False)
    assert every.groupby("who").size().max() <= len(model.items_)
    few = model.recommend(n=10, allow=["i11", "i12"], exclude_seen=False)
    assert set(few["what"]) <= {"i11", "i12"}
    kept = every[every["what"].isin(["i11", "i12"])].groupby("who").size()
    assert few.groupby("who").size().to_dict() == kept.to_dict()


def check_all_filtered_is_an_empty_frame(model):
    model = fitted(model)
    for rule in ({"allow": []}, {"deny": model.items_}, {"stock": dict.fromkeys(model.items_, 0)}):
        empty = model.recommend(**rule)
        assert empty.shape == (0, 5)
        assert empty.dtypes["who"] == model.recommend().dtypes["who"]


def check_no_question_has_an_empty_answer(model):
    model = fitted(model)
    expected = model.recommend().head(0)
    nobody = lines().head(0)
    for answer in (
        model.recommend([]),
        model.recommend(np.array([], dtype=str)),
        model.recommend(history=nobody),
        model.recommend(history=nobody[["who", "what"]]),
    ):
        assert_frame_equal(answer, expected, check_dtype=False)
        assert answer["who"].dtype == expected["who"].dtype
    assert model.predict([]).shape == (0,)
    assert model.predict(lines().head(0)[["who", "what"]]).shape == (0,)
    assert model.similar_items([]).shape == (0, 4)
    assert model.recommend_customers([]).shape == (0, 5)
    assert_frame_equal(model.recommend(["c103"], history=nobody), model.recommend(["c103"]))


def check_filters_of_all_kinds_agree(model):
    model = fitted(model)
    denied = ["i10", "i13", "i25"]
    expected = model.recommend(deny=denied, exclude_seen=False)
    assert not set(denied) & set(expected["what"])
    kept = [item for item in model.items_ if item not in denied]
    flags = np.isin(model.items_, kept)
    pairs = pd.DataFrame(
        [(c, i) for c in model.customers_ for i in denied], columns=["who", "what"]
    )
    for rule in (
        {"deny": dict.fromkeys(denied, True)},
        {"deny": ~flags},
        {"deny": pd.Series(denied)},
        {"deny": pd.DataFrame({"what": denied})},
        {"deny": pairs},
        {"allow": kept},
        {"allow": flags},
        {"allow": {item: item not in denied for item in model.items_}},
        {"stock": dict.fromkeys(denied, 0)},
        {"stock": pd.DataFrame({"what": model.items_, "left": flags * 5})},
    ):
        assert_frame_equal(model.recommend(**rule, exclude_seen=False), expected)


def check_pairs_filter_each_customer_alone(model):
    model = fitted(model)
    every = model.recommend(n=1000, exclude_seen=False)
    rng = np.random.default_rng(0)
    some = every[rng.random(len(every)) < 0.3]
    allowed = model.recommend(n=1000, allow=some[["who", "what"]], exclude_seen=False)
    assert set(pairs_of(allowed)) == set(pairs_of(some))
    denied = model.recommend(n=1000, deny=some[["who", "what"]], exclude_seen=False)
    assert set(pairs_of(denied)) == set(pairs_of(every)) - set(pairs_of(some))


def check_unknown_customers_get_what_is_popular(model):
    offers = fitted(model).recommend(["stranger", "c103"], n=3, exclude_seen=False)
    own = offers[offers["who"] == "stranger"]
    assert len(own) == 3
    assert set(own["source"]) == {"popular"}


def check_histories_are_folded_in(model):
    model = fitted(model)
    own = bought().query("who == 'c103'")[["who", "what", "when"]]
    stranger = own.assign(who="stranger")
    offers = model.recommend(history=stranger, as_of=AS_OF, n=5)
    assert offers["who"].unique().tolist() == ["stranger"]
    expected = model.recommend(["c103"], n=5)
    assert_array_equal(offers[["what", "rank"]], expected[["what", "rank"]])
    np.testing.assert_allclose(offers["score"], expected["score"], rtol=1e-6)
    assert set(offers["source"]) <= {"fold-in", "content", "popular"}
    assert "model" in set(expected["source"]) or set(offers["source"]) <= {"content", "popular"}


def check_a_given_history_replaces_the_known_one(model):
    model = fitted(model)
    swapped = bought().query("who == 'c103'")[["who", "what", "when"]].assign(who="c104")
    got = model.recommend(["c104", "c105"], history=swapped, as_of=AS_OF, exclude_seen=False)
    kept = model.recommend(["c103"], exclude_seen=False)
    own = got[got["who"] == "c104"]
    assert own["what"].tolist() == kept["what"].tolist()
    rest = got[got["who"] == "c105"].reset_index(drop=True)
    assert_frame_equal(rest, model.recommend(["c105"], exclude_seen=False))


def check_a_history_needs_no_times(model):
    basket = pd.DataFrame({"who": ["new", "new"], "what": ["i11", "i12"]})
    offers = fitted(model).recommend(history=basket, n=3, exclude_seen=True)
    assert getattr(model, "mode", "") == "repeat" or len(offers) > 0
    assert len(offers) <= 3
    assert not {"i11", "i12"} & set(offers["what"])


def check_unknown_items_are_told_and_score_no_candidate(model):
    model = fitted(model)
    basket = pd.DataFrame({"who": ["new"], "what": ["no such thing"]})
    with pytest.warns(DataWarning, match=r"1 of 1 items in history= were not there at the fit"):
        offers = model.recommend(history=basket, n=3)
    assert set(offers["source"]) == {"popular"}
    assert model.predict([("c103", "no such thing")]) == [-np.inf]
    assert len(model.similar_items(["no such thing"])) == 0
    assert len(model.recommend_customers(["no such thing"])) == 0


def check_ids_of_another_type_are_refused(model):
    model = fitted(model)
    for call in (
        lambda: model.recommend([103]),
        lambda: model.recommend(deny=[10]),
        lambda: model.predict([("c103", 10)]),
        lambda: model.recommend(history=pd.DataFrame({"who": [1], "what": ["i11"]})),
    ):
        with pytest.raises(DataError, match=r"Convert one of them"):
            call()


def check_parameters_of_a_call_are_refused(model):
    model = fitted(model)
    for arguments, text in [
        ({"n": 0}, "n must be a whole number of at least 1"),
        ({"customers": "c103"}, "customers must be a list of ids"),
        ({"exclude_seen": "yes"}, "exclude_seen must be True, False or None"),
        ({"deny": "i10"}, "deny must be a list of ids"),
        ({"deny": [True]}, "one flag for each of items_"),
        ({"stock": {"i10": None}}, "lacks the quantity of 'i10'"),
        ({"as_of": "2024-03-01"}, "is before that of the fit"),
        ({"history": [("c103", "i10")]}, "history must be an EventLog or a frame"),
        ({"history": pd.DataFrame({"who": ["a"]})}, "column 'what' not found"),
    ]:
        with pytest.raises(DataError, match=text):
            model.recommend(**arguments)


def check_the_cutoff_is_exclusive(model):
    frame = lines()
    late = frame["when"] >= AS_OF
    assert late.sum() > 50
    at_the_instant = frame.head(1).assign(when=pd.Timestamp(AS_OF), what="i99")
    changed = pd.concat([frame.assign(what=frame["what"].where(~late, "i98")), at_the_instant])
    expected = fitted(model, frame[~late]).recommend()
    assert_frame_equal(fitted(model, frame).recommend(), expected)
    assert_frame_equal(fitted(model, changed).recommend(), expected)


def check_row_order_is_free(model):
    frame, items = lines(), catalogue()
    shuffled = frame.sample(frac=1.0, random_state=3), items.sample(frac=1.0, random_state=4)
    assert_frame_equal(fresh(model, *shuffled).recommend(), fitted(model).recommend())


def check_returns_are_no_purchases(model):
    frame = lines()
    expected = fitted(model, frame[frame["amount"] >= 0]).recommend()
    for returns in ("exclude", "net"):
        assert_frame_equal(fitted(model, frame, returns=returns).recommend(), expected)


def check_two_fits_agree_bit_by_bit(model):
    again = fresh(model, lines(), catalogue()).recommend()
    assert_frame_equal(again, fitted(model).recommend())


def check_a_second_fit_remembers_nothing(model):
    frame = lines()
    few = frame[frame["who"] < "c115"]
    used = fresh(model, lines(), catalogue())
    used.fit(log_of(few), catalogue(), as_of=AS_OF)
    assert_frame_equal(used.recommend(), fitted(model, few).recommend())
    some = few[few["what"] < "i20"]
    used.fit(log_of(some), catalogue().head(5), as_of=AS_OF)
    assert set(used.recommend(exclude_seen=False)["what"]) <= set(used.items_)


def check_copies_agree(model):
    model = fitted(model)
    data = sio.dumps(model)
    by_skops = sio.loads(data, trusted=sio.get_untrusted_types(data=data))
    for copy in (pickle.loads(pickle.dumps(model)), by_skops):
        assert_frame_equal(copy.recommend(explain=True), model.recommend(explain=True))


def check_input_untouched(model):
    frame, items = lines(), catalogue()
    history = frame.head(3)[["who", "what", "when"]]
    before = frame.copy(deep=True), items.copy(deep=True), history.copy(deep=True)
    fresh(model, frame, items).recommend(history=history)
    for left, right in zip(before, (frame, items, history), strict=True):
        assert_frame_equal(left, right)


def check_the_fitted_state_is_never_written_over(model):
    model = fitted(model)
    before = model.recommend()
    model.recommend(deny=["i10"], exclude_seen=True)
    model.similar_items()
    model.recommend_customers(["i11"])
    assert_frame_equal(model.recommend(), before)


def check_frames_agree(model):
    expected = fitted(model).recommend(explain=True)
    for name, convert in FRAMES.items():
        got = fresh(model, convert(lines()), convert(catalogue())).recommend(explain=True)
        assert type(got) is type(convert(lines())), f"{name} came back as {type(got)}"
        assert_frame_equal(to_pandas(got), expected, check_dtype=False)


def check_ids_keep_their_type(model):
    frame, items = lines(), catalogue()
    expected = fitted(model).recommend()
    numbers = pd.concat([frame["what"], items["what"]]).str[1:].astype("int64")
    for dtype in ("int64", "int32", "str", "category", "Int64"):
        typed = numbers.astype(dtype)  # a category knows the items that were never sold, too
        plain = {
            "who": frame["who"].str[1:].astype("int64").astype(dtype),
            "what": typed.iloc[: len(frame)],
        }
        typed_items = items.assign(what=typed.iloc[len(frame) :])
        model_ = fresh(model, frame.assign(**plain), typed_items)
        got = model_.recommend()
        assert got["who"].dtype == plain["who"].dtype
        assert got["what"].dtype == plain["what"].dtype
        assert_array_equal(got["who"].astype(str), expected["who"].str[1:])
        assert_array_equal(got["what"].astype(str), expected["what"].str[1:])
        stranger = model_.recommend(["7" if dtype == "str" else 7], n=1)
        assert len(stranger) == 1


def check_items_without_features_and_features_without_items(model):
    model = fitted(model)
    assert "i10" in model.items_  # sold, not in the catalogue
    assert {"i34", "i35"} <= set(model.items_)  # in the catalogue, never sold
    assert len(model.items_) == 26
    offers = model.recommend(n=100, exclude_seen=False)
    fresh = offers[offers["what"].isin(["i34", "i35"])]
    assert set(fresh["source"]) <= {"content"}


def check_similar_items(model):
    model = fitted(model)
    alike = model.similar_items(["i11", "i12"], n=3)
    assert list(alike.columns) == ["what", "similar_item", "score", "rank"]
    assert not (alike["what"] == alike["similar_item"]).any()
    assert alike.groupby("what")["rank"].apply(list).map(lambda r: r == sorted(r)).all()
    assert (alike.groupby("what").size() <= 3).all()
    both = model.similar_items(n=3)
    assert_frame_equal(both[both["what"].isin(["i11", "i12"])].reset_index(drop=True), alike)


def check_recommend_customers(model):
    model = fitted(model)
    campaign = model.recommend_customers(["i11", "i30"], n=5, exclude_seen=False)
    assert list(campaign.columns) == ["what", "who", "score", "rank", "source"]
    assert (campaign.groupby("what").size() <= 5).all()
    assert_array_equal(model.predict(campaign[["who", "what"]]), campaign["score"])
    every = [(who, "i11") for who in model.customers_]
    scores = model.predict(every)
    own = campaign[campaign["what"] == "i11"]["who"].tolist()
    best = np.lexsort((np.arange(len(scores)), -scores))[:5]
    assert own == [model.customers_[i] for i in best if scores[i] > -np.inf]
    assert len(model.recommend_customers(["i11"], customers=["stranger"])) == 0
    new = model.recommend_customers(["i11"], n=100, exclude_seen=True)
    assert not set(new["who"]) & set(bought().query("what == 'i11'")["who"])


def check_reasons_are_words(model):
    offers = fitted(model).recommend(n=3, explain=True)
    assert list(offers.columns)[-1] == "reason"
    told = offers["reason"].str.startswith(("because you bought ", "goes with ", "popular with "))
    assert told.mean() > 0.9


def check_score_is_a_share(model):
    value = fitted(model).score(log_of(lines()))
    assert 0.0 <= value <= 1.0
    with pytest.raises(DataError, match="no customer of the fit bought a relevant item"):
        fitted(model).score(log_of(bought()))


def check_a_log_without_items_is_refused(model):
    with pytest.raises(DataError, match="does not say what was bought"):
        clone(model).fit(log_of(lines(), item=None))


def check_purchases_without_an_item_are_counted(model):
    frame = lines()
    frame.loc[frame.index[:20], "what"] = None
    n = len(bought(frame).query("what.isna()"))
    with pytest.warns(DataWarning, match=f"{n} of .* purchases have no 'what'"):
        got = fitted(model, frame).recommend()
    assert_frame_equal(got, fitted(model, frame[frame["what"].notna()]).recommend())


def check_no_money_and_no_orders_are_needed(model):
    frame = bought()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = fitted(model, frame.drop(columns=["amount", "order"]), amount=None, order=None)
    assert len(model.recommend(n=2, exclude_seen=False))


ALL = [f for name, f in globals().items() if name.startswith("check_")]
