from dataclasses import dataclass
from pathlib import Path

from tests.slow_first import Marked, slow_first


@dataclass
class Item:
    path: Path
    marker: str = ""

    def get_closest_marker(self, name: str) -> str | None:
        return self.marker if self.marker == name else None


def test_slow_tests_come_first_and_those_with_few_beside_them_before_all() -> None:
    quick, browser = Item(Path("a")), Item(Path("many"), "browser")
    many = [Item(Path("many"), "slow") for _ in range(3)]
    alone = Item(Path("z"), "slow")
    tests: list[Marked] = [quick, browser, *many, alone]
    slow_first(tests)
    assert tests == [alone, *many, quick, browser]
    assert [id(test) for test in tests[1:4]] == [id(test) for test in many]
