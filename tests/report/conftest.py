"""Pictures that are drawn but not painted, for tests that read the words beside them."""

import pytest
from matplotlib.figure import Figure


@pytest.fixture
def unpainted(monkeypatch):
    """Every plot is called on its figure; what takes the time, the figure as SVG, is an empty one.

    Other tests look at the same pictures painted.
    """

    def empty(_, made, **__):
        made.write(b'<svg xmlns="http://www.w3.org/2000/svg"></svg>')

    monkeypatch.setattr(Figure, "savefig", empty)
