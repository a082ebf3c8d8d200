"""Saved models: equal answers, no customers inside, no code from strangers, never half a file."""

import contextlib
import inspect
import io as streams
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import warnings
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pytest
import skops.io as sio
from sklearn.base import BaseEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import crmkit as ck
from crmkit import churn, cleaning, clv, pipelines, recommend, segment
from crmkit._model_file import FORMAT, write_model_file
from crmkit._model_types import trusted_types
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError, DataWarning, MissingExtraError, ModelFileError
from tests.contracts.frame_kinds import FRAMES

MARK = "zqmarker"


@pytest.fixture(scope="module")
def shop():
    """A log whose customers carry a mark that nothing else has."""
    made = make_customers(150, random_state=4)
    events = made.events.assign(customer_id=[f"{MARK}{i}" for i in made.events["customer_id"]])
    return ck.EventLog(events, order="order_id", item="product_id")


@pytest.fixture(scope="module")
def model(shop):
    return clv.BetaGeoModel().fit(ck.summarize(shop, unit="W"))


def fitted_models(log):
    """Every public estimator that can be fitted on customers or a log with its defaults."""
    customers = ck.summarize(log)
    found = []
    for package in (churn, clv, pipelines, recommend, segment):
        for name in package.__all__:
            kind = getattr(package, name)
            if not (inspect.isclass(kind) and issubclass(kind, BaseEstimator)):
                continue
            for data in (customers, log):
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        found.append(kind().fit(data))
                    break
                except (TypeError, ValueError, AttributeError):
                    continue
    return found


def test_a_saved_model_predicts_the_same_bits(model, shop, tmp_path):
    path = ck.io.save(model, tmp_path / "model.crmkit")
    customers = ck.summarize(shop, unit="W")
    loaded = ck.io.load(path)
    np.testing.assert_array_equal(loaded.predict(customers, 4), model.predict(customers, 4))
    assert repr(loaded) == repr(model)


def texts_in(path):
    """Everything in the file of a model that could hold a word."""
    with zipfile.ZipFile(path) as outer:
        inner = zipfile.ZipFile(streams.BytesIO(outer.read("model.skops")))
        return [*(inner.read(part) for part in inner.namelist()), outer.read("manifest.json")]


def has_mark(path):
    texts = texts_in(path)
    return any(MARK.encode(code) in text for text in texts for code in ("utf-8", "utf-32-le"))


def test_only_models_that_say_so_hold_customers(shop, tmp_path):
    told, kept, n = set(), set(), 0
    for each in fitted_models(shop):
        name = type(each).__name__
        path = ck.io.save(each, tmp_path / "model.crmkit", customers=True)
        n += 1
        if ck.io.read_manifest(path)["customers"]:
            told.add(name)
        if has_mark(path):
            kept.add(name)
    assert n >= 35
    assert kept == told
    assert {"EASE", "CustomerProfile", "CustomerValuePipeline"} <= told
    assert not told & {"BetaGeoModel", "ChurnPipeline", "BehaviourSegmenter", "UnusualBehaviour"}


