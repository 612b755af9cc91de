"""Golden vectors that no language owns: see `tests.vectors.files` and docs/porting.md."""
