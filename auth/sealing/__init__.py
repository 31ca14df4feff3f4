"""Keys, ciphers and seals: personal data at rest (design §6)."""
