#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# An answer of DPDK's telemetry ends at 16 KiB: what no longer fits is left out, and nobody is told.
#
# DPDK 22.11.11 (Debian 12). A telemetry command fills a dictionary with 40 dictionaries of 40 numbers; each
# rte_tel_data_add_...() returns 0. The greeting says max_output_len 16384; the client gets valid JSON of 15868 bytes
# with 18 of the 40: the others are missing without a mark, and the command's return value was 0 as well.
# Who sums what is there, or takes a missing key for zero, is wrong from the first large machine on. Seen on x86-64.
# Ours: /ntpwire/stats begins with the number of workers, and /ntpwire/stats,N tells one alone.
#
# Needs apt-get with Debian 12's archive, gcc, python3 and libnuma; everything goes to a temp folder. Exit 1 if it
# has changed.
set -euo pipefail
VERSION=22.11.11-0+deb12u1
DIR=$(mktemp -d)
SERVER=
trap '[ -z "$SERVER" ] || kill "$SERVER" 2>/dev/null || true; rm -rf "$DIR"' EXIT
cd "$DIR"
apt-get -qq -o APT::Sandbox::User=root download librte-eal23=$VERSION librte-kvargs23=$VERSION \
	librte-telemetry23=$VERSION libdpdk-dev=$VERSION >/dev/null
for deb in *.deb; do
	dpkg-deb -x "$deb" root
done
LIB=$(dirname "$(find "$DIR/root" -name librte_eal.so.23 | head -n 1)")
INCLUDE=$DIR/root/usr/include
MACHINE=$(dirname "$(find "$INCLUDE" -name rte_build_config.h | head -n 1)")
cat >server.c <<'C'
#include <stdio.h>
#include <unistd.h>
#include <rte_eal.h>
#include <rte_telemetry.h>

enum { PARTS = 40, NUMBERS = 40 };

static int answer(const char *command, const char *parameters, struct rte_tel_data *d)
{
	int refused = 0;
	char name[32];
	(void)command;
	(void)parameters;
	rte_tel_data_start_dict(d);
	for (int p = 0; p < PARTS; p++) {
		struct rte_tel_data *part = rte_tel_data_alloc();
		rte_tel_data_start_dict(part);
		for (int n = 0; n < NUMBERS; n++) {
			snprintf(name, sizeof(name), "number%d", n);
			refused += rte_tel_data_add_dict_u64(part, name, 1000000000u + n) != 0;
		}
		snprintf(name, sizeof(name), "part%d", p);
		refused += rte_tel_data_add_dict_container(d, name, part, 0) != 0;
	}
	printf("refused %d\n", refused);
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	if (rte_eal_init(argc, argv) < 0)
		return 1;
	rte_telemetry_register_cmd("/finding/parts", answer, "40 dictionaries of 40 numbers");
	sleep(20);
	return 0;
}
C
gcc -I"$INCLUDE/dpdk" -I"$MACHINE" -I"$INCLUDE" -march=corei7 server.c -o server -L"$LIB" \
	-l:librte_eal.so.23 -l:librte_telemetry.so.23 -l:librte_kvargs.so.23 -Wl,-rpath,"$LIB"
export RUNTIME_DIRECTORY=$DIR
LD_LIBRARY_PATH=$LIB ./server --no-huge --no-shconf --no-pci -m 64 --lcores 0@0 --file-prefix finding >said 2>words &
SERVER=$!
cat >client.py <<'PYTHON'
import glob, json, socket, sys, time
for _ in range(100):
    found = glob.glob(sys.argv[1] + "/dpdk/*/dpdk_telemetry.v2")
    if found:
        break
    time.sleep(0.1)
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(found[0])
limit = json.loads(s.recv(1 << 20))["max_output_len"]
s.send(b"/finding/parts")
raw = s.recv(1 << 20)
parts = json.loads(raw)["/finding/parts"]
print(f"limit {limit}, {len(raw)} bytes, {len(parts)} of 40 parts, {min(len(p) for p in parts.values())} numbers in the least")
sys.exit(not (limit == 16384 and len(raw) <= limit and 0 < len(parts) < 40))
PYTHON
sleep 1
code=0
python3 client.py "$DIR" || code=$?
cat said
[ "$code" = 0 ] && grep -qx 'refused 0' said
