"""Reading transactions: ids stay text, dates as stated, products, and every refusal."""

import gzip
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crmkit.cli._transactions import Columns, CsvStyle, read_transactions
from crmkit.exceptions import DataError

COLUMNS = Columns("id", "day", "money")
CSV = "id,day,money,note\n007,2024-01-05,10.5,x\n,2024-01-06,3,\nNA,2024-02-01 10:30,0,z\n"


def written(tmp_path: Path, text: str, name: str = "sales.csv", encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding=encoding)
    return path


def test_ids_stay_text_and_only_empty_ones_are_missing(tmp_path):
    frame = read_transactions(written(tmp_path, CSV), COLUMNS)
    assert list(frame.columns) == ["id", "day", "money", "note"]
    assert frame["id"].tolist()[::2] == ["007", "NA"]
    assert frame["id"].isna().tolist() == [False, True, False]
    assert frame["money"].tolist() == [10.5, 3.0, 0.0]
    assert frame["day"].tolist() == list(
        pd.to_datetime(["2024-01-05 00:00", "2024-01-06 00:00", "2024-02-01 10:30"])
    )


def test_an_amount_may_be_a_product(tmp_path):
    path = written(tmp_path, "id,day,n,price\na,2024-01-05,2,1.5\nb,2024-01-05,-1,4\n")
    frame = read_transactions(path, Columns("id", "day", "n * price"))
    assert frame["n * price"].tolist() == [3.0, -4.0]


def test_a_column_whose_name_holds_a_star_is_itself(tmp_path):
    path = written(tmp_path, "id,day,a*b\nx,2024-01-05,7\n")
    assert read_transactions(path, Columns("id", "day", "a*b"))["a*b"].tolist() == [7.0]


def test_columns_that_are_not_read_may_share_a_name(tmp_path):
    path = written(tmp_path, "id,day,money,note,note,\n1,2024-01-05,2,a,b,c\n")
    assert read_transactions(path, COLUMNS)["money"].tolist() == [2.0]


def test_orders_and_items_stay_text(tmp_path):
    path = written(tmp_path, "id,day,money,o,i\n1,2024-01-05,2,01,002\n")
    frame = read_transactions(path, Columns("id", "day", "money", order="o", item="i"))
    assert frame.loc[0, ["o", "i"]].tolist() == ["01", "002"]


def test_decimal_commas_separators_encodings_and_packed_files(tmp_path):
    text = "id;day;money\nJürgen;05.01.2024;1,5\n"
    path = tmp_path / "sales.csv.gz"
    path.write_bytes(gzip.compress(text.encode("latin-1")))
    style = CsvStyle(sep=";", decimal=",", encoding="latin-1")
    frame = read_transactions(path, COLUMNS, date_format="%d.%m.%Y", style=style)
    assert frame.loc[0].tolist() == ["Jürgen", pd.Timestamp("2024-01-05"), 1.5]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path):
    path = written(tmp_path, CSV, encoding="utf-8-sig")
    assert len(read_transactions(path, COLUMNS)) == 3


def test_whole_days_written_as_numbers(tmp_path):
    path = written(tmp_path, "id,day,money\n1,19970101,2\n")
    assert read_transactions(path, COLUMNS)["day"][0] == pd.Timestamp("1997-01-01")


def test_parquet_keeps_kinds_and_mends_ids_that_became_floats(tmp_path):
    path = tmp_path / "sales.parquet"
    times = pd.to_datetime(["2024-01-05", "2024-01-06"])
    pd.DataFrame({"id": [17.0, np.nan], "day": times, "money": [1, 2], "x": 0}).to_parquet(path)
    frame = read_transactions(path, COLUMNS)
    assert frame["id"][0] == "17"
    assert frame["id"].isna().tolist() == [False, True]
    assert frame["day"].tolist() == list(times)
    assert frame["money"].dtype == "float64"
    pd.DataFrame({"id": [1, 2], "day": ["2024-01-05"] * 2, "money": [1, 2]}).to_parquet(path)
    frame = read_transactions(path, COLUMNS)
    assert frame["id"].tolist() == [1, 2]
    assert frame["day"][0] == pd.Timestamp("2024-01-05")


