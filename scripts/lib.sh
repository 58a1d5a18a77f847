# shellcheck shell=bash
# What the scripts share: messages, tool versions, paths, and a node that is started, waited for and stopped.
# Source it; it runs nothing by itself.

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

# Outside the clone, so that a fresh clone builds on what the last one compiled.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$HOME/.cache/ofage/target}
OFAGE_TOOLS=${OFAGE_TOOLS:-$HOME/.cache/ofage/tools}
export PATH="$OFAGE_TOOLS/bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"

if [[ -t 2 && -z ${NO_COLOR:-} ]]; then
  BOLD=$'\e[1m' RED=$'\e[31m' PLAIN=$'\e[0m'
else
  BOLD='' RED='' PLAIN=''
fi

say() { printf '%s\n' "${BOLD}==>${PLAIN} $*" >&2; }
note() { printf '    %s\n' "$*" >&2; }
die() {
  printf '%s\n' "${RED}error:${PLAIN} $*" >&2
  exit 1
}

# The text of a comment block at the head of the calling script, as its --help.
usage() { sed -n '2,/^[^#]/{/^#/!d;s/^# \{0,1\}//;p}' "$0"; }

# now: milliseconds since the epoch.
now() { printf '%s' "$((${EPOCHREALTIME/[.,]/} / 1000))"; }

# seconds MS: milliseconds as seconds with one decimal.
seconds() { printf '%d.%d' "$(($1 / 1000))" "$(($1 % 1000 / 100))"; }

build_binaries() {
  say "Building ofage-node and ofage (release); the first build takes a while"
  (cd "$ROOT" && cargo build --release --locked -p ofage-node -p ofage-cli --bins)
}
node_bin() { printf '%s' "${OFAGE_NODE_BIN:-$CARGO_TARGET_DIR/release/ofage-node}"; }
ofage_bin() { printf '%s' "${OFAGE_BIN:-$CARGO_TARGET_DIR/release/ofage}"; }

# wait_line PID LOG SECONDS PATTERN: prints the first line of LOG that matches, written by then or later.
# It follows the file; it fails when the process ends or the time is over.
wait_line() {
  timeout "$3" grep -m1 -E -- "$4" < <(exec tail -n +1 -F --pid="$1" -- "$2" 2>/dev/null)
}

# rpc URL METHOD [PARAMS]: one JSON-RPC call over HTTP; prints the raw answer.
rpc() {
  curl --silent --show-error --fail --max-time 20 -H 'content-type: application/json' \
    --data "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$2\",\"params\":${3:-[]}}" "${1/#ws/http}"
}

# field NAME: the value of the first string, number or boolean field of that name in the JSON on stdin.
field() {
  grep -oE "\"$1\"[[:space:]]*:[[:space:]]*(\"([^\"\\]|\\\\.)*\"|[^],}[:space:]]+)" |
    sed -nE '1{s/^"[^"]*"[[:space:]]*:[[:space:]]*//;s/^"(.*)"$/\1/;p}'
}
