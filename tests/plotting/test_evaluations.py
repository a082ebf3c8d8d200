"""What pictures of evaluations share: styles that differ, simple rules in grey."""

from crmkit.plotting._evaluations import SIMPLE, at_n, styles
from crmkit.recommend._evaluation import SIMPLE as RULES
from tests.plotting._evaluated import FOUND, TABLE


def test_no_two_recommenders_look_alike():
    names = [f"model {i}" for i in range(42)]
    found = styles([*names, *SIMPLE])
    assert len(set(found.values())) == 46
    assert {found[name][2] for name in names} == {"-"}
    assert {found[name][2] for name in SIMPLE} == {"--"}


def test_the_simple_rules_are_those_of_the_evaluation():
    assert set(SIMPLE) == set(RULES)


def test_the_length_of_lists_is_told_where_it_matters():
    assert [at_n(score, FOUND) for score in ("ndcg", "hit_rate", "coverage", "own")] == [
        "NDCG@10",
        "hit rate@10",
        "coverage",
        "own@10",
    ]
    assert at_n("ndcg", TABLE) == "NDCG"
