"""What networks learn from: MNIST, changed and degraded and drawn digits.

Public: `mnist.load`, `augment.augment`, `corruptions.corrupt`, `drawn.digits`, `drawn.strangers`.
"""
