"""How to start dbt in a process of its own, whatever is on the PATH.

dbt always runs so: in our own process it would keep the DuckDB file locked.
"""

import sys

# `python -m dbt.cli.main` would warn that the module is imported twice.
DBT = (sys.executable, "-c", "import sys; from dbt.cli.main import cli; sys.argv[0] = 'dbt'; cli()")
