"""Backup and restore (S99): the data in one file, the keys that open it in another."""
