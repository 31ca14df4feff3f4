"""The database: a server of our own, connections, migrations, bulk copies."""
