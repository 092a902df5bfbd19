"""`python -m arcana` is the console command."""

from arcana.cli import main

main()
