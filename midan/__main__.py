"""`python -m midan`."""

from midan.cli import main

main()
