#!/bin/sh
# Runs a command against a PostgreSQL server that exists only for it: tools/postgres.sh go test ./store
# The server listens on loopback, keeps its data in a temporary folder, and its DSN is in GREENGATE_TEST_POSTGRES. Debian's package is
# installed when there is no PostgreSQL.
set -eu

programs() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }

if [ -z "$(programs)" ]; then
	apt-get install -y --no-install-recommends postgresql >&2 || {
		apt-get update >&2
		apt-get install -y --no-install-recommends postgresql >&2
	}
fi
bin=$(programs)

# PostgreSQL refuses to run as root.
as_owner=
if [ "$(id -u)" = 0 ]; then as_owner="setpriv --reuid postgres --regid postgres --init-groups"; fi

data=$(mktemp -d)
server=
stop() {
	if [ -n "$server" ]; then
		kill -INT "$server" 2>/dev/null || true
		wait "$server" || true
	fi
	rm -rf "$data"
}
trap stop EXIT
trap 'exit 1' HUP INT TERM

if [ -n "$as_owner" ]; then chown postgres "$data"; fi
$as_owner "$bin/initdb" --pgdata "$data/db" --username greengate --auth trust --encoding UTF8 --no-locale --no-sync >/dev/null

# A port that is free now may be taken in the next moment, so several are tried.
for attempt in 1 2 3 4 5; do
	port=$(shuf -i 20000-60000 -n 1)
	$as_owner "$bin/postgres" -D "$data/db" -h 127.0.0.1 -p "$port" -k "$data" -c fsync=off -c full_page_writes=off -c max_connections=300 \
		>"$data/log" 2>&1 &
	server=$!
	for _ in $(seq 100); do
		if "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" -U greengate || ! kill -0 "$server" 2>/dev/null; then break; fi
		sleep 0.1
	done
	if kill -0 "$server" 2>/dev/null; then break; fi
	wait "$server" || true
	server=
done
if [ -z "$server" ]; then
	cat "$data/log" >&2
	exit 1
fi

GREENGATE_TEST_POSTGRES="postgres://greengate@127.0.0.1:$port/postgres?sslmode=disable" "$@"
