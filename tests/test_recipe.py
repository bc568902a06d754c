from generator.crops.recipe import SLOTS_A_PAGE, Recipe
from generator.rendering.text_rendering import TEXT_RENDERINGS
from tests.families import palette


def test_every_crop_is_on_one_page_and_has_one_number() -> None:
    for views, pairs in ((1, False), (3, False), (1, True), (2, True)):
        recipe = Recipe(palette(), seed=0, n=SLOTS_A_PAGE * 3 + 7, views=views, pairs=pairs)
        assert sum(recipe.count(page) for page in recipe.pages()) == recipe.n
        numbers = [
            recipe.index(cell.style, variant=variant, view=view)
            for page in recipe.pages()
            for cells in recipe.slots(page)
            for variant, cell in enumerate(cells)
            for view in range(len(cell.views))
        ]
        assert len(set(numbers)) == len(numbers)
        assert set(range(recipe.n)) <= set(numbers)


def test_the_first_crops_of_a_larger_set_are_those_of_a_smaller_one() -> None:
    small, large = (Recipe(palette(), seed=0, n=n).slots(0) for n in (5, 50))
    assert large[:5] == small


def test_coarse_screens_draw_text_in_every_way_and_only_they_do() -> None:
    recipe = Recipe(palette(), seed=0, n=1)
    screens = [recipe.display(page) for page in range(400)]
    assert {screen.scale for screen in screens} == {1.0, 1.25, 1.5, 2.0, 3.0}
    assert {screen.scale for screen in screens if screen.text_rendering != "smooth"} == {1.0, 1.25}
    assert {screen.text_rendering for screen in screens if screen.scale == 1.0} == set(TEXT_RENDERINGS)
