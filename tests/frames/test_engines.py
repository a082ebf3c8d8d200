"""Which engine holds a frame."""

import pandas as pd
import pytest

from crmkit import _frames
from crmkit.exceptions import DataError
from tests.contracts.frame_kinds import FRAMES
from tests.contracts.spark_session import to_spark, why_not

TABLE = pd.DataFrame({"x": [1, 2]})


@pytest.mark.parametrize("kind", FRAMES)
def test_not_of_spark(kind):
    assert not _frames.is_spark(FRAMES[kind](TABLE))
    assert _frames.held(FRAMES[kind](TABLE), "me") is not None


@pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
def test_of_spark():
    assert _frames.is_spark(to_spark(TABLE))
    assert _frames.adds_up(to_spark(TABLE))
    with pytest.raises(DataError, match=r"^me: the rows are read one by one.*frame\.toArrow\(\)"):
        _frames.held(to_spark(TABLE), "me")


def test_no_frame():
    with pytest.raises(DataError, match="crmkit: a frame is needed"):
        _frames.is_spark([1, 2])
