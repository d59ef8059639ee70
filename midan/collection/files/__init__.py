"""Order files as rows, in bounded memory: CSV, JSON lines, Parquet.

Rows come as (number, mapping) or (number, rejects): the number counts data rows from 1. A file that cannot
be read as what it claims to be raises FileRefused. Nothing is written anywhere, and no message repeats what
stood in it.
"""

from midan.collection.files.opening import FORMATS, Rows, format_of, open_rows
from midan.collection.files.reasons import FileReason
from midan.collection.files.text import Row

__all__ = ["FORMATS", "FileReason", "Row", "Rows", "format_of", "open_rows"]
