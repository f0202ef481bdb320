"""What is no digit, of kinds that no network has seen."""

import numpy as np
import strangers


def test_drawings_are_ink_on_white_and_digits_are_written_in_turn(sample):
    rng = np.random.default_rng(0)
    for sort in strangers.kinds():
        pictures = list(strangers.drawn(sort, 5, rng))
        assert all(picture.shape == (220, 220) and picture.min() == 0 for picture in pictures)
        assert len({picture.tobytes() for picture in pictures}) == 5
    written = list(strangers.digits(sample.validation, 12, rng))
    assert [text for text, _ in written] == [*"012345678901"]
    assert all((picture[:20] == 255).all() and picture.min() < 60 for _, picture in written)


def test_most_strangers_are_refused_and_most_digits_read(recognizer, sample):
    told = strangers.measure(recognizer, 30, sample.validation)
    assert told["AUROC"] > 0.93 and told["digits"] > 0.85
    assert min(told[sort] for sort in strangers.kinds()) > 0.6
