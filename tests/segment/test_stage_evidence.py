"""What stages rest on besides silence."""

from math import comb

import numpy as np
import pytest

from crmkit.segment._stage_evidence import at_least


@pytest.mark.parametrize("both", [0, 1, 2, 7, 30])
def test_the_chance_of_so_many_is_the_share_of_all_coin_tosses(both):
    recent = np.arange(both + 1)
    wanted = [sum(comb(both, k) for k in range(n, both + 1)) / 2**both for n in recent.tolist()]
    np.testing.assert_allclose(at_least(recent, np.full(both + 1, both)), wanted, rtol=1e-13)
