"""Where the engine is elsewhere, the site's own process needs neither torch nor scikit-learn."""

from __future__ import annotations

import subprocess
import sys

from tests.app.visits import VISITS
from tests.conftest import ROOT


def test_every_page_is_visited() -> None:
    pages = {path.stem for path in (ROOT / "pages").glob("*.py")}
    assert VISITS.keys() == pages - {"classroom"}, "say in VISITS what one does there"


def test_pages_need_no_torch_where_another_process_computes() -> None:
    command = [sys.executable, "-m", "tests.app.lean"]
    run = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=300
    )
    assert run.returncode == 0, run.stdout + run.stderr[-4000:]
