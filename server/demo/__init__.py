"""The demo: an invented house with everything in it, the same on every run but for the ciphertext (design §8)."""
