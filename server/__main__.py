"""`python -m server` is `zhike`."""

from server.cli import main

if __name__ == "__main__":
    main()
