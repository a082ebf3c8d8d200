"""What is worked out of a fitted array once."""

import gc

import numpy as np

from crmkit._kept_with import _KEPT, kept_with


def test_it_is_made_once_for_an_array_and_anew_for_another():
    made = []

    def make():
        made.append(object())
        return made[-1]

    one, other = np.arange(3.0), np.arange(3.0)
    assert kept_with(one, make) is kept_with(one, make) is made[0]
    assert kept_with(other, make) is made[1]
    assert len(made) == 2


def test_it_goes_with_the_array():
    fitted = np.arange(3.0)
    key = id(fitted)
    kept_with(fitted, lambda: "made")
    assert key in _KEPT
    del fitted
    gc.collect()
    assert key not in _KEPT
