"""Asserts for recommenders; `model` is not fitted and may be cloned, `shop` makes the data.

Every variant of the shop is one event log, read once and fitted by all models: what a model wrote
into it would show in the answers of the next.
"""

import copy
import pickle
import warnings
from functools import cache

import numpy as np
import pandas as pd
import polars as pl
import pytest
import skops.io as sio
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from crmkit.exceptions import DataError, DataWarning
from tests.contracts.frame_kinds import FRAMES, to_pandas
from tests.recommend.contract.shop import AS_OF, catalogue, lines, log_of, pairs_of

FITTED = {}
WHO = ["c103", "c104", "c120", "c139", "stranger"]
WHAT = [f"i{i}" for i in range(10, 36)] + ["i99"]


def fitted(model):
    """The model, fitted on the shop as it is; only once, since answers may not change it."""
    key = f"{type(model)} {model.get_params()}"
    if key not in FITTED:
        FITTED[key] = learned(model, whole())
    return FITTED[key]


def learned(model, log, items=None):
    return clone(model).fit(log, goods() if items is None else items, as_of=AS_OF)


@cache
def goods():
    return pl.from_pandas(catalogue())


@cache
def whole():
    return log_of(lines())


@cache
def no_late_events():
    frame = lines()
    late = frame["when"] >= AS_OF
    assert late.sum() > 50
    return log_of(frame[~late])


@cache
def other_late_events():
    frame = lines()
    at_the_instant = frame.head(1).assign(when=pd.Timestamp(AS_OF), what="i99")
    other = frame.assign(what=frame["what"].where(frame["when"] < AS_OF, "i98"))
    return log_of(pd.concat([other, at_the_instant]))


@cache
def no_returns():
    frame = lines()
    return log_of(frame[frame["amount"] >= 0])


@cache
def net_returns():
    return log_of(lines(), returns="net")


@cache
def shuffled_rows():
    return log_of(lines().sample(frac=1.0, random_state=3))


@cache
def few_customers():
    return log_of(lines().query("who < 'c115'"))


@cache
def few_customers_and_items():
    return log_of(lines().query("who < 'c115' and what < 'i20'"))


@cache
def missing_items():
    frame = lines()
    frame.loc[frame.index[:20], "what"] = None
    return log_of(frame)


@cache
def named_items_only():
    return log_of(missing_items().data.dropna(subset="what"))


@cache
def no_money_and_no_orders():
    return log_of(bought().drop(columns=["amount", "order"]), amount=None, order=None)


@cache
def missing_amounts():
    return log_of(lines().assign(amount=lambda f: f["amount"].where(f.index > 1)))


@cache
def strangers_and_unknown_items_come():
    """The shop, and after the cut-off events of customers and items that it did not know."""
    late = lines().query("when >= @AS_OF")
    return log_of(pd.concat([lines(), late.assign(who="stranger"), late.assign(what="i77")]))


@cache
def of_kind(kind):
    """The log and the items as frames of another library."""
    return log_of(FRAMES[kind](lines())), FRAMES[kind](catalogue())


@cache
def with_ids_of(dtype):
    """The log and the items with whole numbers as ids, of another type."""
    frame, items = lines(), catalogue()
    numbers = pd.concat([frame["what"], items["what"]]).str[1:].astype("int64")
    typed = numbers.astype(dtype)  # a category knows the items that were never sold, too
    who = frame["who"].str[1:].astype("int64").astype(dtype)
    log = log_of(frame.assign(who=who, what=typed.iloc[: len(frame)]))
    return log, items.assign(what=typed.iloc[len(frame) :])


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
    own = clone(model)
    before = {name: repr(value) for name, value in own.get_params().items()}
    assert own.fit(whole(), catalogue()) is own
    assert {name: repr(value) for name, value in own.get_params().items()} == before


def check_the_answer_has_its_shape(model):
    offers = fitted(model).recommend(n=4, exclude_seen=False)
    assert list(offers.columns) == ["who", "what", "score", "rank", "source"]
    assert set(offers["source"]) <= {"model", "fold-in", "content", "popular"}
    assert offers["who"].nunique() == bought()["who"].nunique()
    assert np.isfinite(offers["score"]).all()
    assert offers["rank"].max() <= 4
    assert_lists(offers)
    assert_falling(offers)


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
    expected = fitted(model).recommend()
    assert_frame_equal(learned(model, no_late_events()).recommend(), expected)
    assert_frame_equal(learned(model, other_late_events()).recommend(), expected)


