"""Groups: errors told from groups with several right values; votes on cells."""

import numpy as np
import pytest

from crmkit.cleaning._quality._groups import (
    GroupSizes,
    exceptions,
    fit_groups,
    fit_together,
    learn_votes,
    votes,
)
from tests.cleaning.quality.columns import columns


def sizes(*groups):
    return GroupSizes(*(np.array(part, dtype=np.int64) for part in zip(*groups, strict=True)))


def table(postcodes, cities, **more):
    return columns(postcode=("postcode", postcodes), city=("city", cities), **more)


def learnt(made, **how):
    return learn_votes([made["postcode"]], made["city"], **how)


def test_scattered_departures_are_errors():
    model = fit_groups(sizes(*[(20, 20, 0)] * 20, *[(20, 19, 1)] * 10))
    assert model.error == pytest.approx(10 / 600, abs=0.01)
    assert model.mixed < 0.05


def test_departures_that_agree_are_other_right_values():
    model = fit_groups(sizes(*[(20, 20, 0)] * 20, *[(20, 11, 9)] * 10))
    assert model.mixed == pytest.approx(1 / 3, abs=0.05)
    assert model.error < 0.01


def test_groups_of_one_thing_learn_how_errors_agree():
    assert fit_together(sizes(*[(10, 6, 4)] * 10)).agree > 0.7
    assert fit_together(sizes(*[(10, 6, 1)] * 10)).agree < 0.3
    assert fit_together(sizes(*[(10, 6, 4)] * 10)).mixed == 0.0


def test_the_minority_is_wrong_and_the_majority_expected():
    made = table(["1"] * 9 + ["2"] * 9, ["Ulm"] * 8 + ["Umm"] + ["Bonn"] * 9)
    found = votes(learnt(made), made)
    assert found.wrong[8] > 2.0
    assert (np.delete(found.wrong, 8) < -2.0).all()
    assert [learnt(made)["spelling"][n] for n in found.expected[[0, 8, 9]]] == [
        "Ulm",
        "Ulm",
        "Bonn",
    ]


def test_ties_lone_rows_and_unknown_groups_expect_nothing():
    made = table(["1", "1", "2", None], ["Ulm", "Bonn", "Ulm", "Ulm"])
    found = votes(learnt(made), made)
    assert found.expected.tolist() == [-1, -1, -1, -1]
    assert found.wrong[2:].tolist() == [0.0, 0.0]
    new = table(["7"], ["Ulm"])
    assert votes(learnt(made), new).wrong.tolist() == [0.0]


def test_missing_cells_get_an_expectation_and_no_blame():
    made = table(["1"] * 6, ["Ulm"] * 5 + [None])
    found = votes(learnt(made), made)
    assert found.wrong[5] == 0.0
    assert found.expected[5] == 0


def test_what_was_learnt_holds_for_new_rows():
    made = table(["1"] * 9 + ["2"] * 9, ["Ulm"] * 9 + ["Bonn"] * 9)
    new = table(["2", "1", "2"], ["BONN", "Neu", "Ulm"])
    found = votes(learnt(made), new)
    assert found.wrong[0] < 0 < found.wrong[2] < found.wrong[1]  # Ulm is a city elsewhere


def test_a_dependency_can_be_kept_to_rows_that_lack_another_value():
    made = table(["1"] * 6, ["Ulm"] * 5 + ["Umm"], state=("state", ["BW"] * 5 + [None]))
    found = votes(learnt(made, only_without=["state"]), made)
    assert found.wrong[:5].tolist() == [0.0] * 5
    assert found.wrong[5] > 0


def test_copied_votes_count_less():
    codes = [str(10_000 + n // 10) for n in range(100)]
    copied = table(codes, (["A"] * 7 + ["B"] * 3) * 10)
    scattered = table(
        codes, [v for n in range(10) for v in ["A"] * 7 + [f"x{n}", f"y{n}", f"z{n}"]]
    )
    sure = [votes(learnt(made, together=True), made).sure[0] for made in (copied, scattered)]
    assert 0.0 < sure[0] < 1.5 < 3.0 < sure[1]


def test_departures_that_are_all_of_one_kind_are_a_rule():
    codes = ["1"] * 40 + ["2"] * 40
    cities = ["Ulm"] * 36 + ["Neu"] * 4 + ["Bonn"] * 40
    sites = ["a"] * 36 + ["b"] * 4 + ["a"] * 40
    made = table(codes, cities, site=("category", sites))
    group = learnt(made)
    group["mixed"] = 0.0
    found = exceptions(group, made)
    assert list(found) == ["site"]
    group["except"] = found
    assert votes(group, made).wrong[36:40].tolist() == [0.0] * 4
