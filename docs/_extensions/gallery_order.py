"""The order of the examples in the gallery: who they are, what kind, who leaves, worth, offers."""

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

ORDER = [
    "clean_then_value",
    "who_they_are",
    "segments_over_time",
    "who_is_leaving",
    "whom_to_keep",
    "customer_value",
    "purchase_model_plots",
    "next_offers",
    "gift_shop_offers",
    "daily_scoring",
]


class Order:
    """A key for sphinx-gallery; an example that is not listed comes last."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __call__(self, filename: str) -> tuple[int, str]:
        """Place of a script."""
        stem = Path(filename).stem
        return (ORDER.index(stem) if stem in ORDER else len(ORDER)), stem

    def __repr__(self) -> str:
        return "<Order>"


def only_rst(app: Sphinx, config: Any) -> None:
    """No file of Markdown is a page: else the README of examples/service would be a part."""
    config.source_suffix.pop(".md", None)


def setup(app: Sphinx) -> dict[str, bool]:
    """Listen after Sphinx has put the suffixes together."""
    app.connect("config-inited", only_rst, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
