"""Files that nobody saved: bombs, doubled references, forged trees; refused, not followed."""

import copy
import io
import json
import zipfile

import numpy as np
import pytest
import skops.io as sio
from scipy import sparse
from sklearn.ensemble import IsolationForest
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

import crmkit as ck
from crmkit import _model_file, _trees
from crmkit._model_file import write_model_file
from crmkit.exceptions import ModelFileError

RNG = np.random.default_rng(0)
LINE = {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "is_json": True}
LIST = {"__class__": "list", "__module__": "builtins", "__loader__": "ListNode"}


@pytest.fixture
def small(monkeypatch):
    """Bombs of tests need not be large."""
    monkeypatch.setattr(_model_file, "SMALL", 1_000_000)


def state_of(model):
    """The state of a model and its other parts, to be changed."""
    with zipfile.ZipFile(io.BytesIO(sio.dumps(model))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(parts.pop("schema.json")), parts


def forged(path, state, parts, how=zipfile.ZIP_STORED):
    """A file of a changed state, with a manifest that fits it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", how) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        archive.writestr("schema.json", json.dumps(state))
    write_model_file(path, {"versions": ck.io._versions()}, made.getvalue())
    return path


def nodes_of(state, loader):
    """Every part of a kind."""
    found = []
    waiting = [state]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict) and each.get("__loader__") == loader:
            found.append(each)
        waiting.extend(each.values() if isinstance(each, dict) else each)
        waiting = [part for part in waiting if isinstance(part, (dict, list))]
    return found


def with_extra(model, extra):
    state, parts = state_of(model)
    state["content"]["content"]["extra_"] = extra
    state["content"]["key_types"]["content"].append(copy.deepcopy(KEY))
    return state, parts


KEY = {"__class__": "str", "__module__": "builtins", "__loader__": "TypeNode", "__id__": 3}


@pytest.fixture(scope="module")
def scaler():
    return StandardScaler().fit(RNG.normal(size=(20, 2)))


@pytest.fixture(scope="module")
def tree():
    x = RNG.normal(size=(60, 3))
    return DecisionTreeClassifier(max_depth=3).fit(x, x[:, 0] > 0)


def refused(path, why):
    with pytest.raises(ModelFileError, match=rf"damaged.*{why}"):
        ck.io.load(path)


def test_what_is_changed_in_nothing_is_read(scaler, tree, tmp_path):
    for model in (scaler, tree, IsolationForest(n_estimators=5).fit(RNG.normal(size=(50, 2)))):
        loaded = ck.io.load(forged(tmp_path / "m", *state_of(model)))
        assert repr(loaded) == repr(model)


def test_parts_that_are_packed_twice_are_not_unpacked(scaler, tmp_path):
    state, parts = state_of(scaler)
    refused(forged(tmp_path / "m", state, parts, zipfile.ZIP_DEFLATED), "packed twice")


@pytest.mark.parametrize(("at", "value"), [(6, 1), (4, 84)], ids=["encrypted", "of a later zip"])
def test_parts_that_cannot_be_opened_are_refused(scaler, tmp_path, at, value):
    written = bytearray(sio.dumps(scaler))
    for begin, shift in ((b"PK\x03\x04", 0), (b"PK\x01\x02", 2)):
        written[written.rfind(begin) + at + shift] = value
    write_model_file(tmp_path / "m", {"versions": {}}, bytes(written))
    refused(tmp_path / "m", "Error: .*Nothing was built")


def test_a_model_that_takes_more_memory_than_its_file_can_need_is_refused(scaler, small, tmp_path):
    state, parts = state_of(scaler)
    matrix = sparse.csr_matrix(np.ones((1, 2)))
    packed = io.BytesIO()
    sparse.save_npz(packed, matrix)
    bomb = io.BytesIO()
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content + bytes(5_000_000) if name == "data.npy" else content)
    found = {"__class__": "csr_matrix", "__module__": "scipy.sparse._csr", "type": "scipy"}
    found |= {"__loader__": "SparseMatrixNode", "file": "5.npz", "__id__": 5}
    state, parts = with_extra(scaler, found)
    path = forged(tmp_path / "m", state, parts | {"5.npz": bomb.getvalue()})
    assert path.stat().st_size < 20_000
    refused(path, "bytes of memory, more than its file can need")


def test_a_packed_model_is_unpacked_only_so_far(small, tmp_path):
    path = tmp_path / "m"
    told = {"format": 1, "bytes": 2_000_000, "sha256": ""}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(told))
        archive.writestr("model.skops", bytes(2_000_000))
    refused(path, "would take 2,000,000 bytes")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("manifest.json", json.dumps(told | {"bytes": 10}))
        archive.writestr("model.skops", bytes(10))
    refused(path, "packed in a way that save does not use")


def test_a_model_that_packs_too_well_is_saved_unpacked(scaler, small, tmp_path):
    model = copy.deepcopy(scaler)
    model.mean_ = np.zeros(200_000)
    path = ck.io.save(model, tmp_path / "m")
    assert path.stat().st_size > 1_600_000
    assert len(ck.io.load(path).mean_) == 200_000


def test_one_array_for_a_thousand_parts_is_refused(scaler, tmp_path):
    array = {"__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode"}
    array |= {"type": "numpy", "file": "5.npy"}
    for names in ([5, 6], [None, None]):
        parts = [array | ({"__id__": name} if name else {}) for name in names]
        state, files = with_extra(scaler, LIST | {"content": parts, "__id__": 4})
        state = forged(tmp_path / "m", state, files | {"5.npy": b""})
        refused(state, "one array is read for several parts")


@pytest.mark.parametrize("is_short", [True, False])
def test_references_that_double_at_every_level_are_refused(scaler, tmp_path, is_short):
    """Sixty levels of two references each: nobody would live to see the end of the check."""
    part = LINE | {"content": "1", "__id__": 1000}
    for level in range(60):
        again = {"__id__": part["__id__"]} if is_short else LINE | {"content": "1"}
        again = again | {"__id__": part["__id__"]}
        part = LIST | {"content": [part, again], "__id__": 1001 + level}
    state, parts = with_extra(scaler, part)
    refused(forged(tmp_path / "m", state, parts), "a part is named and not|two parts have one name")


def test_what_lies_too_deep_is_refused(scaler, tmp_path):
    part = LINE | {"content": "1", "__id__": 1000}
    for level in range(400):
        part = LIST | {"content": [part], "__id__": 1001 + level}
    refused(forged(tmp_path / "m", *with_extra(scaler, part)), "too deep")


@pytest.mark.parametrize("kind", ["scipy.sparse._csr.csr_matrix", "sklearn.tree._tree.Tree"])
def test_what_compiled_code_follows_comes_in_one_way(scaler, tmp_path, kind):
    module, _, name = kind.rpartition(".")
    made = {"__class__": name, "__module__": module, "__loader__": "ConstructorFromReduceNode"}
    shape = LINE | {"content": "[[9000000000, 1]]", "__id__": 9}
    state, parts = with_extra(scaler, made | {"content": shape, "__id__": 8})
    refused(forged(tmp_path / "m", state, parts), "is not told as one")


@pytest.mark.parametrize("outputs", ["1000000000", "-1", '"1"'])
def test_a_tree_with_outputs_that_are_not_there_is_not_built(tree, tmp_path, outputs):
    state, parts = state_of(tree)
    (found,) = nodes_of(state, "TreeNode")
    found["__reduce__"]["args"]["content"][2] |= {"content": outputs, "__id__": 77}
    refused(forged(tmp_path / "m", state, parts), "another number of outputs")


def test_outputs_of_a_tree_cannot_be_lent(tree, tmp_path):
    """A part of the same name elsewhere would be taken in its place."""
    state, parts = with_extra(tree, None)
    (found,) = nodes_of(state, "TreeNode")
    args = found["__reduce__"]["args"]
    lent = copy.deepcopy(args)
    lent["content"][1]["file"] = "x.npy"
    state["content"]["content"] = {
        "extra_": lent,
        **{name: each for name, each in state["content"]["content"].items() if name != "extra_"},
    }
    empty = io.BytesIO()
    np.save(empty, np.empty(0, dtype=np.intp))
    path = forged(tmp_path / "m", state, parts | {"x.npy": empty.getvalue()})
    refused(path, "two trees are made of one array")


def test_a_tree_without_a_node_is_refused(tree, tmp_path):
    state, parts = state_of(tree)
    (found,) = nodes_of(state, "TreeNode")
    found["content"]["content"], found["content"]["key_types"]["content"] = {}, []
    refused(forged(tmp_path / "m", state, parts), "a tree has no node")


def test_a_tree_that_is_wider_than_its_estimator_is_refused(tree, tmp_path):
    model = copy.deepcopy(tree)
    model.n_features_in_ = 2
    write_model_file(tmp_path / "m", {"versions": {}}, sio.dumps(model))
    refused(tmp_path / "m", "other columns than its estimator")
    forest = IsolationForest(n_estimators=3, random_state=0).fit(RNG.normal(size=(50, 4)))
    forest.n_features_in_, forest._max_features = 2, 2
    forest.estimators_features_ = [np.arange(2)] * 3
    write_model_file(tmp_path / "m", {"versions": {}}, sio.dumps(forest))
    refused(tmp_path / "m", "other columns than the forest")


@pytest.fixture(scope="module")
def boosted():
    x = RNG.normal(size=(300, 3))
    how = _trees.Growth(0, 1)
    settings = {"objective": "binary", "num_leaves": 5}
    return _trees.grow(_trees.Lesson(x, (x[:, 0] > 0) * 1.0), settings, 3, how)


def test_texts_of_lightgbm_are_read(boosted, scaler, tmp_path):
    model = copy.deepcopy(scaler)
    model.text_ = boosted
    assert ck.io.load(ck.io.save(model, tmp_path / "m")).text_ == boosted


CHANGES = {
    "a far column": ("split_feature=0", "split_feature=7", "asks for a column"),
    "a loop": ("left_child=1", "left_child=0", "node that is not there"),
    "a far node": ("left_child=1", "left_child=9", "node that is not there"),
    "a far leaf": ("right_child=-2", "right_child=-9", "node that is not there"),
    "more leaves": ("num_leaves=", "num_leaves=9", "other leaves than it says"),
    "words": ("decision_type=2", "decision_type=1", "numbers only"),
    "lists of words": ("num_cat=0", "num_cat=2", "numbers only"),
    "lines in leaves": ("is_linear=0", "is_linear=1", "numbers only"),
    "a tree too many": ("tree_sizes=", "tree_sizes=99999 ", "does not lie where it should"),
    "more values": ("num_class=1", "num_class=9", "more than one value"),
    "two heads": ("num_leaves=", "num_leaves=1\nnum_leaves=", "cannot be read"),
    "an end inside": ("end of trees", "end\0of trees", "a sign that it does not write"),
    "no sizes": ("tree_sizes=", "sizes=", "cannot be read"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_forged_text_of_lightgbm_is_refused(boosted, scaler, tmp_path, change):
    old, new, why = CHANGES[change]
    assert old in boosted
    text = boosted.replace(old, new, 1)
    if change != "a tree too many":
        sizes = [len(part) + 5 for part in text.split("end of trees")[0].split("Tree=")[1:]]
        head, _, rest = text.partition("tree_sizes=")
        told = " ".join(map(str, sizes))
        text = f"{head}tree_sizes={told}\n{rest.partition(chr(10))[2]}" if rest else text
    model = copy.deepcopy(scaler)
    model.text_ = text
    write_model_file(tmp_path / "m", {"versions": {}}, sio.dumps(model))
    refused(tmp_path / "m", why)


def test_a_word_that_looks_like_a_tree_is_a_word(scaler, tmp_path):
    model = copy.deepcopy(scaler)
    model.item_ = "Tree=Oak, tree_sizes"
    assert ck.io.load(ck.io.save(model, tmp_path / "m")).item_ == model.item_
