"""PostgreSQL: the only files with SQL, one a feature. Each implements a port of app.services."""
