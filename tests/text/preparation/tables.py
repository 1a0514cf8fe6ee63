"""Tables of written texts and what is said for them."""


def pairs(table: str) -> list[tuple[str, str]]:
    """Return the written and the spoken texts of a table. The spoken text stands indented below the written one."""
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
