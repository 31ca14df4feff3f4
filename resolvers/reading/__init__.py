"""Reading: selections are compiled into plans of one SQL statement per level (design §4, docs/reading.md)."""
