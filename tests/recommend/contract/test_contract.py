"""Every recommender keeps every contract."""

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from crmkit import recommend
from crmkit.recommend._recommender import Recommender
from tests.recommend.contract import suite
from tests.recommend.contract.models import MODELS

STATIC = {
    f"check_{name}"
    for name in (
        "estimator_cloneable",
        "estimator_tags_renamed",
        "valid_tag_types",
        "estimator_repr",
        "no_attributes_set_in_init",
        "estimators_unfitted",
        "do_not_raise_errors_in_init_or_set_params",
        "mixin_order",
        "parameters_default_constructible",
        "get_params_invariance",
        "set_params",
    )
}


@pytest.mark.parametrize("check", suite.ALL, ids=lambda f: f.__name__)
@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_contract(model, check):
    check(model)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_static_checks_of_scikit_learn(model):
    ran = []
    for estimator, check in estimator_checks_generator(model):
        if check.func.__name__ in STATIC - {"check_estimators_unfitted"}:
            check(estimator)
            ran.append(check.func.__name__)
    assert len(set(ran)) >= 9, ran


def test_the_suite_is_whole():
    assert len(suite.ALL) == 48


def test_every_recommender_is_in_the_list():
    public = [getattr(recommend, name) for name in recommend.__all__]
    kinds = {t for t in public if isinstance(t, type) and issubclass(t, Recommender)}
    assert kinds <= {type(model) for model in MODELS}
