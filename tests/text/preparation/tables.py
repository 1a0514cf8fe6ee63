"""Parsers for tables of written texts and their spoken forms."""


def pairs(table: str) -> list[tuple[str, str]]:
    """Return pairs of written and spoken texts. In the table, each spoken text is indented below its written text."""
    rows: list[tuple[str, str]] = []
    for line in filter(None, table.splitlines()):
        if line.startswith("    "):
            rows[-1] = (rows[-1][0], line.strip())
        else:
            rows.append((line, line))
    return rows


def lines(table: str) -> list[str]:
    """Return the texts of a table with one text per line."""
    return [line for line in table.splitlines() if line]
