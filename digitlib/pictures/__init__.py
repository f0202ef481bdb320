"""Pixels without a network: any picture upright, ink and paper, one digit in the frame of MNIST.

Public: `source.load`, `ink.ink_map`, `frame.to_mnist_frame`.
"""
