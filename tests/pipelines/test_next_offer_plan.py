"""What the offers are judged by, and parameters that need a table of the items."""

import pandas as pd
import pytest

from crmkit.exceptions import DataError
from crmkit.pipelines import NextOffer
from crmkit.pipelines._next_offer_plan import check_parameters, judged_by
from crmkit.recommend import BuyAgain, HybridRecommender, ItemKNN


def test_the_goal_chooses_the_table():
    assert judged_by(NextOffer("repeat"), HybridRecommender("repeat")) == "repeat"
    assert judged_by(NextOffer("explore"), HybridRecommender("explore")) == "new"
    assert judged_by(NextOffer(), HybridRecommender()) == "all"


def test_a_recommender_of_ones_own_chooses_it_too():
    assert judged_by(NextOffer(recommender=ItemKNN()), ItemKNN()) == "new"
    assert judged_by(NextOffer(recommender=BuyAgain()), BuyAgain()) == "all"


@pytest.mark.parametrize("weight", [0, 1, 0.0, 1.0, 0.3])
def test_both_ends_may_be_asked_for(weight):
    check_parameters(NextOffer(variety=weight, margin_weight=weight), None)


def test_what_needs_a_table_of_the_items():
    for asked in (NextOffer(margin="margin"), NextOffer(new_places=[1])):
        check_parameters(asked, pd.DataFrame())
        with pytest.raises(DataError, match="needs a table of the items"):
            check_parameters(asked, None)
