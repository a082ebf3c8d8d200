"""Checks of scikit-learn that ask nothing of the data: constructor, parameters, clone, repr."""

from sklearn.utils.estimator_checks import estimator_checks_generator

STATIC = {
    f"check_{name}"
    for name in (
        "estimator_cloneable",
        "estimator_tags_renamed",
        "valid_tag_types",
        "estimator_repr",
        "no_attributes_set_in_init",
        "do_not_raise_errors_in_init_or_set_params",
        "mixin_order",
        "parameters_default_constructible",
        "get_params_invariance",
        "set_params",
    )
}


def run_static_checks(model):
    """Run them on a model of any input; fails if scikit-learn has fewer of them than it had."""
    ran = set()
    for estimator, check in estimator_checks_generator(model):
        if check.func.__name__ in STATIC:
            check(estimator)
            ran.add(check.func.__name__)
    assert len(ran) >= 9, ran
