"""Studies: what safety costs in privacy, measured cell by cell (``nudge-harness study NAME``).

::

    catalogue -> Study -> cells -> measure(bench, cell), cached, over processes or a cluster
                                -> results.json, report.html

`study` says what a study is, `bench` and `traces` what it may use (generated conversations of both
sides, and what the model makes of them), `running` how cells are cached and resumed, `page` what is
drawn. Each study stands in one small file beside them and is listed in `catalogue`;
``docs/studies.md`` adds one step by step.
"""
