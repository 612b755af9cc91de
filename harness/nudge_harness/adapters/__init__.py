"""Adapters: data that researchers or users hold, as conversations of DESIGN.md, section 5.

``nudge-harness convert KIND IN -o OUT``. Each kind is one small file with a function from a path
and `Options` to conversations; errors name file, line and field, and never show text. Nothing is
fetched: whoever converts holds the data lawfully.
"""
