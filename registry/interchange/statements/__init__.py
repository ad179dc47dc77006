"""Bank statements: a CSV table or camt.053 (ISO 20022) becomes a `Statement`, or an InputError that names the place.

What may be meant in two ways is refused. Knows files of a bank and `registry.domain`, neither chain nor store.
"""

from registry.domain.reconcile import Line
from registry.interchange.statements.camt import read_camt
from registry.interchange.statements.fields import MOST_BYTES, UTF8_BOM, Place, Statement
from registry.interchange.statements.table import read_table

LONGEST_BLANK = 10_000
"""[bytes] a file that begins with more white space than this is taken for an empty one."""

__all__ = ["Line", "Statement", "read_statement"]


def read_statement(data: bytes, name: str) -> Statement:
    """Reads a statement; `name` is the file's name for messages. What begins with `<` is XML, anything else a table."""
    place = Place(name)
    if len(data) > MOST_BYTES:
        raise place.error("file_too_large", "size", len(data), f"is larger than {MOST_BYTES} bytes")
    begin = data[:LONGEST_BLANK].removeprefix(UTF8_BOM).lstrip()
    if not begin:
        raise place.error("empty_file", "file", "", "has nothing in it")
    return read_camt(data, place) if begin.startswith(b"<") else read_table(data, place)
