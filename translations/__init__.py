"""Translators' files and the step that makes catalogs of them; not shipped (`README.md`)."""