def check_row_order_is_free(model):
    items = catalogue().sample(frac=1.0, random_state=4)
    expected = fitted(model).recommend()
    assert_frame_equal(learned(model, shuffled_rows(), items).recommend(), expected)


def check_returns_are_no_purchases(model):
    expected = fitted(model).recommend()
    for log in (no_returns(), net_returns()):
        assert_frame_equal(learned(model, log).recommend(), expected)


def check_two_fits_agree_bit_by_bit(model):
    again = learned(model, whole()).recommend()
    assert_frame_equal(again, fitted(model).recommend())


def check_a_second_fit_remembers_nothing(model):
    used = copy.deepcopy(fitted(model))
    used.fit(few_customers(), catalogue(), as_of=AS_OF)
    assert_frame_equal(used.recommend(), learned(model, few_customers()).recommend())
    used.fit(few_customers_and_items(), catalogue().head(5), as_of=AS_OF)
    assert len(used.items_) < 20
    assert set(used.recommend(exclude_seen=False)["what"]) <= set(used.items_)


def check_copies_agree(model):
    model = fitted(model)
    data = sio.dumps(model)
    by_skops = sio.loads(data, trusted=sio.get_untrusted_types(data=data))
    expected = model.recommend(explain=True)
    for other in (pickle.loads(pickle.dumps(model)), by_skops):
        assert_frame_equal(other.recommend(explain=True), expected)


def check_input_untouched(model):
    log, items = whole(), catalogue()
    history = lines().head(3)[["who", "what", "when"]]
    before = history.copy(deep=True)
    learned(model, log, items).recommend(history=history)
    assert_frame_equal(log.data, lines())
    assert_frame_equal(items, catalogue())
    assert_frame_equal(history, before)


def check_the_fitted_state_is_never_written_over(model):
    model = fitted(model)
    before = model.recommend()
    model.recommend(deny=["i10"], exclude_seen=True)
    model.similar_items()
    model.recommend_customers(["i11"])
    assert_frame_equal(model.recommend(), before)


def check_frames_agree(model):
    expected = fitted(model).recommend(explain=True)
    assert type(expected) is pd.DataFrame
    for name in FRAMES.keys() - {"pandas"}:
        log, items = of_kind(name)
        got = learned(model, log, items).recommend(explain=True)
        assert type(got) is type(log.data), f"{name} came back as {type(got)}"
        assert_frame_equal(to_pandas(got), expected, check_dtype=False)


def check_ids_keep_their_type(model):
    expected = fitted(model).recommend()
    for dtype in ("int64", "int32", "str", "category", "Int64"):
        log, items = with_ids_of(dtype)
        model_ = learned(model, log, items)
        got = model_.recommend()
        assert got["who"].dtype == log.data["who"].dtype
        assert got["what"].dtype == log.data["what"].dtype
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
    new = offers[offers["what"].isin(["i34", "i35"])]
    assert set(new["source"]) <= {"content"}


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
    model = fitted(model)
    offers = model.recommend(n=3, explain=True)
    assert list(offers.columns)[-1] == "reason"
    words = ("because you bought ", "goes with ", "popular with ", "bought ", "new, nobody ")
    assert offers["reason"].str.startswith(words).all()
    every = model.recommend(n=10, exclude_seen=False, explain=True)
    own = set(bought()[["who", "what"]].itertuples(index=False, name=None))
    again = np.array([pair in own for pair in zip(every["who"], every["what"], strict=True)])
    told = every["reason"].str.match(r"bought (on \d+ days, last )?\d+ days? ago$")
    popular = every["source"] == "popular"
    assert (told == (again & ~popular)).all()


def check_score_is_a_share(model):
    value = fitted(model).score(whole())
    assert 0.0 <= value <= 1.0
    with pytest.raises(DataError, match="no customer of the fit bought a relevant item"):
        fitted(model).score(no_late_events())


def check_ids_only_in_later_events_are_left_out_of_the_score(model):
    model = fitted(model)
    assert model.score(strangers_and_unknown_items_come()) == model.score(whole())


def check_repeated_rows_of_items_are_one_row(model):
    twice = pl.concat([goods(), goods()])
    with pytest.warns(DataWarning, match="25 of 50 rows of items repeat another"):
        got = learned(model, whole(), twice).recommend()
    assert_frame_equal(got, fitted(model).recommend())


