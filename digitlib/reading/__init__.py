"""Picture in, reading out; no data, no training, no Keras.

Public: `recognizer.Recognizer`, `result.Reading`.
"""
