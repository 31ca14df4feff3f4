"""Who comes in: passwords, sessions of staff, access tokens."""
