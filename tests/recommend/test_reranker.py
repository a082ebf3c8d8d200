"""Every re-ranker keeps every rule: rows, ranks, ids, libraries, copies, limits."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import skops.io as sio
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from crmkit import recommend
from crmkit.exceptions import DataError
from crmkit.recommend import (
    MMR,
    CalibratedMix,
    ColdItemQuota,
    LongTailBoost,
    RerankerChain,
    ValueWeighting,
)
from crmkit.recommend._reranker import Reranker
from tests.contracts.frame_kinds import FRAMES, to_pandas
from tests.recommend._reranking import by_customer, candidates, fit
from tests.recommend.contract.shop import catalogue, lines, log_of

RERANKERS = [
    MMR(0.6),
    MMR(0.4, by="purchases"),
    CalibratedMix(0.7),
    LongTailBoost(0.5),
    ValueWeighting(0.8),
    ColdItemQuota((1, 3), fairness=0.5),
    RerankerChain([ValueWeighting(0.5), MMR(0.5), ColdItemQuota()]),
]
FITTED = {}
OFF = [
    MMR(0.0),
    CalibratedMix(0.0),
    LongTailBoost(0.0),
    ValueWeighting(0.0),
    ColdItemQuota(()),
    RerankerChain(),
    RerankerChain([MMR(0.0), ColdItemQuota([])]),
]
each = pytest.mark.parametrize("reranker", RERANKERS, ids=lambda r: type(r).__name__)


def fitted(reranker):
    """The re-ranker, fitted only once: `rerank` may not change it."""
    key = repr(reranker.get_params())
    if (type(reranker), key) not in FITTED:
        FITTED[type(reranker), key] = fit(clone(reranker))
    return FITTED[type(reranker), key]


def test_every_reranker_is_in_the_list():
    public = {getattr(recommend, name) for name in recommend.__all__}
    kinds = {t for t in public if isinstance(t, type) and issubclass(t, Reranker)}
    assert kinds == {type(r) for r in RERANKERS} == {type(r) for r in OFF}


@pytest.mark.parametrize("reranker", OFF, ids=lambda r: type(r).__name__)
def test_without_strength_lists_are_as_they_were(reranker):
    frame = candidates()
    assert_frame_equal(fit(clone(reranker)).rerank(frame), frame)


@each
@pytest.mark.parametrize("seed", [0, 1])
def test_rows_are_moved_and_not_changed(reranker, seed):
    frame = candidates(seed)
    before = frame.copy(deep=True)
    made = fitted(reranker).rerank(frame)
    assert_frame_equal(frame, before)
    assert list(made.columns) == list(frame.columns)
    keys = ["who", "what"]
    kept = ["who", "what", "score", "source"]
    assert_frame_equal(
        made[kept].sort_values(keys, ignore_index=True),
        frame[kept].sort_values(keys, ignore_index=True),
    )
    assert made["who"].drop_duplicates().tolist() == frame["who"].drop_duplicates().tolist()
    for _, own in made.groupby("who", sort=False):
        assert own["rank"].tolist() == list(range(1, len(own) + 1))
    assert by_customer(made) != by_customer(frame)


@each
def test_a_shorter_list_is_the_beginning_of_a_longer_one(reranker):
    model, frame = fitted(reranker), candidates()
    whole = model.rerank(frame)
    for n in (1, 4, 100):
        short = whole[whole["rank"] <= n].reset_index(drop=True)
        assert_frame_equal(model.rerank(frame, n), short)


@each
def test_other_customers_do_not_matter(reranker):
    model, frame = fitted(reranker), candidates(n_customers=300, digits=3)
    whole = by_customer(model.rerank(frame))
    for who in ("c99", "c105", "c300"):
        assert by_customer(model.rerank(frame[frame["who"] == who])) == {who: whole[who]}


@each
def test_order_of_rows_does_not_matter_where_there_are_ranks(reranker):
    model, frame = fitted(reranker), candidates()
    shuffled = frame.sample(frac=1.0, random_state=2)
    expected = by_customer(model.rerank(frame))
    assert by_customer(model.rerank(shuffled)) == {
        who: expected[who] for who in shuffled["who"].unique()
    }


@each
@pytest.mark.parametrize("kind", FRAMES)
def test_libraries_agree(reranker, kind):
    expected = fitted(reranker).rerank(candidates(), 5)
    made = fitted(reranker).rerank(FRAMES[kind](candidates()), 5)
    assert type(made) is type(FRAMES[kind](candidates()))
    assert_frame_equal(to_pandas(made), expected, check_dtype=False)


@each
def test_copies_agree(reranker):
    model, frame = fitted(reranker), candidates()
    expected = model.rerank(frame)
    data = sio.dumps(model)
    by_skops = sio.loads(data, trusted=sio.get_untrusted_types(data=data))
    refitted = fit(pickle.loads(pickle.dumps(model)))
    copies = (refitted, pickle.loads(pickle.dumps(model)), by_skops, fit(clone(model)))
    for copy in copies:
        assert_frame_equal(copy.rerank(frame), expected)


@each
def test_unfitted_says_so(reranker):
    with pytest.raises(NotFittedError):
        clone(reranker).rerank(candidates())


@each
def test_nothing_in_is_nothing_out(reranker):
    made = fitted(reranker).rerank(candidates().head(0))
    assert made.shape == (0, 5)
    one = candidates().head(1)
    assert_frame_equal(fitted(reranker).rerank(one), one)


@each
def test_events_after_the_cutoff_do_not_matter(reranker):
    frame = lines()
    early = frame[frame["when"] < "2024-05-01"]
    made = clone(reranker).fit(log_of(early), catalogue(), as_of="2024-05-01")
    assert_frame_equal(made.rerank(candidates()), fitted(reranker).rerank(candidates()))


@each
def test_a_refused_refit_leaves_what_stood(reranker):
    model, frame = fit(clone(reranker)), candidates()
    before, expected = vars(model).copy(), model.rerank(frame)
    for log, items in [
        (log_of(lines()), catalogue().assign(what=range(25))),
        (log_of(lines(), item=None), catalogue()),
        (lines(), catalogue()),
    ]:
        with pytest.raises(DataError):
            model.fit(log, items)
    assert vars(model) == before
    assert_frame_equal(model.rerank(frame), expected)


def test_a_step_that_is_refused_leaves_the_steps_that_stood():
    chain, frame = fit(RerankerChain([LongTailBoost(0.5), MMR(0.6)])), candidates()
    steps, expected = chain.steps_, chain.rerank(frame)
    few = lines().query("who < 'c110'")
    chain.set_params(steps=[LongTailBoost(0.5), CalibratedMix(0.7)])
    with pytest.raises(DataError, match="CalibratedMix"):
        chain.fit(log_of(few))
    assert chain.steps_ is steps
    assert len(chain.customers_) == 40
    assert_frame_equal(chain.rerank(frame), expected)


def test_without_ranks_the_highest_score_is_first():
    frame = candidates(digits=9)
    expected = fit(MMR(0.5)).rerank(frame)
    bare = frame.drop(columns="rank").sample(frac=1.0, random_state=1)
    made = fit(MMR(0.5)).rerank(bare)
    assert list(made.columns) == ["who", "what", "score", "source", "rank"]
    assert by_customer(made) == {who: by_customer(expected)[who] for who in made["who"].unique()}


def test_steps_of_a_chain_are_one_after_the_other():
    frame = candidates(3)
    steps = [ValueWeighting(0.5), MMR(0.5), LongTailBoost(0.3)]
    one_by_one = frame
    for step in steps:
        one_by_one = fit(clone(step)).rerank(one_by_one)
    assert_frame_equal(fit(RerankerChain(steps)).rerank(frame), one_by_one)
    assert_frame_equal(fit(RerankerChain(steps[0])).rerank(frame), fit(steps[0]).rerank(frame))
    assert not hasattr(RerankerChain(steps).steps[1], "vectors_")


def test_whole_numbers_are_ids_too_and_keep_their_type():
    frame = candidates().assign(who=lambda f: f["who"].str[1:].astype("int16"))
    shop = lines().assign(who=lambda f: f["who"].str[1:].astype("int16"))
    made = MMR(0.6).fit(log_of(shop), catalogue()).rerank(pl.from_pandas(frame), 3)
    assert made.schema["who"] == pl.Int16
    expected = MMR(0.6).fit(log_of(lines()), catalogue()).rerank(candidates(), 3)
    assert made["what"].to_list() == expected["what"].tolist()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda f: f.drop(columns="score"), "MMR: column 'score' not found"),
        (lambda f: f.rename(columns={"what": "sku"}), "MMR: column 'what' not found"),
        (lambda f: f.rename(columns={"who": "customer"}), "MMR: column 'who' not found"),
        (lambda f: f.assign(score=-np.inf), r"'score' has \d+ values that are missing or infinite"),
        (lambda f: f.assign(rank=np.nan), r"'rank' has \d+ values that are missing or infinite"),
        (lambda f: pd.concat([f, f.head(2)]), "names 2 items a second time"),
        (lambda f: f.assign(who=np.arange(len(f))), "Convert one of them"),
        (lambda f: f.assign(what=None), "missing|text or whole numbers"),
        (lambda f: f["what"].to_numpy(), "a frame is needed"),
    ],
)
def test_frames_that_cannot_be_read(change, text):
    with pytest.raises(DataError, match=text):
        fit(MMR()).rerank(change(candidates()))


def test_parameters_without_meaning():
    for reranker, text in [
        (MMR(1.1), "MMR: strength must be a number from 0 to 1, got 1.1"),
        (LongTailBoost(-0.1), "LongTailBoost: strength must be"),
        (CalibratedMix(np.nan), "CalibratedMix: strength must be"),
        (ValueWeighting(True), "ValueWeighting: strength must be"),
        (RerankerChain([MMR(2.0)]), "MMR: strength"),
        (RerankerChain("MMR"), "RerankerChain: a re-ranker or a list of re-rankers is needed"),
        (RerankerChain([MMR]), "RerankerChain: a re-ranker or a list of re-rankers is needed"),
    ]:
        with pytest.raises(DataError, match=text):
            fit(reranker)
    with pytest.raises(DataError, match="n must be a whole number of at least 1"):
        fit(MMR()).rerank(candidates(), 0)
    with pytest.raises(DataError, match="an EventLog is needed"):
        MMR().fit(lines())
    with pytest.raises(AttributeError, match="does not say what it learns"):
        fit(Reranker())


@settings(max_examples=30)
@given(
    st.integers(0, 10**6),
    st.integers(1, 20),
    st.sampled_from([MMR, CalibratedMix, LongTailBoost, ValueWeighting]),
    st.floats(0.0, 1.0),
)
def test_any_strength_gives_whole_lists(seed, n, kind, strength):
    frame = candidates(seed, n_customers=3)
    made = fit(kind(strength)).rerank(frame, n)
    sizes = frame.groupby("who").size().clip(upper=n)
    assert made.groupby("who").size().to_dict() == sizes.to_dict()
    assert len(made.merge(frame, on=["who", "what", "score", "source"])) == len(made)
