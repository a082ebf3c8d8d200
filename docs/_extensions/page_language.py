"""Pages in the folder `zh` say to browsers and screen readers that they are Chinese."""

from typing import Any

from sphinx.application import Sphinx

LANGUAGES = {"zh": "zh-CN"}


def say_language(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Set the attribute `lang` of a page by its folder."""
    folder = pagename.split("/")[0]
    context["language"] = LANGUAGES.get(folder, context.get("language"))


def setup(app: Sphinx) -> dict[str, bool]:
    """Listen to pages before they are written."""
    app.connect("html-page-context", say_language)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
