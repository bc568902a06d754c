from base.seeds import rng_for


def test_the_same_parts_give_the_same_numbers_on_every_machine() -> None:
    assert rng_for(0, 7, "theme").randint(0, 10**9) == 440620622


def test_every_part_matters() -> None:
    draws = {rng_for(*parts).random() for parts in ((0, 1, "a"), (0, 1, "b"), (0, 2, "a"), (1, 1, "a"), (-1, 1, "a"))}
    assert len(draws) == 5