@pytest.fixture(scope="module")
def marked_records():
    """Records whose names, streets and e-mails begin with a word that only three records share."""
    records = make_customers(400, duplicates=0.3, random_state=4).records
    for name in ("first_name", "last_name", "street", "email"):
        said = records[name].notna()
        words = [
            MARK + "".join(chr(97 + int(digit)) for digit in str(row // 3))
            for row in range(len(said))
        ]
        records.loc[said, name] = [
            f"{word} {value}"
            for word, value in zip(words, records[name], strict=True)
            if value == value
        ]
    return records.assign(entity=np.arange(len(records)) // 2, spend=np.arange(len(records)) / 7)


@pytest.mark.parametrize(
    ("model", "holds"),
    [
        (cleaning.Deduplicator(record="record_id"), True),
        (cleaning.RecordLinker(record="record_id", source="half"), True),
        (cleaning.GoldenRecord(record="record_id"), True),
        (cleaning.RecordNormalizer(record="record_id"), False),
        (cleaning.WrongValueDetector(record="record_id"), True),
        (cleaning.MissingValueImputer(customer="record_id"), False),
    ],
    ids=lambda m: type(m).__name__,
)
def test_cleaning_says_which_of_its_models_hold_customers(model, holds, marked_records, tmp_path):
    records = marked_records.assign(half=np.arange(len(marked_records)) % 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(records)
    path = ck.io.save(model, tmp_path / "m", customers=True)
    assert has_mark(path) is holds
    assert bool(ck.io.read_manifest(path)["customers"]) is holds
    assert repr(ck.io.load(path)) == repr(model)


def test_a_model_with_customers_is_saved_on_request_only(shop, tmp_path):
    offers = recommend.Popularity().fit(shop)
    with pytest.raises(DataError, match=r"Popularity holds data of single customers.*customers=T"):
        ck.io.save(offers, tmp_path / "m")
    assert list(tmp_path.iterdir()) == []
    path = ck.io.save(offers, tmp_path / "m", customers=True)
    pd.testing.assert_frame_equal(ck.io.load(path).recommend(), offers.recommend())


@pytest.mark.parametrize("recommender", [recommend.ItemKNN(), "auto"], ids=["ItemKNN", "auto"])
def test_a_pipeline_can_be_rid_of_its_customers(recommender, shop, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        recipe = pipelines.CustomerValuePipeline(recommender=recommender, behaviour="auto")
        recipe.fit(shop)
    with pytest.raises(DataError, match=r"without_customers\(\)"):
        ck.io.save(recipe, tmp_path / "m")
    assert has_mark(ck.io.save(recipe, tmp_path / "full", customers=True))
    bare = recipe.without_customers()
    path = ck.io.save(bare, tmp_path / "bare", data=shop)
    assert not has_mark(path)
    assert ck.io.read_manifest(path)["customers"] == []
    assert len(recipe.recommender_.customers_), "the fitted one is as it was"
    frame = shop.data.head(60)
    ids = [f"new{i}" for i in frame["customer_id"]]
    strangers = replace(shop, data=frame.assign(customer_id=ids))
    wanted = recipe.transform(strangers, as_of=recipe.as_of_)
    assert "next_offer" in wanted
    pd.testing.assert_frame_equal(
        ck.io.load(path).transform(strangers, as_of=recipe.as_of_), wanted
    )


def test_features_and_labels_are_parts_of_a_model(shop, tmp_path):
    features = [churn.RFM(), churn.Windows(["30D"]), churn.Season(), churn.Gaps()]
    model = churn.ChurnClassifier("spline_logistic", calibrate="none")
    recipe = pipelines.ChurnPipeline("30D", features=features, model=model).fit(shop)
    loaded = ck.io.load(ck.io.save(recipe, tmp_path / "m"))
    pd.testing.assert_frame_equal(loaded.transform(shop), recipe.transform(shop))
    for name in ("Active", "NoPurchase", "SubscriptionEnd", "Returns", "ModelScores"):
        kind = getattr(churn, name)
        assert f"{kind.__module__}.{name}" in trusted_types()
    for name in ("Snapshots", "SnapshotBuilder", "ChurnReport"):
        kind = getattr(churn, name)
        assert f"{kind.__module__}.{name}" not in trusted_types()


def test_a_card_is_kept_as_it_was_told(model, tmp_path):
    card = {"evaluation": {"mae": 0.5, "baseline": None}, "not_for": ["credit", "prices"]}
    assert ck.io.read_manifest(ck.io.save(model, tmp_path / "m", card=card))["card"] == card
    assert ck.io.read_manifest(ck.io.save(model, tmp_path / "m"))["card"] == {}
    for bad in ({"mae": float("nan")}, {"frame": pd.DataFrame()}, {"when": object()}):
        with pytest.raises(DataError, match="card must hold text, numbers, lists and dicts only"):
            ck.io.save(model, tmp_path / "other", card=bad)
    assert not (tmp_path / "other").exists()


def test_models_inside_a_pipeline_of_scikit_learn_are_known(shop, tmp_path):
    columns = ["frequency", "recency", "T"]
    customers = ck.summarize(shop)[columns]
    steps = make_pipeline(StandardScaler(), segment.BehaviourSegmenter(n_segments=3))
    steps.fit(customers)
    loaded = ck.io.load(ck.io.save(steps, tmp_path / "m"))
    assert loaded.predict(customers).tolist() == steps.predict(customers).tolist()


def test_the_manifest_tells_where_a_model_comes_from(model, shop, tmp_path):
    path = ck.io.save(model, tmp_path / "m", data=shop, note="weekly")
    told = ck.io.read_manifest(path)
    assert told["model"].endswith("BetaGeoModel")
    assert told["note"] == "weekly"
    assert told["parameters"] == {k: repr(v) for k, v in model.get_params().items()}
    assert told["data"]["rows"] == len(shop.data)
    assert told["data"]["customers"] == shop.report().n_customers
    assert told["data"]["first_event"] == str(shop.first_event)
    assert list(told["data"]["columns"]) == list(shop.data.columns)
    assert told["versions"]["crmkit"] == ck.__version__
    assert set(told["types"]) <= trusted_types()
    assert told["format"] == FORMAT
    assert told["customers"] == []
    assert MARK not in json.dumps(told)


@pytest.mark.parametrize("kind", FRAMES)
def test_one_table_has_one_hash_in_every_library(kind, model, tmp_path):
    table = pd.DataFrame(
        {
            "customer_id": ["a", None, "ü"],
            "n": [1, 2, 3],
            "x": [0.5, np.nan, 2.0],
            "when": pd.to_datetime(["2024-01-01 00:00", "2024-01-02 03:04", "2024-02-01 05:06"]),
        }
    )
    hashes = [
        ck.io.read_manifest(ck.io.save(model, tmp_path / "m", data=data))["data"]["sha256"]
        for data in (table, FRAMES[kind](table))
    ]
    assert hashes[0] == hashes[1]
    for changed in ({"n": [1, 2, 4]}, {"n": [1, 2, 2**60]}, {"customer_id": ["a", "", "ü"]}):
        other = ck.io.save(model, tmp_path / "m", data=table.assign(**changed))
        assert ck.io.read_manifest(other)["data"]["sha256"] != hashes[0]


def test_large_ids_and_nested_cells_have_hashes_of_their_own(model, tmp_path):
    def hash_of(cells):
        table = pd.DataFrame({"x": pd.Series(cells)})
        path = ck.io.save(model, tmp_path / "m", data=table)
        return ck.io.read_manifest(path)["data"]["sha256"]

    tables = [[2**53], [2**53 + 1], [[1, 2]], [[1, 3]], [np.ones(2)], [pd.NA], [""]]
    assert len({hash_of(cells) for cells in tables}) == len(tables)


def test_types_of_strangers_are_refused_before_anything_is_built(model, tmp_path, monkeypatch):
    (tmp_path / "evil_module.py").write_text(
        f"open({str(tmp_path / 'ran')!r}, 'w').close()\nclass Evil:\n    pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import evil_module

    evil = clv.BetaGeoModel()
    evil.__dict__.update(vars(model), extra=evil_module.Evil(), run=os.system)
    write_model_file(tmp_path / "m", {"versions": {}}, sio.dumps(evil))
    del sys.modules["evil_module"]
    (tmp_path / "ran").unlink()
    with pytest.raises(ModelFileError, match=r"2 types.*evil_module\.Evil.*Nothing was built") as e:
        ck.io.load(tmp_path / "m")
    assert "system" in str(e.value)
    assert "evil_module" not in sys.modules
    assert not (tmp_path / "ran").exists()


def test_a_private_class_of_crmkit_is_no_more_trusted_than_others(model, tmp_path):
    from crmkit.recommend._recommender import Recommender

    evil = clv.BetaGeoModel()
    evil.__dict__.update(vars(model), extra=Recommender())
    with pytest.raises(ModelFileError, match=r"crmkit\.recommend\._recommender\.Recommender"):
        ck.io.save(evil, tmp_path / "m", customers=True)


def test_types_that_the_caller_trusts_are_built(shop, tmp_path):
    model = OwnModel().fit(ck.summarize(shop, unit="W"))
    name = f"{OwnModel.__module__}.OwnModel"
    with pytest.raises(ModelFileError, match="trusted="):
        ck.io.save(model, tmp_path / "m")
    path = ck.io.save(model, tmp_path / "m", trusted=[name])
    with pytest.raises(ModelFileError, match="OwnModel"):
        ck.io.load(path)
    assert isinstance(ck.io.load(path, trusted=[name]), OwnModel)


class OwnModel(clv.BetaGeoModel):
    """A model of one's own."""


@pytest.mark.parametrize("at", [0, 60, 600, -30, -3])
def test_a_changed_byte_is_noticed(model, tmp_path, at):
    path = ck.io.save(model, tmp_path / "m")
    content = bytearray(path.read_bytes())
    content[at] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=re.escape(str(path))):
        ck.io.load(path)


@pytest.mark.parametrize(
    "manifest",
    [b"[" * 100_000, b"[]", b"{}", b'{"format": true}', b'{"format": -3}', b"\xff",
     b'{"format": 1, "versions": []}', b'{"format": 1, "card": {"mae": NaN}}'],
)  # fmt: skip
def test_a_manifest_that_nobody_wrote_is_refused(tmp_path, manifest):
    with zipfile.ZipFile(tmp_path / "m", "w") as archive:
        archive.writestr("manifest.json", manifest)
        archive.writestr("model.skops", b"")
    for read in (ck.io.load, ck.io.read_manifest):
        with pytest.raises(ModelFileError, match="is damaged"):
            read(tmp_path / "m")


def test_no_single_bit_gives_another_error(model, tmp_path):
    path = ck.io.save(model, tmp_path / "m")
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    for at, bit in zip(rng.integers(0, len(content), 150), rng.integers(0, 8, 150), strict=True):
        changed = bytearray(content)
        changed[at] ^= 1 << bit
        path.write_bytes(changed)
        with contextlib.suppress(ModelFileError):
            assert repr(ck.io.load(path)) == repr(model)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.999])
def test_half_a_file_is_no_model(model, tmp_path, share):
    path = ck.io.save(model, tmp_path / "m")
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ModelFileError, match=r"bytes\) is no model of crmkit\.io\.save"):
        ck.io.load(path)


def test_other_files_are_told_apart(model, tmp_path):
    with pytest.raises(ModelFileError, match="there is no file"):
        ck.io.load(tmp_path / "nowhere")
    sio.dump(model, tmp_path / "skops")
    with pytest.raises(ModelFileError, match=r"a zip without manifest\.json and model\.skops"):
        ck.io.load(tmp_path / "skops")
    with pytest.raises(ModelFileError, match="is no model"):
        ck.io.load(tmp_path)


def test_a_model_put_into_anothers_file_is_noticed(model, shop, tmp_path):
    path = ck.io.save(model, tmp_path / "m")
    manifest = json.dumps(ck.io.read_manifest(path))
    other = sio.dumps(clv.BetaGeoModel().fit(ck.summarize(shop, unit="D")))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", manifest)
        archive.writestr("model.skops", other)
    with pytest.raises(ModelFileError, match="damaged"):
        ck.io.load(path)


def test_a_newer_format_is_refused(model, tmp_path):
    path = ck.io.save(model, tmp_path / "m")
    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    manifest |= {"format": FORMAT + 1, "versions": {"crmkit": "9.1"}}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        archive.writestr("model.skops", b"")
    for read in (ck.io.load, ck.io.read_manifest):
        with pytest.raises(ModelFileError, match=r"format 2, written by crmkit 9\.1.*pip install"):
            read(path)


def test_a_manifest_that_hides_customers_is_refused(shop, tmp_path):
    offers = recommend.Popularity().fit(shop)
    write_model_file(tmp_path / "m", {"versions": {}, "customers": []}, sio.dumps(offers))
    with pytest.raises(
        ModelFileError, match=r"customers \(Popularity\), which its manifest does not"
    ):
        ck.io.load(tmp_path / "m")


def test_another_scikit_learn_is_told(model, tmp_path):
    path = tmp_path / "m"
    write_model_file(
        path, {"versions": {"scikit-learn": "0.1.2", "lightgbm": "?"}}, sio.dumps(model)
    )
    with pytest.warns(DataWarning, match=r"saved with scikit-learn 0\.1\.2 \(here"):
        ck.io.load(path)


def test_parameters_of_a_later_crmkit_have_their_defaults(shop, tmp_path):
    """A file of before `verbose` was there, in the model and in a part of it."""
    recipe = pipelines.ChurnPipeline(
        "28D", features=[churn.RFM()], model=churn.ChurnClassifier("spline_logistic", "none")
    )
    told, answer = repr(recipe), recipe.fit_transform(shop)
    for part in (recipe, recipe.model, recipe.model_):
        del part.verbose
    path = tmp_path / "m"
    write_model_file(path, {"versions": ck.io._versions()}, sio.dumps(recipe))
    loaded = ck.io.load(path)
    assert loaded.verbose == loaded.model.verbose == loaded.model_.verbose == 0
    assert repr(loaded) == told
    pd.testing.assert_frame_equal(loaded.transform(shop), answer)


def test_a_model_of_ones_own_has_the_defaults_of_a_later_crmkit_too(shop, tmp_path):
    model = OwnModel().fit(ck.summarize(shop, unit="W"))
    told = model.get_params()
    delattr(model, min(told))
    name = f"{OwnModel.__module__}.OwnModel"
    write_model_file(tmp_path / "m", {"versions": ck.io._versions()}, sio.dumps(model))
    assert ck.io.load(tmp_path / "m", trusted=[name]).get_params() == told


@pytest.mark.parametrize("field", ["left_child", "feature"])
def test_a_forged_tree_is_refused(shop, tmp_path, field):
    columns = ["frequency", "recency", "T"]
    segmenter = segment.BehaviourSegmenter(columns, n_segments=3).fit(ck.summarize(shop))
    state = segmenter.surrogate_.tree_.__getstate__()
    nodes = state["nodes"].copy()
    nodes[field][0] = 10_000
    tree = segmenter.surrogate_.tree_
    forged = type(tree)(tree.n_features, np.array([3], dtype=np.intp), 1)
    forged.__setstate__(state | {"nodes": nodes})
    segmenter.surrogate_.tree_ = forged
    write_model_file(tmp_path / "m", {"versions": {}}, sio.dumps(segmenter))
    with pytest.raises(ModelFileError, match="tampered with"):
        ck.io.load(tmp_path / "m")


def test_a_forged_matrix_is_refused(shop, tmp_path):
    model = recommend.ItemKNN().fit(shop)
    matrix = next(v for v in vars(model).values() if hasattr(v, "indices") and v.nnz)
    matrix.indices = matrix.indices.copy()
    matrix.indices[0] = 10**6
    write_model_file(tmp_path / "m", {"versions": {}}, sio.dumps(model))
    with pytest.raises(ModelFileError, match="sparse matrix is not sound"):
        ck.io.load(tmp_path / "m")


KILLED_AT = {
    "half of the model": """
        write = zipfile.ZipFile.writestr
        def half(archive, name, data, **more):
            if name != "model.skops":
                return write(archive, name, data, **more)
            archive.fp.write(data[: len(data) // 2])
            archive.fp.flush()
            os.kill(os.getpid(), 9)
        zipfile.ZipFile.writestr = half
    """,
    "all written": "os.fsync = lambda handle: os.kill(os.getpid(), 9)",
    "before the move": "os.replace = lambda *paths: os.kill(os.getpid(), 9)",
}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no kill -9")
@pytest.mark.parametrize("moment", KILLED_AT)
def test_a_killed_save_leaves_the_old_model(model, tmp_path, moment):
    path = ck.io.save(model, tmp_path / "m", note="old")
    lines = [
        "import os, zipfile",
        "import crmkit as ck",
        f"loaded = ck.io.load({str(path)!r})",
        textwrap.dedent(KILLED_AT[moment]),
        f"ck.io.save(loaded, {str(path)!r}, note='new')",
    ]
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], check=False)
    assert done.returncode == -signal.SIGKILL
    parts = [each for each in tmp_path.iterdir() if each != path]
    assert len(parts) == 1, "what was written so far lies beside the old model"
    assert parts[0].stat().st_size > 0
    if moment == "half of the model":
        with pytest.raises(ModelFileError, match="is no model"):
            ck.io.load(parts[0])
    assert ck.io.read_manifest(path)["note"] == "old"
    assert repr(ck.io.load(path)) == repr(model)
    ck.io.save(model, path, note="new")
    assert ck.io.read_manifest(path)["note"] == "new"
    assert parts[0].exists(), "another process might be writing it just now"
    os.utime(parts[0], (0, 0))
    ck.io.save(model, path, note="newer")
    assert [each.name for each in tmp_path.iterdir()] == ["m"]


