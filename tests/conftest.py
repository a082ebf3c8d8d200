"""Real data that the repository does not hold, from the folder in CRMKIT_DATA; no time limits."""

import os
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings

import crmkit as ck

settings.register_profile("crmkit", settings(), deadline=None)  # what time it takes proves nothing
settings.load_profile("crmkit")


@pytest.fixture(scope="session")
def data_folder():
    folder = os.environ.get("CRMKIT_DATA")
    if not folder:
        pytest.skip("CRMKIT_DATA is not set: it names a folder of real data sets")
    return Path(folder)


@pytest.fixture(scope="session")
def online_retail_lines(data_folder):
    """UCI Online Retail (UCI 352): invoice lines of a British gift shop, 2010-12 to 2011-12."""
    lines = pd.read_parquet(data_folder / "transactions" / "online_retail_2010_2011.parquet")
    lines = lines[lines["CustomerID"].notna()]
    return lines.assign(Revenue=lines["Quantity"] * lines["UnitPrice"])


def _log(lines, returns):
    return ck.EventLog(
        lines, "CustomerID", "InvoiceDate", "Revenue", "InvoiceNo", "StockCode", returns=returns
    )


@pytest.fixture(scope="session")
def online_retail(online_retail_lines):
    return _log(online_retail_lines, "exclude")


@pytest.fixture(scope="session")
def online_retail_net(online_retail_lines):
    return _log(online_retail_lines, "net")
