"""Settings refuse nonsense by name and survive JSON."""

import dataclasses

import pytest

from digitlib.config import PROFILES, Augmentation, PageConfig, TrainingConfig, described
from digitlib.errors import DigitlibError


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("epochs", 0),
        ("epochs", 2.5),
        ("epochs", True),
        ("batch_size", -1),
        ("batch_size", 0),
        ("epoch_digits", 0),
        ("learning_rate", 0),
        ("learning_rate", float("nan")),
        ("label_smoothing", 0.6),
        ("weight_decay", -0.1),
        ("patience", 0),
        ("seed", -1),
        ("corrupted", 2),
        ("start", "../elsewhere"),
        ("keep", 0.5),
    ],
)
def test_what_cannot_be_trained_with_is_refused_by_name(setting, value):
    with pytest.raises(DigitlibError, match=setting):
        TrainingConfig(**{setting: value})


@pytest.mark.parametrize("change", [field.name for field in dataclasses.fields(Augmentation)])
@pytest.mark.parametrize("value", [-1, 90, "much"])
def test_each_change_of_a_digit_is_bounded(change, value):
    with pytest.raises(DigitlibError, match=change):
        Augmentation(**{change: value})


@pytest.mark.parametrize("name", PROFILES)
def test_settings_survive_json(name):
    assert TrainingConfig.from_json(PROFILES[name].to_json()) == PROFILES[name]


@pytest.mark.parametrize("text", ["", "[]", '{"epoch": 3}', '{"augmentation": {"flip": 1}}'])
def test_unknown_settings_are_refused(text):
    with pytest.raises(DigitlibError, match="cannot be read"):
        TrainingConfig.from_json(text)


@pytest.mark.parametrize(("batch_size", "steps"), [(128, 430), (55_000, 1), (54_999, 2)])
def test_the_last_batch_of_an_epoch_is_counted(batch_size, steps):
    assert TrainingConfig(batch_size=batch_size).steps_per_epoch == steps


@pytest.mark.parametrize("settings", [Augmentation, TrainingConfig, PageConfig])
def test_every_setting_is_described(settings):
    said = described(settings)
    assert said.keys() == settings.__dataclass_fields__.keys()
    assert all(len(text) > 10 and not text.endswith(".") and "\n" not in text for text in said.values())
