"""How Sphinx makes a site of the notebooks, for `make book`; nothing is executed, nothing is fetched."""

project = "Reading handwritten digits"
author = "the digitlib contributors"
extensions = ["myst_nb"]
exclude_patterns = ["book"]
html_theme = "furo"
html_title = project
html_copy_source = html_show_sourcelink = html_show_copyright = False
nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, str] = {}  # widgets show the picture that stands in for them
nb_mime_priority_overrides = [("html", "image/png", 0)]
myst_heading_anchors = 2
# Links out of the folder lead to the code, which the site does not hold.
suppress_warnings = ["myst.xref_missing", "myst.header"]