def test_a_save_removes_only_what_its_own_killed_ones_left(model, tmp_path):
    others = [".n.abc.part", "m.abc.part", ".m.abc.parts"]
    for name in [*others, ".m.abc.part"]:
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (0, 0))
    ck.io.save(model, tmp_path / "m")
    assert sorted(os.listdir(tmp_path)) == sorted(["m", *others])


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no kill -9")
def test_whenever_a_save_is_killed_there_is_a_whole_model(model, tmp_path):
    path = ck.io.save(model, tmp_path / "m", note="-1")
    script = f"""
        import crmkit as ck
        loaded = ck.io.load({str(path)!r})
        print("begins", flush=True)
        for n in range(1_000_000):
            ck.io.save(loaded, {str(path)!r}, note=str(n))
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        assert running.stdout.readline() == b"begins\n"
        while ck.io.read_manifest(path)["note"] in ("-1", "0"):  # read while it is written
            assert running.poll() is None
        running.kill()
    assert running.returncode == -signal.SIGKILL
    assert int(ck.io.read_manifest(path)["note"]) >= 1
    assert repr(ck.io.load(path)) == repr(model)


def test_a_failed_save_leaves_nothing_behind(model, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk")))
    with pytest.raises(OSError, match="disk"):
        ck.io.save(model, tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="the system has no limit of a file's size")
def test_a_full_disk_leaves_the_old_model(model, tmp_path):
    path = ck.io.save(model, tmp_path / "m", note="old")
    script = f"""
        import resource
        import crmkit as ck
        loaded = ck.io.load({str(path)!r})
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            ck.io.save(loaded, {str(path)!r}, note="new")
        except OSError as error:
            print(error.strerror)
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "File too large\n"
    assert ck.io.read_manifest(path)["note"] == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["m"]


