"""Grammar of messages. Pure."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """Returns the number with the noun in singular or plural, such as `1 voice` or `2 voices`.

    `plural` is the plural of a noun that does not only add an s.
    """
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"
