"""Reading records: everything stays text, missing columns and other separators are told."""

import pandas as pd
import pytest

from crmkit.cli._records import read_records
from crmkit.cli._transactions import CsvStyle
from crmkit.exceptions import DataError


def test_everything_stays_text(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("id,phone,city\n007,0049,NA\n008,,York\n")
    frame = read_records(path, "id", CsvStyle())
    assert frame["id"].tolist() == ["007", "008"]
    assert frame["phone"].isna().tolist() == [False, True]
    assert frame.loc[0, ["phone", "city"]].tolist() == ["0049", "NA"]


def test_parquet_is_read(tmp_path):
    path = tmp_path / "people.parquet"
    pd.DataFrame({"id": [1, 2], "city": ["York", None]}).to_parquet(path)
    assert read_records(path, "id", CsvStyle())["id"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ID,city\n1,York\n", r"column 'id' not found\. Did you mean --record-id='ID'\?"),
        ("id;city\n1;York\n", r"The header looks parted by ';': pass --sep ';'"),
        ("id,city\n", r"people\.csv has no rows of data"),
        ("", r"people\.csv is empty: it has no header and no rows\."),
        ("id,id\n1,2\n", "the header of people.csv names column 'id' 2 times. Rename those"),
    ],
)
def test_faults_are_told(text, message, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_records(path, "id", CsvStyle())


def test_what_cannot_be_read_is_told(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("id,name\n1,Jürgen\n", encoding="latin-1")
    with pytest.raises(DataError, match="such as --encoding latin-1"):
        read_records(path, "id", CsvStyle())
    path = tmp_path / "people.parquet"
    path.write_text("no parquet")
    with pytest.raises(DataError, match="cannot be read as parquet"):
        read_records(path, "id", CsvStyle())
