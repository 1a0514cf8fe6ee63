"""Parses tables of written texts and their spoken forms."""


def pairs(table: str) -> list[tuple[str, str]]:
    """Return the written and the spoken texts of a table. Each spoken text is indented below its written text."""
    rows: list[tuple[str, str]] = []
    for line in filter(None, table.splitlines()):
        if line.startswith("    "):
            rows[-1] = (rows[-1][0], line.strip())
        else:
            rows.append((line, line))
    return rows


def lines(table: str) -> list[str]:
    """Return the texts of a table, one from each line."""
    return [line for line in table.splitlines() if line]
