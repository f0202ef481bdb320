"""An export is measured, and one that answers otherwise than the network is not kept."""

import json

import numpy as np
import pytest

from digitlib import files
from digitlib.data import mnist
from digitlib.doors import cli
from digitlib.errors import DigitlibError
from digitlib.networks.lite import LiteModel
from digitlib.pictures.views import as_network_input
from digitlib.series import exports

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    out = tmp_path_factory.mktemp("exports")
    return out, exports.export(files.models(), out, mnist.SAMPLE)


def test_every_export_answers_like_the_network(exported, sample):
    out, said = exported
    images = as_network_input(sample.test.images[:200])
    whole = LiteModel(files.models() / "model.tflite")(images)
    onnx, int8 = (
        exports.onnx_network(out / "model.onnx")(images),
        LiteModel(out / "model-int8.tflite")(images),
    )
    np.testing.assert_allclose(onnx, whole, atol=1e-3)
    assert (int8.argmax(1) == whole.argmax(1)).mean() > 0.98
    assert said["model.onnx"]["changed"] == 0 and said["model.onnx"]["largest_difference"] < 1e-4
    assert said["model-int8.tflite"]["accuracy"] > said["model.tflite"]["accuracy"] - 0.002


def test_sizes_times_and_sums_are_noted(exported):
    out, said = exported
    noted = json.loads((out / exports.NAME).read_text())
    assert "5k sample" in noted.pop("data")
    assert noted["model.tflite"]["sha256"] == files.sha256(files.models() / "model.tflite")
    for name in ("model.onnx", "model-int8.tflite"):
        assert noted[name]["bytes"] == (out / name).stat().st_size
        assert noted[name]["sha256"] == files.sha256(out / name)
        assert 0 < noted[name]["p50_ms"] <= noted[name]["p95_ms"]
    assert said["model.onnx"]["bytes"] < 1_500_000 and said["model-int8.tflite"]["bytes"] < 400_000
    assert noted["model.onnx"]["n"] == 1000


def always_three(_):
    """Stand for an ONNX file that answers 3 to everything."""
    return lambda digits: np.eye(10, dtype=np.float32)[[3] * len(digits)]


def test_an_export_that_answers_otherwise_is_not_kept(monkeypatch, tmp_path):
    twin = files.models() / "model.tflite"
    monkeypatch.setattr(exports.saved, "export_int8", lambda _, path, __: files.copy(twin, path))
    monkeypatch.setattr(exports.saved, "export_onnx", lambda _, path: path.write_bytes(b"x"))
    monkeypatch.setattr(exports, "onnx_network", always_three)
    (tmp_path / "model.onnx").write_text("of before")
    with pytest.raises(DigitlibError, match=r"nothing is exported: \d+ answers of model\.onnx differ"):
        exports.export(files.models(), tmp_path, mnist.SAMPLE)
    assert (tmp_path / "model.onnx").read_text() == "of before" and len(list(tmp_path.iterdir())) == 1


def test_a_folder_without_a_network_is_one_sentence(tmp_path, capsys):
    assert cli.main(["export", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "it holds no finished network" in capsys.readouterr().err and not (tmp_path / "out").exists()
