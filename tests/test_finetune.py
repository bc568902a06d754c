from pathlib import Path

import torch

from model.adapting.finetune import fine_tune
from model.labelled_folders.folders import read_examples
from model.learning.batches import BALANCES, Mixture, decode_examples
from model.learning.training_settings import TrainSettings
from model.training.train import train
from tests.crops import write_crops


def test_fine_tuning_in_memory_gives_the_weights_of_a_run_and_leaves_the_start_alone(tmp_path: Path) -> None:
    synthetic, real = write_crops(tmp_path / "synthetic", 6), write_crops(tmp_path / "real", 2)
    first = TrainSettings(backbone="tiny", epochs=1, batch_size=8, threads=1)
    start = train(synthetic, None, out=tmp_path / "first", settings=first).model
    before = start.network.head.weight.clone()
    again = TrainSettings(init=tmp_path / "first", init_share=0.25, epochs=2, batch_size=8, threads=1, val_share=0)
    run = train(synthetic, real, out=tmp_path / "second", settings=again).model
    sources = [
        decode_examples(read_examples(folder), start.geometry, start.classes, threads=1) for folder in (synthetic, real)
    ]
    tuned = fine_tune(start, Mixture(*sources, again.real_share, None, BALANCES[again.balance]), again)
    torch.testing.assert_close(tuned.network.state_dict(), run.network.state_dict(), rtol=0, atol=0)
    assert torch.equal(start.network.head.weight, before)
    assert not torch.equal(tuned.network.head.weight, before)


def test_a_part_of_a_training_set_keeps_what_is_known_of_its_pictures(tmp_path: Path) -> None:
    examples = read_examples(write_crops(tmp_path / "crops", 2))
    whole = decode_examples(examples, TrainSettings().geometry, ("checked", "other", "unchecked"), threads=1)
    rows = whole.labels.argsort()[::-1][:3].copy()
    part = whole.take(rows)
    assert part.labels.tolist() == whole.labels[rows].tolist()
    assert [part.sample(0).kind, len(part)] == [whole.sample(int(rows[0])).kind, 3]
    assert part.pixels[2] is whole.pixels[rows[2]]
