"""The code on the pages runs as a test: python -m pytest docs --doctest-glob="*.rst"."""

import matplotlib
import pytest

collect_ignore = ["conf.py"]
collect_ignore_glob = ["_build/*", "_extensions/*", "api/generated/*", "gallery/*", "zh/*"]


@pytest.fixture(autouse=True)
def _empty_folder_and_no_screen(tmp_path, monkeypatch):
    from matplotlib import pyplot as plt

    matplotlib.use("agg")
    monkeypatch.chdir(tmp_path)
    yield
    plt.close("all")
