"""Reports: one module for each (query -> numbers -> document), and catalogue.py, which declares them all.

Numbers are frozen dataclasses, laid out as a :class:`~cleanflow.rendering.document.Document`. The rendering
room knows only documents, so every report comes in every format.
"""