REFUSED = {
    "no such column": (
        "Id_,day,money\n1,2024-01-05,2\n",
        r"crmkit report: column 'id' not found\. Did you mean --customer='Id_'\? Columns",
    ),
    "no such amount": ("id,day,price\n1,2024-01-05,2\n", "column 'money' not found. Name it with"),
    "other separator": (
        "id;day;money\n1;2024-01-05;2\n",
        r"Columns: \['id;day;money'\]\. The header looks parted by ';': pass --sep ';'\.",
    ),
    "ambiguous dates": (
        "id,day,money\n1,2024-01-05,2\n1,03/04/2024,2\n",
        r"column 'day' has 1 values that are not ISO 8601 dates \(first in data row 2: '03/04/2024",
    ),
    "text amounts": (
        "id,day,money\n1,2024-01-05,2\n1,2024-01-05,EUR 3\n",
        r"column 'money' has 1 values that are no numbers \(first in data row 2: 'EUR 3'\)\. Rem",
    ),
    "no rows": ("id,day,money\n", r"sales\.csv has no rows of data"),
    "nothing at all": ("", r"sales\.csv is empty: it has no header and no rows\."),
    "two columns of one name": (
        "id,day,money,money\n1,2024-01-05,2,3\n",
        "the header of sales.csv names column 'money' 2 times. Rename those that are not meant",
    ),
    "ragged": (
        "id,day,money\n1,2024-01-05,2\n1,2024-01-05,2,3,4,5\n",
        r"sales\.csv cannot be read as CSV: .*Expected 3 fields in line 3, saw 6",
    ),
    "a comma at the end of each line": (
        "id,day,money\n1,2024-01-05,2,\n1,2024-01-05,2,\n",
        r"and take separators off the ends of lines\.",
    ),
    "long lines": (
        "id,day,money\n1,2024-01-05,2,3\n1,2024-01-05,2\n",
        r"sales\.csv has lines with more fields than its header\. Quote text that holds the sepa",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_say_what_and_where(case, tmp_path):
    text, message = REFUSED[case]
    if "comma" in case and pd.__version__ < "3.1":
        pytest.skip("pandas before 3.1 leaves out the empty fields, which does no harm")
    with pytest.raises(DataError, match=message):
        read_transactions(written(tmp_path, text), COLUMNS)


@pytest.mark.parametrize(
    ("dates", "hint"),
    [
        (["03/04/2024", "05/06/2024"], "fit --date-format '%d/%m/%Y' and --date-format '%m/%d/%Y'"),
        (["13/04/2024", "05/06/2024"], "All of them fit --date-format '%d/%m/%Y': say which is"),
        (["5. Mai 2024"], "Say how they are written, such as --date-format '%d/%m/%Y'."),
    ],
)
def test_formats_are_told_and_never_chosen(dates, hint, tmp_path):
    text = "id,day,money\n" + "".join(f"1,{d},2\n" for d in dates)
    with pytest.raises(DataError) as caught:
        read_transactions(written(tmp_path, text), COLUMNS)
    assert hint in str(caught.value)


def test_a_format_that_does_not_fit_is_told(tmp_path):
    with pytest.raises(DataError, match=r"has 3 values that are not written as '%d/%m/%Y' \(first"):
        read_transactions(written(tmp_path, CSV), COLUMNS, date_format="%d/%m/%Y")


def test_the_wrong_encoding_is_told(tmp_path):
    path = written(tmp_path, "id,day,money\nJürgen,2024-01-05,2\n", encoding="latin-1")
    with pytest.raises(DataError, match=r"is not written in utf-8-sig .* such as --encoding latin"):
        read_transactions(path, COLUMNS)
    with pytest.raises(DataError, match="cannot be read as CSV: unknown encoding: klingon"):
        read_transactions(path, COLUMNS, style=CsvStyle(encoding="klingon"))


def test_other_kinds_of_file_are_refused(tmp_path):
    with pytest.raises(
        DataError, match=r"sales\.xlsx ends in '\.xlsx'\. Files that can be read: \."
    ):
        read_transactions(written(tmp_path, "x", "sales.xlsx"), COLUMNS)
    with pytest.raises(DataError, match=r"sales\.parquet cannot be read as parquet"):
        read_transactions(written(tmp_path, "no parquet at all", "sales.parquet"), COLUMNS)


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods"])
def test_excel_is_told_how_to_export(ending, tmp_path):
    with pytest.raises(DataError, match=r'"Save As" as "CSV UTF-8 .* --sep \';\' --decimal ,'):
        read_transactions(written(tmp_path, "x", f"sales.{ending}"), COLUMNS)


@pytest.mark.parametrize("amount", ["2.037", "1.234,56"])
def test_points_are_refused_where_commas_are_decimal(amount, tmp_path):
    path = written(tmp_path, f"id;day;money\na;2024-01-01;{amount}\nb;2024-01-02;3\n")
    with pytest.raises(DataError, match=rf"values that are no numbers .*'{re.escape(amount)}'"):
        read_transactions(path, COLUMNS, style=CsvStyle(sep=";", decimal=","))


def test_yes_and_no_are_no_amounts(tmp_path):
    path = written(tmp_path, "id,day,money\na,2024-01-01,True\nb,2024-01-02,False\n")
    with pytest.raises(DataError, match="column 'money' holds yes and no, not numbers"):
        read_transactions(path, COLUMNS)


def test_offsets_may_change_with_the_season(tmp_path):
    text = "id,day,money\na,2024-01-01T09:00+01:00,1\na,2024-07-01T09:00+02:00,1\n"
    times = read_transactions(written(tmp_path, text), COLUMNS)["day"]
    assert times.dt.hour.tolist() == [8, 7]
    assert str(times.dt.tz) == "UTC"
    mixed = written(tmp_path, text + "a,2024-07-02T09:00,1\n")
    with pytest.raises(DataError, match=r"mixes times with and without an offset|not ISO 8601"):
        read_transactions(mixed, COLUMNS)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv.zip", b"PK nonsense"), ("a.csv.xz", b"nonsense"), ("a.csv.gz", b"\x1f\x8b\x08\x00ab")],
)
def test_a_damaged_archive_is_told(name, content, tmp_path):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises((DataError, OSError)) as error:
        read_transactions(path, COLUMNS)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("style", [{"sep": "(("}, {"sep": ""}, {"decimal": ",,"}, {"decimal": ""}])
def test_marks_are_one_character(style, tmp_path):
    path = written(tmp_path, "id,day,money\na,2024-01-01,1\n")
    with pytest.raises(DataError, match=r"--(sep|decimal) must be one character, got"):
        read_transactions(path, COLUMNS, style=CsvStyle(**style))
