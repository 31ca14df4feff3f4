"""`zhike import customers FILE`: an export of another system becomes customers, line by line, nothing guessed."""
