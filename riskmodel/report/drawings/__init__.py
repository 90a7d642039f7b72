"""The kinds of drawings of the page."""
