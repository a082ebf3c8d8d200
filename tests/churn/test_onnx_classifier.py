"""A ChurnClassifier in ONNX: the probabilities of Python, and refusals that say why."""

import json

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.churn import ChurnClassifier, TimeToChurn
from crmkit.clv import BetaGeoModel
from crmkit.exceptions import DataError, MissingExtraError, ModelFileError

pytest.importorskip("onnx", reason='graphs need onnx: pip install "crmkit[onnx]"')
runtime = pytest.importorskip("onnxruntime", reason="equal answers are checked by onnxruntime")

RNG = np.random.default_rng(3)
N = 2500
X = pd.DataFrame(
    {
        "days_since_last": RNG.exponential(40, N),
        "orders": RNG.poisson(3, N).astype(float),
        "spend": RNG.gamma(2.0, 30.0, N),
        "constant": 1.0,
    }
)
Y = (X["days_since_last"] / 40 - X["orders"] / 3 + RNG.logistic(size=N) > 0).astype(int)
GAPS = X.mask(RNG.random(X.shape) < 0.05).assign(constant=1.0)


def answers(path, x):
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = session.run(["log_odds", "probability_churn"], {"X": x.to_numpy(np.float64)})
    told = session.get_modelmeta().custom_metadata_map
    return *(each.ravel() for each in found), told


@pytest.mark.parametrize("calibrate", ["none", "sigmoid", "isotonic"])
@pytest.mark.parametrize("model", ["boosted_small", "boosted_default"])
@pytest.mark.parametrize("frame", [X, GAPS], ids=["whole", "gaps"])
def test_probabilities_are_those_of_python(model, calibrate, frame, tmp_path):
    fitted = ChurnClassifier(model, calibrate=calibrate).fit(frame, Y)
    assert fitted.calibration_["kind"] == calibrate
    path = ck.io.to_onnx(fitted, tmp_path / "m.onnx")
    asked = pd.concat([frame, GAPS.head(50), X.head(50) * 1e3], ignore_index=True)
    odds, probability, told = answers(path, asked[fitted.features_])
    assert np.abs(odds - fitted.log_odds(asked)).max() < 1e-12
    assert np.abs(probability - fitted.predict_proba(asked)[:, 1]).max() < 1e-12
    assert json.loads(told["columns"]) == fitted.features_ == list(X.columns[:3])
    assert json.loads(told["classes"]) == [0, 1]
    assert float(told["threshold"]) == fitted.threshold_


def test_the_mean_of_two_forests_is_a_graph_too(tmp_path):
    fitted = ChurnClassifier("boosted_small", calibrate="none").fit(X, Y)
    other = ChurnClassifier("boosted_default", calibrate="none").fit(X, Y)
    fitted.model_ = fitted.model_ | other.model_
    odds, _, _ = answers(ck.io.to_onnx(fitted, tmp_path / "m"), X[fitted.features_])
    assert np.abs(odds - fitted.log_odds(X)).max() < 1e-12


def test_what_is_not_exact_is_refused_and_says_why(tmp_path, monkeypatch):
    path = tmp_path / "m.onnx"
    curves = ChurnClassifier("spline_logistic").fit(X, Y)
    with pytest.raises(DataError, match=r"chose 'spline_logistic'.*no boosted trees.*model='boos"):
        ck.io.to_onnx(curves, path)
    words = X.assign(channel=RNG.choice(["shop", "web"], N))
    fitted = ChurnClassifier("boosted_small", calibrate="none").fit(words, Y)
    with pytest.raises(DataError, match="'channel' hold words"):
        ck.io.to_onnx(fitted, path)
    log = ck.EventLog(ck.datasets.make_customers(100, random_state=0).events)
    with pytest.raises(DataError, match="a BetaGeoModel cannot be written exactly"):
        ck.io.to_onnx(BetaGeoModel().fit(ck.summarize(log, unit="W")), path)
    with pytest.raises(DataError, match="this TimeToChurn is not fitted"):
        ck.io.to_onnx(TimeToChurn(), path)
    whole = ChurnClassifier("boosted_small", calibrate="none").fit(X, Y)
    with pytest.raises(ModelFileError, match="there is no folder"):
        ck.io.to_onnx(whole, tmp_path / "no" / "m.onnx")
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(MissingExtraError, match=r"crmkit\[onnx\]"):
        ck.io.to_onnx(whole, path)
    assert list(tmp_path.iterdir()) == []
