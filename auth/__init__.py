"""The door: who may see and do what, keys and sealing, tokens, and the only session."""