@pytest.mark.skipif(os.name == "nt", reason="the system has no modes of files")
def test_a_new_model_may_be_read_by_whoever_might_read_the_old_one(model, tmp_path):
    def mode():
        return (tmp_path / "m").stat().st_mode & 0o777

    mask = os.umask(0o027)
    try:
        ck.io.save(model, tmp_path / "m")
        assert mode() == 0o640
        (tmp_path / "m").chmod(0o600)
        ck.io.save(model, tmp_path / "m")
        assert mode() == 0o600
        (tmp_path / "m").chmod(0o664)
        ck.io.save(model, tmp_path / "m")
        assert mode() == 0o664
    finally:
        os.umask(mask)


def test_what_cannot_be_saved_says_why(tmp_path, model, monkeypatch):
    with pytest.raises(DataError, match="this BetaGeoModel is not fitted"):
        ck.io.save(clv.BetaGeoModel(), tmp_path / "m")
    with pytest.raises(DataError, match="an estimator is needed, got DataFrame"):
        ck.io.save(pl.DataFrame(), tmp_path / "m")
    with pytest.raises(ModelFileError, match="there is no folder"):
        ck.io.save(model, tmp_path / "no" / "m")
    with pytest.raises(ModelFileError, match=r"is a folder\. Name a file in it"):
        ck.io.save(model, tmp_path)
    monkeypatch.setitem(sys.modules, "skops.io", None)
    with pytest.raises(MissingExtraError, match=r"crmkit\[service\]"):
        ck.io.save(model, tmp_path / "m")
