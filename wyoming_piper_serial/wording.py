"""Grammar helpers for messages. All functions are pure."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """Returns a number with its noun in singular or plural, such as `1 voice` or `2 voices`.

    `plural` is required if the plural is not formed by adding an s.
    """
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"
