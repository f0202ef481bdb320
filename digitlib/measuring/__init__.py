"""Every number and every figure of the project, from plain arrays.

Public: `evaluation`, `baselines`, `plots`, `charts`.
"""
