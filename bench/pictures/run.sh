#!/bin/sh
# Installs libvips, jpegtran and sharp (Debian, as root; what is there already stays) and prints the table of README.md. Files go to
# the directory named first, /tmp/greengate-pictures if none is. Run nothing else on the machine meanwhile.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dir=${1:-/tmp/greengate-pictures}
sharp=0.35.5
mkdir -p "$dir/corpus"

dpkg -s libvips-dev libjpeg-turbo-progs >/dev/null 2>&1 ||
	{ apt-get update && apt-get install -y --no-install-recommends libvips-dev libjpeg-turbo-progs; } >&2
command -v perf >/dev/null || apt-get install -y --no-install-recommends linux-perf >&2 || true # instructions are left out without it
[ -d "$dir/node_modules/sharp" ] || (cd "$dir" && npm install --no-audit --no-fund --no-save "sharp@$sharp") >&2
cp "$here/anchors/sharp.js" "$dir/"
cc -O2 -o "$dir/vips" "$here/anchors/vips.c" $(pkg-config --cflags --libs vips)
cd "$here/../.." && CGO_ENABLED=0 go build -o "$dir/pictures" ./bench/pictures

echo "$(go env GOVERSION), $(vips --version 2>/dev/null || pkg-config --modversion vips | sed 's/^/libvips /'), sharp $sharp, $(nproc) CPUs"
echo
exec "$dir/pictures" -corpus "$dir/corpus" -vips "$dir/vips" -sharp "$dir"
