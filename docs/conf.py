"""Settings of the documentation: python -m sphinx -W --keep-going -b html docs docs/_build/html."""

import sys
from pathlib import Path

import crmkit

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "crmkit"
author = "The crmkit developers"
copyright = author
version = release = crmkit.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "myst_parser",  # for the changelog, which is Markdown
    "commands",
    "excerpt",
    "gallery_order",
    "mathml",
    "own_members",
    "page_language",
    "pictures",
    "short_names",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "gallery/README.rst", "how-good"]
default_role = "py:obj"
nitpicky = False
linkcheck_timeout = 15
linkcheck_retries = 2
linkcheck_anchors = False
linkcheck_ignore = [r"http://127\.0\.0\.1.*"]
toc_object_entries_show_parents = "hide"
maximum_signature_line_length = 80

autosummary_generate = True
autosummary_imported_members = True
autodoc_default_options = {"members": True, "inherited-members": True}
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say the types
autodoc_preserve_defaults = True
numpydoc_show_class_members = False
numpydoc_validation_checks = {"GL01", "GL03", "GL05", "GL06", "GL10", "PR02", "PR03", "RT03"}
numpydoc_validation_exclude = {r"\.__init__$", r"^sklearn\."}

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "nested_sections": False,  # examples/service is no script
    "plot_gallery": False,  # tests run the examples; -D plot_gallery=1 runs them for the pages too
    "filename_pattern": r"/(?!gift_shop)\w+\.py",  # the gift shop needs a file of its own
    "within_subsection_order": "gallery_order.Order",
    "backreferences_dir": None,
    "capture_repr": (),
    "remove_config_comments": True,
    "show_memory": False,
    "write_computation_times": False,
    "min_reported_time": 10_000,
}

html_theme = "pydata_sphinx_theme"
html_title = f"crmkit {release}"
html_static_path = ["_static"]
html_css_files = ["crmkit.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False
html_sidebars = {"index": [], "tutorial": [], "ten-minutes": [], "how-good": [], "changelog": []}
html_theme_options = {
    "logo": {"text": "crmkit"},
    "header_links_before_dropdown": 6,
    "navigation_with_keys": False,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
}
