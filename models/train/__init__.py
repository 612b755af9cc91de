"""The training line: ``python -m models.train``; what it needs stands in ``requirements.txt``.

Read in this order: `fold` (what a character is), `words` (hash, slots, pieces), `characters`,
`frontend` and `graph` (the ONNX nodes, written with `build`), `net` (the same network in torch),
`lexicon`, `reader` and `minilm` (what training reads), the ``fit_*`` modules, `line` (all stages),
`export` (the signed folder).
"""
