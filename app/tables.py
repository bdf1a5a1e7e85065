"""Tables as files for spreadsheets. No Streamlit."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as comma-separated values; what is None stays empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: object) -> object:
    """Mark a cell as text that a spreadsheet would take for a formula: names are anybody's."""
    formula = isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    return f"'{cell}" if formula else cell
