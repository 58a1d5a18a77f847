# shellcheck shell=bash
# What the onboarding scripts share: options, the issuer's folder, its settings and log, and how `ofage` is run.
# Source it; it runs nothing by itself.
#
# The issuer's folder holds:
#   keys/controller.key   the cold key, sealed; it belongs on a machine of its own once the issuer stands
#   keys/attester.key     the hot key, sealed
#   keys/old/             attesting keys that were replaced
#   settings              NAME=VALUE lines: accounts, the issuer's number, what was agreed to; nothing secret
#   profile.json, ofage-issuer.json        the profile, and the same signed
#   issuer.register, issuer.register.*     what was attested, keyed by the issuer's own customer numbers
#   credentials/          what customers get; personal data, to be deleted once they have it
#   issuance.store, admin.token            of the issuance service
#   onboarding.log        what these scripts did: time, script, command with its file names; no secret, no customer

# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
# ROOT is of scripts/lib.sh, whose folder's parent is the clone.

# Units. The chain holds the bond of an issuer, and the fees of a few calls are far below one.
# shellcheck disable=SC2034  # 02-register reads them
readonly BOND=100 FEES=1
# What the attesting account is given: a deposit of 1 for each shard of 4,096 people, and fees.
readonly ATTESTER_FUNDS=25

dir=${OFAGE_ISSUER_DIR:-$PWD/ofage-issuer}
dry=0 yes=0
controller_passphrase='' attester_passphrase=''
rest=()
step=$(basename -- "$0")
ofage=$(ofage_bin)
answer=''

# options ARGS...: takes the options of every script, and leaves the others in the array `rest`.
options() {
  while (($#)); do
    case $1 in
      --dir | --node | --controller-passphrase-file | --attester-passphrase-file)
        (($# > 1)) || die "$1 needs a value"
        ;;&
      --dir) dir=$2 && shift ;;
      --node) export OFAGE_NODE=$2 && shift ;;
      --controller-passphrase-file) controller_passphrase=$2 && shift ;;
      --attester-passphrase-file) attester_passphrase=$2 && shift ;;
      --dry-run) dry=1 ;;
      --yes) yes=1 ;;
      -h | --help) usage && common_usage && exit 0 ;;
      *) rest+=("$1") ;;
    esac
    shift
  done
  dir=$(realpath --canonicalize-missing -- "$dir")
  [[ -x $ofage ]] || die "no command at $ofage; build it (scripts/setup, cargo build --release -p ofage-cli), or set OFAGE_BIN"
  if ((!dry)); then
    (umask 077 && mkdir -p "$dir/keys/old")
  fi
}

