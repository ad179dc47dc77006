"""`python -m registry.cli`: the same as the command `equity`."""

from registry.cli import main

if __name__ == "__main__":
    main()
