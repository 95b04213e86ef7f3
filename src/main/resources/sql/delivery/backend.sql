-- Which server process does the work of this connection.
SELECT pg_backend_pid()
