from __future__ import annotations

import subprocess
import sys

from flows.prefect_environment import DEFAULTS, LOGGING_CONFIG, set_prefect_defaults


def test_what_the_user_has_set_stays() -> None:
    environ = {"DO_NOT_TRACK": "0"}

    set_prefect_defaults(environ)

    assert environ == DEFAULTS | {"DO_NOT_TRACK": "0"}


def test_it_imports_no_prefect_itself_and_names_a_file_that_is_there() -> None:
    code = "import sys, flows.prefect_environment; sys.exit('prefect' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert LOGGING_CONFIG.is_file()