def check_a_refused_refit_leaves_what_stood(model):
    model = copy.deepcopy(fitted(model))
    expected, before = model.recommend(), vars(model).copy()  # an answer keeps something
    contradicting = pl.concat([goods(), goods().with_columns(price=pl.lit(-1.0))])
    numbers = goods().with_columns(what=pl.int_range(pl.len()))
    for log, items, text in [
        (missing_amounts(), goods(), "'amount' has 2 NaN"),
        (whole(), contradicting, "items must have one row per item"),
        (whole(), numbers, "Convert one of them"),
    ]:
        with pytest.raises(DataError, match=text):
            model.fit(log, items)
    assert vars(model) == before
    assert_frame_equal(model.recommend(), expected)


def check_parameters_that_are_no_numbers_are_refused(model):
    for name, value in model.get_params(deep=False).items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            for bad in (np.nan, -1.5):
                with pytest.raises(DataError, match=name):
                    clone(model).set_params(**{name: bad}).fit(whole(), goods(), as_of=AS_OF)


QUESTIONS = st.fixed_dictionaries(
    {
        "customers": st.lists(st.sampled_from(WHO), min_size=1, max_size=5, unique=True),
        "n": st.integers(1, 40),
        "exclude_seen": st.booleans(),
        "allow": st.none() | st.lists(st.sampled_from(WHAT), max_size=20),
        "stock": st.none() | st.dictionaries(st.sampled_from(WHAT), st.integers(-1, 2)),
    }
)
DENIED = st.lists(st.sampled_from(WHAT), max_size=8)
DENIED_PAIRS = st.lists(st.tuples(st.sampled_from(WHO), st.sampled_from(WHAT)), max_size=20)
HISTORIES = st.lists(st.tuples(st.sampled_from(WHO), st.sampled_from(WHAT[:-1])), max_size=6)


def check_any_question_keeps_the_rules(model):
    model = fitted(model)
    seen_at_the_fit = set(zip(bought()["who"], bought()["what"], strict=True))

    @settings(max_examples=10)
    @given(QUESTIONS, DENIED, DENIED_PAIRS, HISTORIES)
    def keeps_the_rules(asked, denied, pairs, history):
        told, deny = (
            pl.DataFrame(rows, ["who", "what"], orient="row") for rows in (history, pairs)
        )
        told, deny = told if history else None, deny if pairs else denied
        offers = model.recommend(**asked, deny=deny, history=told)
        offered = set(pairs_of(offers))
        own = {who for who, _ in history}
        seen = {pair for pair in seen_at_the_fit if pair[0] not in own} | set(history)
        assert not (asked["exclude_seen"] and offered & seen)
        assert not (offered & set(pairs) if pairs else set(offers["what"]) & set(denied))
        assert asked["allow"] is None or set(offers["what"]) <= set(asked["allow"])
        sold_out = {item for item, left in (asked["stock"] or {}).items() if left <= 0}
        assert not set(offers["what"]) & sold_out
        assert set(offers["who"]) <= set(asked["customers"])
        assert (offers["rank"] <= asked["n"]).all()
        predicted = model.predict(pairs_of(offers), history=told)
        assert_array_equal(predicted, offers["score"])
        assert_lists(offers)

    keeps_the_rules()


def check_scores_fall_for_any_question(model):
    model = fitted(model)

    @settings(max_examples=6)
    @given(QUESTIONS)
    def fall(asked):
        assert_falling(model.recommend(**asked))

    fall()


def assert_lists(offers):
    """Ranks count from 1, each item stands once in a list."""
    assert not offers.duplicated(["who", "what"]).any()
    assert_array_equal(offers["rank"], offers.groupby("who").cumcount() + 1)


def assert_falling(offers):
    """Scores fall within the list of each customer."""
    gain = offers.groupby("who")["score"].diff()
    assert not (gain > 0).any()


def check_a_log_without_items_is_refused(model):
    with pytest.raises(DataError, match="does not say what was bought"):
        clone(model).fit(log_of(lines(), item=None))


def check_purchases_without_an_item_are_counted(model):
    n = len(bought(missing_items().data).query("what.isna()"))
    with pytest.warns(DataWarning, match=f"{n} of .* purchases have no 'what'"):
        got = learned(model, missing_items()).recommend()
    assert_frame_equal(got, learned(model, named_items_only()).recommend())


def check_no_money_and_no_orders_are_needed(model):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = learned(model, no_money_and_no_orders())
    assert len(model.recommend(n=2, exclude_seen=False))


ALL = [f for name, f in globals().items() if name.startswith("check_")]
