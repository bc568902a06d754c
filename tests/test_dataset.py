import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from base.errors import InputError, MissingError, OutputExistsError, TemplateError
from generator.crops.manifest import read_manifest
from generator.datasets.dataset import GenerateSettings, generate
from generator.datasets.rerender import rerender
from tests.families import BOX
from tests.kept_worker import draw

pytestmark = pytest.mark.browser

FAMILIES = ("button_filled", "checkbox_native", "switch_material")


def settings(n: int = 24, *, seed: int = 0, workers: int = 1) -> GenerateSettings:
    return GenerateSettings(n=n, seed=seed, workers=workers, families=FAMILIES)


def fingerprint(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "set"
    draw(out, settings(500))
    return out


def test_rows_and_pictures_agree(made: Path) -> None:
    rows = list(read_manifest(made))
    assert [row.index for row in rows] == list(range(500))
    assert {row.file_name for row in rows} == {str(path.relative_to(made)) for path in made.glob("[!.]*/*.png")}
    for row in rows:
        path = made / row.file_name
        assert path.parent.name == row.label
        assert hashlib.sha256(path.read_bytes()).hexdigest() == row.sha256
        with Image.open(path) as image:
            assert image.size == (row.width, row.height)
        x, y, width, height = row.box
        assert -1 <= x < x + width <= row.width + 1
        assert -1 <= y < y + height <= row.height + 1


def test_the_summary_counts_what_is_there(tmp_path: Path) -> None:
    summary = draw(tmp_path / "out", settings(30))
    assert sum(summary.classes.values()) == sum(summary.families.values()) == 30
    assert set(summary.classes) == {
        path.name
        for path in (tmp_path / "out").iterdir()
        if path.suffix == "" and path.is_dir() and path.name[0] != "."
    }


def test_many_workers_give_the_same_bytes_as_one(made: Path, tmp_path: Path) -> None:
    generate(tmp_path / "two", settings(500, workers=2))
    assert fingerprint(tmp_path / "two") == fingerprint(made)


def test_another_seed_gives_other_pictures(tmp_path: Path) -> None:
    draw(tmp_path / "zero", settings(5, seed=0))
    draw(tmp_path / "one", settings(5, seed=1))
    pictures = [{row.sha256 for row in read_manifest(tmp_path / name)} for name in ("zero", "one")]
    assert not pictures[0] & pictures[1]


def test_a_killed_run_resumes_to_the_same_bytes(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "killed"
    script = (
        "from pathlib import Path; from generator.datasets.dataset import GenerateSettings, generate\n"
        "if __name__ == '__main__':\n"
        f"    generate(Path({str(out)!r}), GenerateSettings(n=500, workers=1, families={FAMILIES!r}))\n"
    )
    (tmp_path / "run.py").write_text(script, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    process = subprocess.Popen([sys.executable, tmp_path / "run.py"], env=environment, start_new_session=True)
    deadline = time.monotonic() + 120
    while not list(out.glob(".shards/*.jsonl")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert 0 < len(list(out.glob(".shards/*.jsonl"))) < 3, "killed too late or too early"
    with pytest.raises(OutputExistsError):
        draw(out, settings(500))
    draw(out, settings(500), resume=True)
    assert fingerprint(out) == fingerprint(made)


def test_resuming_with_other_settings_is_refused(made: Path) -> None:
    with pytest.raises(InputError, match=r"begun with other settings \(seed\)"):
        draw(made, settings(500, seed=1), resume=True)


def test_a_finished_set_can_be_resumed_and_stays_as_it_is(made: Path) -> None:
    before = fingerprint(made)
    draw(made, settings(500), resume=True)
    assert fingerprint(made) == before


def test_a_broken_template_stops_the_run_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "mine.html").write_text(BOX.replace("{{ t.ink }}", "{{ inc }}"), encoding="utf-8")
    with pytest.raises(TemplateError, match=r"mine\.html:7: 'inc' is undefined"):
        draw(tmp_path / "out", GenerateSettings(n=3, workers=1, templates=tmp_path, families=("mine",)))


def test_a_template_that_draws_nothing_stops_the_run_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "void.html").write_text('+++\nkind = "none"\nstates = ["other"]\n+++\n', encoding="utf-8")
    with pytest.raises(TemplateError, match="void: nothing to crop"):
        draw(tmp_path / "out", GenerateSettings(n=3, workers=1, templates=tmp_path, families=("void",)))


def test_own_templates_may_have_other_classes(tmp_path: Path) -> None:
    (tmp_path / "door.html").write_text(BOX.replace('"checked", "unchecked"', '"open", "shut"'), encoding="utf-8")
    chosen = GenerateSettings(n=12, workers=1, templates=tmp_path, families=("door",))
    assert set(draw(tmp_path / "out", chosen).classes) == {"open", "shut"}


def test_bad_requests_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown family 'checkbox_nativ'"):
        generate(tmp_path / "out", GenerateSettings(n=3, families=("checkbox_nativ",)))
    with pytest.raises(InputError, match="unknown family 'swich_material'"):
        generate(tmp_path / "out", GenerateSettings(n=3, without=("swich_material",)))
    with pytest.raises(InputError, match="no family is left"):
        generate(tmp_path / "out", GenerateSettings(n=3, families=FAMILIES, without=FAMILIES))
    with pytest.raises(MissingError, match="no template folder"):
        generate(tmp_path / "out", GenerateSettings(n=3, templates=tmp_path / "none"))
    assert not (tmp_path / "out").exists()


def test_a_spoiled_manifest_names_file_line_and_field(tmp_path: Path) -> None:
    (tmp_path / "metadata.jsonl").write_text(json.dumps({"file_name": "a.png"}) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"metadata\.jsonl:1: label: Field required"):
        list(read_manifest(tmp_path))
    with pytest.raises(MissingError, match=r"no metadata\.jsonl"):
        list(read_manifest(tmp_path / "none"))


def test_a_recipe_decides_what_is_drawn_and_not_who_draws_it(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text("base = 0.1\n[families]\nswitch_material = 50\n", encoding="utf-8")
    told = settings(210).model_copy(update={"recipe": path})
    draw(tmp_path / "one", told)
    families = Counter(row.family for row in read_manifest(tmp_path / "one") if row.label != "other")
    assert families["switch_material"] > 0.8 * families.total()
    generate(tmp_path / "two", told.model_copy(update={"workers": 2}))
    assert fingerprint(tmp_path / "one") == fingerprint(tmp_path / "two")
    name = next(read_manifest(tmp_path / "one")).file_name
    assert rerender(tmp_path / "one", name).same
    path.write_text("base = 0.2\n[families]\nswitch_material = 50\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"begun with other settings \(weights\)"):
        draw(tmp_path / "one", told, resume=True)
