"""Which engine holds a frame: rows of Spark stay where they are, so it is asked for by name."""

import pandas as pd

from crmkit._frames._native import Frame, wrap
from crmkit._frames._plain import PlainFrame


def is_pyspark(frame: Frame) -> bool:
    """Tell whether a wrapped frame is one of Spark, classic or by Connect."""
    return frame.implementation.is_pyspark() or frame.implementation.is_pyspark_connect()


def is_spark(data: object) -> bool:
    """Tell whether a frame is one of Spark."""
    if isinstance(data, (PlainFrame, pd.DataFrame)):
        return False
    return is_pyspark(wrap(data, "crmkit"))
