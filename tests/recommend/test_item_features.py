"""Item features: numbers by hand, lengths, Chinese names, missing values, error texts."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.exceptions import DataError
from crmkit.recommend import ContentRecommender
from crmkit.recommend._catalogue import read_catalogue
from crmkit.recommend._item_features import (
    hats,
    item_features,
    runs_of_characters,
    tf_idf,
    values_of,
    whole_words,
)
from tests.recommend.contract.shop import catalogue, lines, log_of


def features_of(frame, **more):
    return item_features(read_catalogue(frame, "item", "Test"), "Test", **more)


def cosines(features):
    return (features @ features.T).toarray()


def test_words_and_runs_of_characters():
    assert whole_words("Red-Cup, no 3!") == ["red", "cup", "no", "3"]
    assert runs_of_characters("tea") == [
        " t",
        "te",
        "ea",
        "a ",
        " te",
        "tea",
        "ea ",
        " tea",
        "tea ",
    ]
    assert runs_of_characters("空调") == [" 空", "空调", "调 ", " 空调", "空调 ", " 空调 "]
    assert values_of("Comedy | Drama;War||") == ["Comedy", "Drama", "War"]


def test_tf_idf_by_hand():
    weights = tf_idf(np.array(["cup cup red", "cup", None], dtype=object), whole_words).toarray()
    cup, red = 2.0 * (np.log(4 / 3) + 1), np.log(4 / 2) + 1
    np.testing.assert_allclose(weights[0], np.array([cup, red]) / np.hypot(cup, red), rtol=1e-6)
    assert weights[1:].tolist() == [[1.0, 0.0], [0.0, 0.0]]


def test_hats_by_hand():
    made = hats(np.array([0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 5.0, np.nan])).toarray()
    assert made.shape == (8, len([0, 5, 10, 20, 30, 50]))
    np.testing.assert_allclose(made[6], [0, 1, 0, 0, 0, 0])
    np.testing.assert_allclose(made[4], [0, 0, 0, 0, np.sqrt(0.5), np.sqrt(0.5)], rtol=1e-6)
    assert (made[7] == 0).all()
    assert hats(np.full(4, 3.0)).shape == (4, 0)
    assert hats(np.full(4, np.nan)).shape == (4, 0)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_near_numbers_are_more_alike(values):
    made = hats(np.array(values))
    lengths = np.sqrt(made.multiply(made).sum(axis=1))
    assert made.shape[1] == 0 or np.allclose(lengths, 1.0, atol=1e-5)
    order = np.argsort(values)
    if made.shape[1] > 1:
        alike = cosines(made)
        assert alike[order[0], order[-1]] <= alike[order[0]].max() + 1e-6


def test_all_kinds_count_and_rows_have_length_one():
    frame = pd.DataFrame(
        {
            "item": list("abcdef"),
            "name": ["red cup", "blue cup", "red lamp", None, "old clock", ""],
            "group": ["x", "x", "y", "y", "y", None],
            "price": [1.0, 1.1, 9.0, 9.0, np.nan, np.nan],
        }
    )
    features = features_of(frame)
    lengths = np.sqrt(features.multiply(features).sum(axis=1)).A1
    np.testing.assert_allclose(lengths, [1, 1, 1, 1, 1, 0], atol=1e-6)
    alike = cosines(features)
    assert alike[0, 1] > alike[0, 2] > 0.1 > alike[0, 4]
    assert alike[2, 3] > 0.4  # group and price
    only_text = cosines(features_of(frame, category=[], number=[]))
    assert only_text[2, 3] == 0
    assert only_text[0, 2] > 0


def test_the_share_of_characters():
    frame = pd.DataFrame({"item": list("abc"), "name": ["purifier", "purifiers", "lamp"]})
    alone = [cosines(features_of(frame, characters=share))[0, 1] for share in (0.0, 0.5, 1.0)]
    assert alone[0] == 0
    assert alone[1] == pytest.approx(alone[2] / 2, rel=1e-5)
    assert alone[2] > 0.7


def test_chinese_names_share_runs_of_characters():
    frame = pd.DataFrame({"item": list("abc"), "name": ["格力空调1匹", "美的空调", "小米净水器"]})
    alike = cosines(features_of(frame))
    assert alike[0, 1] > 0.1
    assert alike[0, 2] == alike[1, 2] == 0


def test_scripts_without_blanks_are_read_by_pairs():
    assert whole_words("格力空调1匹X") == ["格力", "力空", "空调", "1", "匹", "x"]
    assert whole_words("カメラ、茶") == ["カメ", "メラ", "茶"]
    assert whole_words("น้ำ") == ["น้", "้ำ"]
    assert whole_words("공기청정기 2대") == ["공기청정기", "2대"]


def test_order_of_rows_leaves_no_trace():
    frame = catalogue().rename(columns={"what": "item"})
    again = features_of(frame.sample(frac=1.0, random_state=1))
    assert (features_of(frame) != again).nnz == 0


def test_no_features_is_refused():
    with pytest.raises(DataError, match=r"ContentRecommender: .* Give one row per item: fit\(log"):
        ContentRecommender().fit(log_of(lines()))
    bare = catalogue()[["what"]]
    with pytest.raises(DataError, match=r"items= tells no text, category or number .* \[\]"):
        ContentRecommender().fit(log_of(lines()), bare)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"text": "name"}, "text must be a list of columns of the items or None, got 'name'"),
        ({"text": ["nam"]}, "column 'nam' not found. Did you mean text='name'"),
        ({"number": ["name"]}, "item column 'name' holds words, not numbers"),
        ({"characters": -0.1}, "characters must be a finite number of at least 0"),
        ({"characters": 1.5}, "characters must be a share from 0 to 1, got 1.5"),
        ({"k": 0}, "k must be a whole number of at least 1"),
    ],
)
def test_parameters_are_checked(given, message):
    with pytest.raises(DataError, match=message):
        ContentRecommender(**given).fit(log_of(lines()), catalogue())
