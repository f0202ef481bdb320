"""The command line: what it prints, its exit status, and one sentence for everything that is wrong."""

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digitlib import Recognizer, files
from digitlib.doors import cli, commands
from digitlib.errors import DigitlibError, PartFailed

ROOT = Path(__file__).parents[2]


@pytest.fixture
def pictures(tmp_path, seven):
    """A readable seven, a text file called .png, and a path without a file."""
    ink = np.pad(np.kron(seven, np.ones((3, 3))), 40)
    Image.fromarray((235 - 200 * ink).astype(np.uint8)).save(tmp_path / "seven.png")
    (tmp_path / "text.png").write_text("not a picture")
    return [str(tmp_path / name) for name in ("seven.png", "text.png", "gone.png")]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project without runs, with our notebooks and the network that ships."""
    for name in ("notebooks", "models"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.setattr(files, "PACKAGE", tmp_path / "digitlib")
    return tmp_path


@pytest.fixture
def run(capsys):
    def call(*words):
        status = cli.main([*map(str, words), "--log-level", "warning"])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


@pytest.mark.parametrize(("words", "status"), [([], 0), (["--output", "t.csv"], 1), (["--show", "drawn"], 1)])
def test_a_broken_pipe_is_no_success_where_work_is_left(pictures, tmp_path, monkeypatch, words, status):
    def nobody_listens(*_, **__):
        raise BrokenPipeError

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("digitlib.doors.bulk.read_one", nobody_listens)
    monkeypatch.setattr("digitlib.doors.cli.os.dup2", lambda *_: None)
    assert cli.main(["predict", str(pictures[0]), *words]) == status


def test_a_shell_leaves_the_home_to_us(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert cli.parser().parse_args(["predict", "x", "--output=~/t.csv"]).output == tmp_path / "t.csv"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names of files are text")
@pytest.mark.parametrize("words", [[], ["--json"]], ids=["text", "json"])
def test_a_name_that_is_no_text_does_not_end_the_batch(pictures, tmp_path, words):
    odd = os.path.join(os.fsencode(tmp_path), b"\xff.png")
    shutil.copyfile(pictures[0], odd)
    command = [sys.executable, "-m", "digitlib.doors.cli", "predict", odd, pictures[0], *words]
    strict = os.environ | {"PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=strict)
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 2, done.stderr
    assert "udcff" in done.stdout


def test_a_picture_is_read(run, pictures):
    status, out, err = run("predict", pictures[0])
    assert status == 0 and err == ""
    assert re.fullmatch(rf"{re.escape(pictures[0])}: 7 \(confidence [01]\.\d\d\)\n", out)


def test_json_lines_go_on_after_a_broken_picture(run, pictures):
    status, out, _ = run("predict", "--json", *pictures)
    good, text, gone = map(json.loads, out.splitlines())
    assert status == 1
    assert good["path"] == pictures[0] and good["text"] == "7"
    assert {"confidence", "score", "digits"} <= set(good)
    assert {"digit", "confidence", "accepted", "box"} == set(good["digits"][0])
    assert set(text) == set(gone) == {"path", "error"}
    assert "text.png" in text["error"] and "gone.png" in gone["error"]


def test_a_bug_costs_one_picture_and_debug_shows_it(run, pictures, monkeypatch):
    read = Recognizer.read
    broken = lambda self, path, **how: 1 // 0 if path == "bug.png" else read(self, path, **how)  # noqa: E731
    monkeypatch.setattr(Recognizer, "read", broken)
    status, out, err = run("predict", "bug.png", pictures[0])
    assert status == 1 and ": 7 (" in out and "ZeroDivisionError" in err
    with pytest.raises(ZeroDivisionError):
        run("predict", "bug.png", pictures[0], "--debug")


def test_when_no_picture_can_be_read_the_status_says_so(run, pictures):
    status, out, err = run("predict", pictures[1])
    assert (status, out) == (2, "")
    assert err.count("\n") == 1 and "not an image" in err


def test_a_blank_page_is_an_answer_and_no_error(run, tmp_path):
    Image.new("L", (80, 80), 230).save(tmp_path / "blank.png")
    status, out, _ = run("predict", tmp_path / "blank.png")
    assert status == 0 and "not a digit" in out


def test_a_file_is_no_folder_to_show_readings_in(run, pictures):
    code, out, err = run("predict", pictures[0], "--show", pictures[0])
    assert (code, out) == (2, "") and "is a file, no folder" in err


def test_show_writes_a_picture_of_the_reading(run, pictures, tmp_path):
    run("predict", pictures[0], "--show", tmp_path / "shown")
    with Image.open(tmp_path / "shown" / "seven-reading1.png") as drawn:
        assert drawn.width == 700


def test_evaluate_measures_the_shipped_network_anew(run):
    status, out, _ = run("evaluate")
    assert status == 0
    assert re.search(r"MNIST test set: 99\.\d\d% \(95 % interval", out)
    assert len(out.splitlines()) == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["predict", "x.png", "--model", "gone.h5"], "no model at gone.h5"),
        (["predict", "x.png", "--model", __file__], "no model at"),
        (["evaluate", "nowhere"], "no card.json in nowhere"),
        (["train", "--epochs", "0"], "epochs must be a whole number from 1 to 10000, got 0"),
        (["train", "--batch_size", "-5"], "batch_size must be"),
        (["train", "--network", "vgg", "--data", "sample"], "no network is called 'vgg'"),
        (["train", "--profile", "huge"], "no profile is called 'huge'"),
        (["train", "--resume", "nowhere"], "nothing to resume"),
        (["train", "--resume", "x", "--profile", "full"], "--resume settles what --profile says"),
        (["train", "--teach", "x", "--network", "tiny"], "--teach settles what --network says"),
        # it has a start of its own, so that something can be kept of it
        (["train", "--teach", "x", "--keep", "0.3", "--data", "sample"], "knows MNIST"),
        (["train", "--weights", "imagenet"], "add --model resnet50v2"),
        (["train-pages", "--workers", "-1"], "workers must be at least 0"),
        (["train-pages", "--resume", "gone"], "nothing to resume"),
        (["train-pages", "--resume", "x", "--name", "y"], "--resume settles what --name says"),
        (["train", "--model", "resnet50v2", "--network", "tiny"], "--model settles what --network says"),
        (["train", "--data", "gone.npz"], "no MNIST file at"),
        (["train", "--start", "shipped", "--network", "small", "--data", "sample"], "add --network"),
        (["train", "--name", ""], "a run's name is one word"),
        (["train", "--data", "~nobody/gone.npz"], "no MNIST file at"),
        (["predict", "x.png", "--model", "~nobody/gone.h5"], "no model at"),
        (["run", "--profile", "polish", "--data", "sample"], "no card.json in"),
        (["run", "-p", "batch_size", "50000", "--data", "sample"], "at most epoch_digits, 40000"),
        (["run", "--profile", "huge"], "no profile is called 'huge'"),
        (["run", "-p", "epoch", "3", "--data", "sample"], "no notebook has a parameter 'epoch'"),
        (["run", "-p", "run", "x", "--data", "sample"], "no notebook has a parameter 'run'"),
        (["run", "--data", "gone.npz"], "no MNIST file at"),
        (["run", "--name", "a/b", "--data", "sample"], "a run's name is one word"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_request_is_one_sentence_and_writes_nothing(run, words, message, project):
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert err.startswith("error: ") and err.count("\n") == 1 and message in err
    assert not list((project / "runs").glob("*"))


def test_a_finished_training_is_not_trained_again(run, tmp_path, monkeypatch):
    finished = shutil.copytree(files.models(), tmp_path / "runs" / "done")
    config = json.loads((finished / "card.json").read_text())["config"]
    (finished / "config.json").write_text(json.dumps({"training": config, "data": "MNIST"}))
    monkeypatch.setattr(files, "root", lambda: tmp_path)
    status, _, err = run("train", "--resume", "done", "--epochs", "99", "--data", "sample")
    assert status == 2 and "its training has ended" in err


@pytest.mark.parametrize(("error", "status"), [(DigitlibError("wrong"), 2), (PartFailed("half"), 1)])
def test_the_status_says_whether_anything_was_done(run, monkeypatch, error, status):
    def fails(*_, **__):
        raise error

    monkeypatch.setattr("digitlib.series.pipeline.run", fails)
    assert run("run") == (status, "", f"error: {error}\n")


def test_a_run_ends_with_accuracy_time_and_the_file_to_open(run, monkeypatch):
    monkeypatch.setattr("digitlib.series.pipeline.run", lambda *_, **__: files.models())
    status, out, _ = run("run")
    accuracy, time, page = out.splitlines()[-3:]
    assert status == 0 and "n = 10,000" in accuracy and accuracy.startswith("MNIST test set: ")
    assert re.fullmatch(r"Time: 0 min \d s", time) and page == f"Open: {files.models() / 'report.html'}"


def test_debug_shows_the_traceback(tmp_path):
    with pytest.raises(ValueError, match="no model at"):
        cli.main(["predict", "x.png", "--model", "gone.h5", "--debug"])


def test_ctrl_c_ends_with_a_sentence(run, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("digitlib.doors.doctor.examine", interrupted)
    status, _, err = run("doctor")
    assert status == 130 and err.strip() == "error: stopped"


def test_a_bug_is_named_as_one_and_a_missing_package_with_its_command(run, monkeypatch):
    for error, message in (
        (RuntimeError("oops"), "a bug: --debug"),
        (ModuleNotFoundError("No module named 'x'", name="x"), "x is missing: make install"),
        (ImportError("libGL.so.1: cannot open shared object file"), "apt-get install -y libgl1"),
    ):

        def fails(*_, error=error):
            raise error

        monkeypatch.setattr("digitlib.doors.doctor.examine", fails)
        status, _, err = run("doctor")
        assert status != 0 and message in err


def test_a_folder_that_cannot_be_written_is_named(run, tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "runs").write_text("a file in the way")
    monkeypatch.setattr(files, "root", lambda: tmp_path)
    status, _, err = run("train", "--data", "sample", "--epochs", "1", "--name", "x")
    assert status == 2 and "cannot be written" in err


CLASSIC = ROOT / "handwritten_digit_recognizer.py"


def test_the_classic_program_reads_a_digit(pictures):
    words = ["--mode", "predict", "--image_path", pictures[0], "--model_path", str(files.models())]
    ran = subprocess.run([sys.executable, CLASSIC, *words], capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0
    assert re.fullmatch(r"Prediction: 7 \(Confidence: [01]\.\d\d\)\n", ran.stdout)
    assert f"INFO: Reading with the model in {files.models()}" in ran.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--mode", "predict"], "needs --image_path"),
        (["--mode", "predict", "--image_path", "gone.png"], "no such file: gone.png"),
        (["--mode", "predict", "--image_path", "x.png", "--model_path", "gone.h5"], "no model at gone.h5"),
        (["--mode", "train", "--epochs", "0"], "epochs must be"),
        (["--mode", "train", "--batch_size", "-1"], "batch_size must be"),
        (["--mode", "train", "--model_path", "model.txt"], "saved as .h5 or .keras"),
        (["--mode", "train", "--model_path", "README.md/x.h5"], "x.h5 cannot be written"),
    ],
)
def test_the_classic_program_refuses_with_one_sentence(words, message, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.argv", [str(CLASSIC), *words])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(CLASSIC), run_name="__main__")
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert "Traceback" not in said
    assert message in said.splitlines()[-1]
    assert "Loaded" not in said  # nothing was begun


@pytest.mark.slow
def test_the_classic_program_trains_and_prints_its_lines(tmp_path):
    copy = tmp_path / "project"
    for name in ("digitlib", "notebooks", "models"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    shutil.copy(CLASSIC, copy)
    config = copy / "digitlib" / "config.py"  # a tiny network prints the same lines sooner
    config.write_text(config.read_text().replace('"base"', '"tiny"').replace("55_000", "5_500"))
    fit = copy / "digitlib" / "training" / "fit.py"  # and refusal is fitted sooner to some dozens
    assert "= 3_000, 1_000" in fit.read_text()
    fit.write_text(fit.read_text().replace("= 3_000, 1_000", "= 300, 40"))
    environment = os.environ | {"PYTHONPATH": str(copy), "DIGITLIB_DATA": "sample"}
    words = ["--mode", "train", "--epochs", "1", "--batch_size", "512", "--model_path", "kept/own.h5"]
    program = [sys.executable, "handwritten_digit_recognizer.py"]
    ran = subprocess.run([*program, *words], capture_output=True, text=True, cwd=copy, env=environment)
    assert ran.returncode == 0, ran.stderr
    for line in (
        "INFO: Loaded 5k sample dataset: Train (4000, 28, 28, 1), Test (1000, 28, 28, 1)",
        "INFO: Model built and compiled with BatchNormalization.",
        "INFO: Model training completed.",
        f"INFO: Wrote {copy / 'figures' / 'confusion_matrix.png'}",
    ):
        assert line in ran.stderr.splitlines()
    words = r"Test Accuracy: 0\.\d{4}, Test Loss: \d\.\d{4} \(held-out part of the 5k sample\)\n"
    assert re.fullmatch(words, ran.stdout)
    names = {path.name for path in (copy / "figures").glob("[!.]*")}
    assert {"confusion_matrix.png", "training_accuracy.png", "training_loss.png"} == names
    assert (copy / "kept" / "own.h5").exists()

    Image.new("L", (60, 60), 240).save(copy / "blank.png")
    ran = subprocess.run(
        [*program, "--mode", "predict", "--image_path", "blank.png"],
        capture_output=True,
        text=True,
        cwd=copy,
        env=environment,
    )
    assert ran.returncode == 2 and "runs/classic" in ran.stderr
    assert "looks like one" in ran.stderr.splitlines()[-1]


def test_a_picture_of_a_reading_never_takes_the_place_of_a_picture(run, pictures, tmp_path):
    before = Path(pictures[0]).read_bytes()
    shutil.copy(pictures[0], tmp_path / "seven.bmp")
    assert run("predict", pictures[0], tmp_path / "seven.bmp", "--show", tmp_path)[0] == 0
    assert Path(pictures[0]).read_bytes() == before
    assert {"seven-reading1.png", "seven-reading2.png"} <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("name", ["..", "a/b", ".hidden"])
def test_a_run_is_never_written_outside_its_folder(run, name):
    for words in (["train", "--name", name], ["train", "--resume", name]):
        status, _, err = run(*words, "--data", "sample")
        assert status == 2 and "one word without slashes" in err


@pytest.mark.parametrize(("parameter", "value"), [("epochs", "0"), ("batch_size", "-5"), ("rotation", "90")])
def test_a_run_refuses_wrong_settings_before_anything_is_made(run, parameter, value, project):
    status, _, err = run("run", "-p", parameter, value, "--data", "sample")
    assert status == 2 and parameter in err
    assert not list((project / "runs").glob("*"))


def test_values_of_parameters_are_read_as_papermill_does():
    read = [
        commands.value(text) for text in ("3", "0.5", ".005", "007", "true", "True", "False", "None", "word")
    ]
    assert read == [3, 0.5, 0.005, 7, True, True, False, None, "word"]


def test_a_full_disk_is_one_sentence_and_no_bug():
    status, sentence = cli.in_words(OSError(28, "No space left on device", "x"))
    assert status == 2 and "No space left" in sentence and "bug" not in sentence
