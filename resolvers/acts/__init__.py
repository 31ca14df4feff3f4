"""The acts, one file per noun. Each finds its row in reach, asks the page, and calls the domain."""
