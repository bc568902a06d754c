import os
import signal
from collections.abc import Callable
from functools import partial

import pytest

from base.errors import InputError, WorkerDiedError
from base.work import Engine, InProcess, Processes, start_ahead


def multiply(by: int) -> Callable[[int], int]:
    return partial(times, by)


def times(by: int, task: int) -> int:
    if task < 0:
        raise InputError("negative")
    return by * task


def end(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def ending() -> Callable[[int], None]:
    return end


@pytest.mark.parametrize("engine", [InProcess(), Processes(2)], ids=["in process", "processes"])
def test_results_come_in_the_order_of_the_tasks_and_errors_as_raised(engine: Engine) -> None:
    results = engine.map(partial(multiply, 3), [2, 1, 4, -1])
    assert [next(results) for _ in range(3)] == [6, 3, 12]
    with pytest.raises(InputError, match="negative"):
        next(results)


def refusing() -> Callable[[int], None]:
    raise ValueError("nothing can be prepared")


def test_what_preparing_raises_in_a_process_comes_out_as_it_is_with_its_traceback() -> None:
    with pytest.raises(ValueError, match="nothing can be prepared") as caught:
        list(Processes(1).map(refusing, [1]))
    assert "in refusing" in str(caught.value.__cause__)


def test_a_process_that_is_killed_is_a_named_error() -> None:
    with pytest.raises(WorkerDiedError, match="killed"):
        list(Processes(1).map(ending, [1]))


def test_no_more_is_started_than_asked_for() -> None:
    started: list[int] = []
    taken = start_ahead((started.append(number) or number for number in range(100)), 3)
    assert [next(taken), next(taken)] == [0, 1]
    assert len(started) == 4
    assert list(taken) == list(range(2, 100))
