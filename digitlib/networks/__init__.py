"""Networks: untrained by name, on disk, and how far to believe them.

Public: `digits.build`, `pretrained`, `saved.load`, `card.Card`, `confidence`.
"""
