"""Kinds of columns: found once, applied alike to customers that were not seen."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit._frames import MixedColumn
from crmkit._mixed_columns import is_numeric_text, names_of, read_columns
from crmkit.churn._table_encoder import (
    encode,
    learn_columns,
    left_aside,
    used_places,
    weighted_quantile,
)
from crmkit.exceptions import DataError


def learn(frame, weight=None):
    weight = np.ones(len(frame)) if weight is None else np.asarray(weight)
    columns = read_columns(frame, None, "Model")
    return learn_columns(columns, names_of(frame, "Model"), weight, True, "Model")


def apply(frame, learnt):
    return encode(read_columns(frame, used_places(learnt), "Model"), learnt, "Model")


def kinds(frame):
    return {each["name"]: each["kind"] for each in learn(frame)}


def test_words_become_codes_in_order_and_unseen_ones_zero():
    learnt = learn(pd.DataFrame({"plan": ["b", "a", "b", None]}))
    assert learnt[0]["levels"] == ["(missing)", "a", "b"]
    table = apply(pd.DataFrame({"plan": ["a", "b", "new", " "]}), learnt)
    assert table.x.ravel().tolist() == [2.0, 3.0, 0.0, 1.0]
    assert table.levels == (3,)


def test_rare_words_share_a_code_with_unseen_ones():
    learnt = learn(pd.DataFrame({"plan": ["a"] * 500 + ["b"] * 490 + ["c"] * 9 + ["d"]}))
    assert learnt[0]["levels"] == ["a", "b", "(other)"]
    table = apply(pd.DataFrame({"plan": ["c", "d", "new", "a"]}), learnt)
    assert table.x.ravel().tolist() == [3.0, 3.0, 3.0, 1.0]


def test_a_weight_counts_like_rows():
    frame = pd.DataFrame({"plan": ["a", "b", "c"], "x": [1.0, 2.0, 3.0]})
    weight = np.array([600, 500, 3])
    repeated = frame.loc[np.repeat([0, 1, 2], weight)]
    assert learn(frame, weight.astype(float)) == learn(repeated)


def test_numbers_stored_as_text_with_blanks():
    learnt = learn(pd.DataFrame({"charges": ["29.85", " ", "1e2", "-3"]}))
    assert (learnt[0]["kind"], learnt[0]["why"]) == ("number", "numbers stored as text")
    table = apply(pd.DataFrame({"charges": [" 5 ", ""]}), learnt)
    np.testing.assert_array_equal(table.x.ravel(), [5.0, np.nan])


@pytest.mark.parametrize(
    ("words", "numeric"),
    [
        (["1", "2.5"], True),
        (["007", "12"], False),
        (["0", "0.5"], True),
        (["a", "1"], False),
        ([" ", None], False),
        (["nan", "1"], False),
    ],
)
def test_which_text_holds_numbers(words, numeric):
    assert is_numeric_text(np.array(words, dtype=object)) is numeric


def test_a_number_missing_for_the_first_time_is_the_median():
    learnt = learn(pd.DataFrame({"x": [1.0, 2.0, 9.0]}))
    assert apply(pd.DataFrame({"x": [np.nan, 4.0]}), learnt).x.ravel().tolist() == [2.0, 4.0]


def test_identifiers_are_left_aside():
    n = 300
    frame = pd.DataFrame(
        {
            "customerID": [f"{i:04d}-X" for i in range(n)],
            "account_id": np.arange(n) * 7,
            "RowNumber": np.arange(1, n + 1),
            "spend": np.arange(n) * 7,
            "days_since_last": np.arange(n),
            "text_spend": [str(i + 0.5) for i in range(n)],
            "plan_id": np.arange(n) % 3,
            "paid": np.arange(n) % 2,
        }
    )
    assert kinds(frame) == {
        "customerID": "aside",
        "account_id": "aside",
        "RowNumber": "aside",
        "spend": "number",
        "days_since_last": "number",
        "text_spend": "number",
        "plan_id": "category",
        "paid": "number",
    }
    assert "'account_id' (looks like an identifier (300 distinct values))" in left_aside(
        learn(frame)
    )


def test_constants_instants_and_lists_are_left_aside():
    frame = pd.DataFrame(
        {
            "one": [1, 1, 1],
            "word": ["a"] * 3,
            "none": [None] * 3,
            "day": pd.to_datetime(["2024-01-01"] * 3),
            "x": [1, 2, 3],
        }
    )
    learnt = learn(frame)
    assert [each["kind"] for each in learnt] == ["aside"] * 4 + ["number"]
    assert left_aside(learnt) == "'day' (holds instants: turn them into days before the cut-off)"


def test_a_column_with_one_value_and_gaps_is_used():
    assert kinds(pd.DataFrame({"x": [1.0, np.nan, 1.0]})) == {"x": "number"}


def test_nothing_left():
    with pytest.raises(DataError, match=r"Model: no column is left to learn from: 'x' \(constant"):
        learn(pd.DataFrame({"x": [1, 1]}))


def test_words_where_numbers_were():
    learnt = learn(pd.DataFrame({"x": [1.0, 2.0]}))
    with pytest.raises(DataError, match=r"'x' held numbers in fit and now holds 'b' \(row 1\)"):
        apply(pd.DataFrame({"x": ["3", "b"]}), learnt)


def test_infinite_numbers_are_counted():
    with pytest.raises(DataError, match=r"'x' has 2 infinite values \(first at row 1\)"):
        learn(pd.DataFrame({"x": [1.0, np.inf, -np.inf]}))


def test_whole_numbers_of_words_agree_in_every_type():
    learnt = learn(pd.DataFrame({"plan_id": [1, 2, 1, 2]}))
    assert learnt[0]["levels"] == ["1", "2"]
    for values in ([1.0, 2.0], ["1", "2"], [1, 2]):
        assert apply(pd.DataFrame({"plan_id": values}), learnt).x.ravel().tolist() == [1.0, 2.0]


def test_weighted_quantiles_are_observed_values():
    values, weight = np.array([3.0, 1.0, 2.0]), np.array([2.0, 1.0, 1.0])
    shares = np.array([0.0, 0.25, 0.5, 0.51, 1.0])
    assert weighted_quantile(values, weight, shares).tolist() == [1, 1, 2, 3, 3]
    repeated = np.repeat(values, weight.astype(int))
    assert weighted_quantile(repeated, np.ones(4), shares).tolist() == [1, 1, 2, 3, 3]


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(1, 4)), min_size=1, max_size=30))
def test_a_weight_is_a_repeated_row_in_every_quantile(pairs):
    values, weight = np.array(pairs, dtype=float).T
    shares = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    repeated = np.repeat(values, weight.astype(int))
    np.testing.assert_array_equal(
        weighted_quantile(values, weight, shares),
        weighted_quantile(repeated, np.ones(len(repeated)), shares),
    )


@given(
    st.lists(st.one_of(st.none(), st.text(max_size=3)), min_size=2, max_size=40),
    st.lists(st.one_of(st.none(), st.text(max_size=3)), min_size=1, max_size=10),
)
def test_words_of_any_kind_get_codes_within_their_levels(seen, new):
    frame = pd.DataFrame({"word": seen, "x": range(len(seen))}).astype({"word": object})
    learnt = learn(frame)
    if learnt[0]["kind"] != "category":
        return
    asked = pd.DataFrame({"word": new, "x": range(len(new))}).astype({"word": object})
    table = apply(asked, learnt)
    assert ((table.x[:, 0] >= 0) & (table.x[:, 0] <= table.levels[0])).all()
    codes = apply(frame, learnt).x[:, 0]
    assert (codes >= 1).all()


def test_an_unseen_word_counts_as_the_most_typical_level():
    frame = pd.DataFrame({"plan": ["a"] * 10 + ["b"] * 10 + ["c"] * 20, "n": range(40)})
    columns, names = read_columns(frame, None, "Model"), names_of(frame, "Model")
    churned = np.repeat([0.0, 1.0, 0.5, 0.5], 10)
    learnt = learn_columns(columns, names, np.ones(40), True, "Model", churned)
    assert learnt[0]["typical"] == 3
    table = apply(pd.DataFrame({"plan": ["a", "new"], "n": [0, 0]}), learnt)
    assert table.x[:, 0].tolist() == [1.0, 0.0]
    assert table.with_typical.tolist() == [[1.0, 0.0], [3.0, 0.0]]
    assert learn(frame)[0]["typical"] == 3, "without labels the commonest level"


def test_instants_where_numbers_or_words_were():
    learnt = learn(pd.DataFrame({"age": [1.0, 2.0], "plan": ["a", "b"]}))
    for name, kind in (("age", "numbers"), ("plan", "words")):
        frame = pd.DataFrame({"age": [1.0, 2.0], "plan": ["a", "b"]})
        frame[name] = pd.Timestamp("2024-01-01")
        with pytest.raises(DataError, match=f"'{name}' held {kind} in fit and now holds instants"):
            apply(frame, learnt)


def test_words_for_infinity_are_no_numbers():
    learnt = learn(pd.DataFrame({"total": ["1.5", "2"]}))
    with pytest.raises(DataError, match=r"now holds 'inf' \(row 1\)"):
        apply(pd.DataFrame({"total": ["1.5", "inf"]}), learnt)


def test_categories_of_floats_are_the_words_of_the_numbers():
    category = pd.Series([1.0, 2.0, 1.0, 2.5]).astype("category")
    learnt = learn(pd.DataFrame({"zone": category}))
    assert learnt[0]["levels"] == ["1", "2", "2.5"]


def test_formatted_numbers_are_told_from_identifiers():
    table = pd.DataFrame({"total": [f"{i:,}.50" for i in range(900, 1100)], "a": range(200)})
    learnt = learn(table)
    assert learnt[0]["kind"] == "aside"
    assert "'total' (holds formatted numbers such as '900.50'" in left_aside(learnt)


def test_tables_of_numbers_alone_are_encoded_as_beside_words():
    values = np.array([1.0, np.nan, 3.0])
    columns = [MixedColumn("number", values), MixedColumn("number", values[::-1])]
    words = MixedColumn("text", np.array(["a", "b", "a"], dtype=object))
    learnt = [
        {"name": "full", "kind": "number", "gaps": False, "fill": 9.0, "levels": [], "typical": 0},
        {"name": "holey", "kind": "number", "gaps": True, "fill": 9.0, "levels": [], "typical": 0},
        {"name": "w", "kind": "category", "levels": ["a", "b"], "typical": 1},
    ]
    alone = encode(columns, learnt[:2], "t")
    beside = encode([*columns, words], learnt, "t")
    np.testing.assert_array_equal(alone.x, beside.x[:, :2])
    assert alone.x[1].tolist()[0] == 9.0
    assert np.isnan(alone.x[1, 1])
    with pytest.raises(DataError, match=r"t: 'holey' has 2 infinite values .first at row 0."):
        encode([columns[0], MixedColumn("number", values * np.inf)], learnt[:2], "t")
