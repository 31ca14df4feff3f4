"""The commands of `zhike`, one file per subject; each is thin, what it starts stands elsewhere."""
