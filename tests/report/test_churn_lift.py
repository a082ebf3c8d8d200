"""Lift against simple rules: equal to the metric, the interval around it, read aloud."""

import pytest

from crmkit.metrics import lift_at
from crmkit.report._churn_lift import SHARES, caught, forecasts, picture, table, told
from tests.report._churned import check


@pytest.fixture(scope="module")
def tested():
    return check()


def test_the_recipe_stands_beside_every_rule(tested):
    assert forecasts(tested) == [tested.models[0], *tested.baselines]
    made = table(tested)
    assert made.headings[5:] == [f"lift of {name}" for name in tested.baselines]
    for row, share in zip(made.rows, SHARES, strict=True):
        own, low_high = row[3].value, row[4].value
        want = lift_at(tested.y, tested.probabilities[tested.models[0]], share=share)
        assert own == pytest.approx(want)
        assert low_high[0] <= own <= low_high[1]
        assert row[0].value == share
        for cell, name in zip(row[5:], tested.baselines, strict=True):
            assert cell.value == pytest.approx(
                lift_at(tested.y, tested.probabilities[name], share=share)
            )


def test_a_share_is_read_aloud(tested):
    (said,) = told(tested)
    gain, lift = caught(tested, tested.models[0], 0.2)
    assert gain == pytest.approx(0.2 * lift)
    assert f"reaches {100 * gain:.0f}\N{NO-BREAK SPACE}% of those who then left" in said


def test_the_picture_says_what_it_shows(tested):
    made = picture(tested)
    assert "of those who left that they hold upwards" in made.alt
    assert made.source.startswith("data:image/svg+xml,")
