"""The only door to the database: rows come and go within the viewer's reach."""
