"""Sphinx's settings for the site; `make docs` runs it on the folder that website/assembling.py writes."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import boxwright

project = "boxwright"
release = version = boxwright.__version__
author = "boxwright"
project_copyright = ""
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "website.docstrings", "website.command_links"]

myst_heading_anchors = 4
suppress_warnings = ["misc.highlighting_failure"]  # examples are cut short with an ellipsis

autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 90
add_module_names = False
toc_object_entries = False
default_role = "code"

html_theme = "furo"
html_title = "boxwright"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_use_index = False
html_theme_options = {"navigation_with_keys": True}
