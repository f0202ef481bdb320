"""Fit one network under one config and seed, and leave a complete run folder.

Public: `fit.train`, `teach.lesson`, `transfer`.
"""
