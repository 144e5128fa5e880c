"""``python -m node``: the same as the executable ``creditbank``."""

from node.edges.cli.main import main

if __name__ == "__main__":
    main()
