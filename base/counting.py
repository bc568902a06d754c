"""A number with its noun, as people write it: 1 picture, 2 pictures."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return the number with the noun that fits.

    Args:
        number: how many.
        noun: for one, with what else depends on the number, as "picture is".
        plural: for any other number; by default the noun with an s.
    """
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"