common_usage() {
  cat <<'TEXT'

Options of every onboarding script:
  --dir DIR    the issuer's folder (default: $OFAGE_ISSUER_DIR, or ./ofage-issuer)
  --node URL   the node to ask (default: $OFAGE_NODE, or ws://127.0.0.1:9944)
  --dry-run    look at the chain and the folder, say what would be done, and do nothing
  --yes        do not ask before what cannot be undone
  --controller-passphrase-file FILE, --attester-passphrase-file FILE
               the keys' passphrases, on the first line; they are asked for otherwise
Each script can be run again: what is done already is passed over. What was done is in onboarding.log.
TEXT
}

# value: the argument of an option in `rest`; use it as: value "$@"
value() {
  (($# > 1)) || die "$1 needs a value"
  printf '%s' "$2"
}

unknown() { die "unknown argument '$1'; $step --help lists them"; }

# log TEXT: a line in the log; none in a dry run.
log() {
  ((dry)) || printf '%s %s: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$step" "$*" >>"$dir/onboarding.log"
}

# confirm QUESTION: ends the script unless the answer is yes.
confirm() {
  local reply
  if ((yes || dry)); then return; fi
  [[ -t 0 ]] || die "$1 Nobody is there to ask; repeat with --yes"
  read -r -p "$1 [y/N] " reply
  [[ $reply == [yY]* ]] || die "nothing was done"
}

# setting NAME: prints it; fails when it is not there.
setting() { sed -n "s/^$1=//p" "$dir/settings" 2>/dev/null | grep -m1 .; }

# remember NAME VALUE
remember() {
  ((dry)) && return
  (
    umask 077
    { grep -v "^$1=" "$dir/settings" 2>/dev/null || true; } >"$dir/settings.new"
    printf '%s=%s\n' "$1" "$2" >>"$dir/settings.new"
  )
  mv "$dir/settings.new" "$dir/settings"
}

# need NAME SCRIPT: prints a setting that an earlier script leaves.
need() {
  setting "$1" && return
  ((dry)) || die "$dir/settings has no '$1'; run scripts/onboarding/$2 first"
  printf '<%s>' "$1"
}

# as_controller, as_attester: arrays of the options that sign with that key.
signing() {
  as_controller=(--key-file "$dir/keys/controller.key")
  as_attester=(--key-file "$dir/keys/attester.key")
  as_next=(--key-file "$dir/keys/attester.next.key")
  if [[ -n $controller_passphrase ]]; then
    as_controller+=(--key-passphrase-file "$controller_passphrase")
  fi
  if [[ -n $attester_passphrase ]]; then
    as_attester+=(--key-passphrase-file "$attester_passphrase")
    as_next+=(--key-passphrase-file "$attester_passphrase")
  fi
}

# shown ARGS...: a command line for people and the log, without the names of customers.
shown() {
  local word hide=0
  for word in "$@"; do
    if ((hide)); then word='…'; fi
    hide=0
    [[ $word == --reference ]] && hide=1
    if [[ $word == *[[:space:]]* ]]; then printf " '%s'" "$word"; else printf ' %s' "$word"; fi
  done
}

# look ARGS...: runs 'ofage --json ARGS', which changes nothing, and leaves its result in `answer`.
look() { answer=$("$ofage" --json "$@"); }

# quietly ARGS...: the same, for a question to which the answer may be no.
quietly() { answer=$("$ofage" --json --quiet "$@" 2>/dev/null); }

# act TEXT ARGS...: runs 'ofage --json ARGS', which does TEXT, logs it, and leaves its result in `answer`.
act() {
  local text=$1 status=0
  shift
  if ((dry)); then
    note "would run: ofage$(shown "$@")"
    answer=''
    return
  fi
  answer=$("$ofage" --json "$@") || status=$?
  if ((status)); then
    log "FAILED ($status): ofage$(shown "$@")"
    exit "$status"
  fi
  log "$text: ofage$(shown "$@")"
  note "$text"
}

# units_of ACCOUNT: what it has free, in whole units.
units_of() {
  local free
  look account show --account "$1"
  free=$(field free <<<"$answer")
  printf '%s' "${free%%.*}"
}

# make_key NAME TEXT PASSPHRASE-FILE: a sealed key in keys/NAME.key, unless it is there.
make_key() {
  local file=$dir/keys/$1.key unlock=()
  [[ -z $3 ]] || unlock=(--key-passphrase-file "$3")
  if [[ -e $file ]]; then
    note "$2 is there: $file"
  else
    act "made $2" key new --out "$file" "${unlock[@]}"
  fi
}

# account_of NAME PASSPHRASE-FILE: the account of keys/NAME.key.
account_of() {
  local unlock=()
  [[ -z $2 ]] || unlock=(--key-passphrase-file "$2")
  look key show --key-file "$dir/keys/$1.key" "${unlock[@]}" && field account <<<"$answer"
}

# is_ours ACCOUNT ISSUER: whether the account controls the issuer or attests for it.
is_ours() { quietly issuer status --account "$1" && [[ $(field issuer <<<"$answer") == "$2" ]]; }

# replace_attester: gives the issuer the attesting key keys/attester.next.key, made here, and puts the old one away.
# It goes on where it was interrupted.
replace_attester() {
  local issuer next old
  issuer=$(need issuer 02-register)
  old=$(need attester 01-keys)
  make_key attester.next "the next attesting key" "$attester_passphrase"
  if ((dry)); then
    next='<next-attester>'
  else
    next=$(setting next_attester) || next=$(account_of attester.next "$attester_passphrase")
    remember next_attester "$next"
  fi
  if ((dry)) || ! is_ours "$next" "$issuer"; then
    if ((dry)) || { look issuer status --issuer "$issuer" && [[ $(field attester <<<"$answer") == "$old" ]]; }; then
      act "took the issuer from the old attesting key" issuer rotate --attester "$next" "${as_controller[@]}"
    fi
    act "gave the new attesting account what it needs" \
      account transfer --to "$next" --up-to "$ATTESTER_FUNDS" "${as_controller[@]}"
    act "the new attesting key agreed" issuer accept --issuer "$issuer" "${as_next[@]}"
  fi
  ((dry)) && return
  if [[ -e $dir/keys/attester.key ]]; then
    mv "$dir/keys/attester.key" "$dir/keys/old/attester-$old.key"
  fi
  mv "$dir/keys/attester.next.key" "$dir/keys/attester.key"
  remember attester "$next"
  sed -i '/^next_attester=/d' "$dir/settings"
  note "the old key is in keys/old; it can do nothing more"
}
