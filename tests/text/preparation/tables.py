"""Parsers for tables of written texts and their spoken forms."""


def pairs(table: str) -> list[tuple[str, str]]:
    """Return pairs of written and spoken texts. In the table, each spoken text is indented below its written text. A
    text without a spoken text is spoken as written.
    """
    rows: list[tuple[str, str]] = []
    for line in filter(None, table.splitlines()):
        if line.startswith("    "):
            rows[-1] = (rows[-1][0], line.strip())
        else:
            rows.append((line, line))
    return rows


def lines(table: str) -> list[str]:
    """Return the lines of a table with one text per line, without empty lines."""
    return [line for line in table.splitlines() if line]
