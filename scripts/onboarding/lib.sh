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

# What fails within $(...) ends the script as well: a node that is gone must not look like one that has nothing to tell.
shopt -s inherit_errexit

# Units. The chain holds the bond of an issuer, and the fees of a few calls are far below one.
# shellcheck disable=SC2034  # 02-register reads them
readonly BOND=100 FEES=1
# What the attesting account is given: a deposit of 1 for each shard of 4,096 people, and fees. With less than the least, it
# cannot even begin.
readonly ATTESTER_FUNDS=25 ATTESTER_LEAST=2

dir=${OFAGE_ISSUER_DIR:-$PWD/ofage-issuer}
dry=0 yes=0 dev_funds=''
declare -A passphrase_file=([controller]='' [attester]='')
rest=()
step=$(basename -- "$0")
ofage=$(ofage_bin)
answer='' account=''

# options ARGS...: takes the options of every script, and leaves the others in the array `rest`.
options() {
  while (($#)); do
    case $1 in
      --dir | --node | --dev-funds | --controller-passphrase-file | --attester-passphrase-file)
        (($# > 1)) || die "$1 needs a value"
        ;;&
      --dir) dir=$2 && shift ;;
      --node) export OFAGE_NODE=$2 && shift ;;
      --controller-passphrase-file) passphrase_file[controller]=$2 && shift ;;
      --attester-passphrase-file) passphrase_file[attester]=$2 && shift ;;
      --dev-funds) dev_funds=$2 && shift ;;
      --dry-run) dry=1 ;;
      --yes) yes=1 ;;
      -h | --help) usage && common_usage && exit 0 ;;
      *) rest+=("$1") ;;
    esac
    shift
  done
  dir=$(realpath --canonicalize-missing -- "$dir")
  [[ -x $ofage ]] || die "no command at $ofage; build it (scripts/setup, cargo build --release -p ofage-cli), or set OFAGE_BIN"
  umask 077
  ((dry)) || mkdir -p "$dir/keys/old"
}

common_usage() {
  cat <<'TEXT'

Options of every onboarding script:
  --dir DIR    the issuer's folder (default: $OFAGE_ISSUER_DIR, or ./ofage-issuer)
  --node URL   the node to ask (default: $OFAGE_NODE, or ws://127.0.0.1:9944)
  --dry-run    look at the chain and the folder, say what would be done, and do nothing
  --yes        do not ask before what cannot be undone
  --dev-funds NAME
               on a development chain: take money from this published account, such as Alice
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
  { grep -v "^$1=" "$dir/settings" 2>/dev/null || true; } >"$dir/settings.new"
  printf '%s=%s\n' "$1" "$2" >>"$dir/settings.new"
  mv "$dir/settings.new" "$dir/settings"
}

# need NAME SCRIPT: prints a setting that an earlier script leaves.
need() {
  setting "$1" && return
  ((dry)) || die "$dir/settings has no '$1'; run scripts/onboarding/$2 first"
  printf '<%s>' "$1"
}

# as_controller, as_attester, as_next: arrays of the options that sign with that key. What begins with @ stands for a passphrase.
# shellcheck disable=SC2034  # the scripts read them
signing() {
  as_controller=(--key-file "$dir/keys/controller.key" --key-passphrase-file @controller)
  as_attester=(--key-file "$dir/keys/attester.key" --key-passphrase-file @attester)
  as_next=(--key-file "$dir/keys/attester.next.key" --key-passphrase-file @attester)
}

# Passphrases that were typed: once in a script, not once in a command. One for a new key is typed twice.
declare -A typed=()
new_key=0

# ask KEY: has the passphrase of a key typed.
ask() {
  local first again
  [[ -z ${typed[$1]:-} ]] || return 0
  [[ -t 0 ]] || die "nobody is there to type the passphrase; give it with --$1-passphrase-file FILE"
  IFS= read -r -s -p "Passphrase of the $1's key: " first
  echo >&2
  if ((new_key)); then
    IFS= read -r -s -p "The same again: " again
    echo >&2
    [[ $first == "$again" ]] || die "the two differ; start again"
  fi
  typed[$1]=$first
}

# prepare ARGS...: the same in the array `ready`, with each @KEY as a file that has its passphrase: the one that was named, or a
# pipe, so that none is written to disk or shown in a list of processes.
prepare() {
  local word key pipe
  ready=() pipes=()
  for word in "$@"; do
    if [[ $word == @controller || $word == @attester ]]; then
      key=${word#@}
      if [[ ${passphrase_file[$key]} != '' ]]; then
        word=${passphrase_file[$key]}
      else
        ask "$key"
        exec {pipe}< <(printf '%s\n' "${typed[$key]}")
        pipes+=("$pipe")
        word=/dev/fd/$pipe
      fi
    fi
    ready+=("$word")
  done
}

close_pipes() {
  local pipe
  for pipe in "${pipes[@]}"; do exec {pipe}<&-; done
}

# shown ARGS...: a command line for people and the log, without the names of customers, which may stand in a query, too.
shown() {
  local word hide=0
  for word in "$@"; do
    if ((hide)); then word='…'; fi
    hide=0
    [[ $word == --reference || $word == --query ]] && hide=1
    [[ $word == --reference=* || $word == --query=* ]] && word=${word%%=*}=…
    if [[ $word == *[[:space:]]* ]]; then printf " '%s'" "$word"; else printf ' %s' "$word"; fi
  done
}

# look ARGS...: runs 'ofage --json ARGS', which changes nothing, and leaves its result in `answer`.
look() {
  local status=0
  prepare "$@"
  answer=$("$ofage" --json "${ready[@]}") || status=$?
  close_pipes
  return "$status"
}

# show ARGS...: runs 'ofage ARGS' for people to read.
show() {
  local status=0
  prepare "$@"
  "$ofage" "${ready[@]}" || status=$?
  close_pipes
  return "$status"
}

# quietly ARGS...: the same as look, for a question to which the answer may be no.
quietly() {
  local status=0
  prepare --quiet "$@"
  answer=$("$ofage" --json "${ready[@]}" 2>/dev/null) || status=$?
  close_pipes
  return "$status"
}

# act TEXT ARGS...: runs 'ofage --json ARGS', which does TEXT, logs it, and leaves its result in `answer`.
act() {
  local text=$1 status=0
  shift
  if ((dry)); then
    note "would run: ofage$(shown "$@")"
    answer=''
    return
  fi
  look "$@" || status=$?
  if ((status)); then
    log "FAILED ($status): ofage$(shown "$@")"
    # A failure is told by the command itself; an answer "no" is in its result.
    grep -q '"error"' <<<"$answer" || printf '%s\n' "$answer" >&2
    exit "$status"
  fi
  log "$text: ofage$(shown "$@")"
  note "$text"
}

# units_of ACCOUNT: what it has free, in whole units.
units_of() {
  local free
  look account show --account "$1" || return
  free=$(field free <<<"$answer")
  printf '%s' "${free%%.*}"
}

# fund_attester ACCOUNT: sees to it that an attesting account can pay deposits and fees.
fund_attester() {
  local account=$1 have spare from=("${as_controller[@]}") controller
  if ((dry)) && [[ $account != 5* ]]; then
    note "would give the attesting account up to $ATTESTER_FUNDS units"
    return
  fi
  have=$(units_of "$account")
  ((have < ATTESTER_FUNDS)) || return 0
  if [[ -n $dev_funds ]]; then
    from=(--dev-key "$dev_funds")
  else
    controller=$(need controller 01-keys)
    spare=$(units_of "$controller")
    spare=$((spare > FEES ? spare - FEES : 0))
    if ((!dry && spare < ATTESTER_FUNDS - have)); then
      ((have < ATTESTER_LEAST)) || return 0
      die "have $((ATTESTER_FUNDS - have - spare)) units paid to the controlling account, $controller, and run this again"
    fi
  fi
  act "gave the attesting account what it needs" account transfer --to "$account" --up-to "$ATTESTER_FUNDS" "${from[@]}"
}

# make_key NAME TEXT @KEY: a sealed key in keys/NAME.key with that passphrase, unless it is there.
make_key() {
  local file=$dir/keys/$1.key
  if [[ -e $file ]]; then
    note "$2 is there: $file"
  else
    new_key=1
    act "made $2" key new --out "$file" --key-passphrase-file "$3"
    new_key=0
  fi
}

# account_of NAME @KEY: leaves the account of keys/NAME.key in `account`.
account_of() {
  look key show --key-file "$dir/keys/$1.key" --key-passphrase-file "$2"
  account=$(field account <<<"$answer")
}

# is_ours ACCOUNT ISSUER: whether the account controls the issuer or attests for it.
is_ours() { quietly issuer status --account "$1" && [[ $(field issuer <<<"$answer") == "$2" ]]; }

# replace_attester: gives the issuer the attesting key keys/attester.next.key, made here, and puts the old one away.
# It goes on where it was interrupted.
replace_attester() {
  local issuer next old
  issuer=$(need issuer 02-register)
  old=$(need attester 01-keys)
  if ((dry)); then
    note "would make the next attesting key, name it on the chain in place of $old, fund it, and have it agree"
    return
  fi
  # Interrupted when only the settings were left to do?
  if ! setting next_attester >/dev/null || [[ -e $dir/keys/attester.next.key ]]; then
    make_key attester.next "the next attesting key" @attester
    if ! next=$(setting next_attester); then
      account_of attester.next @attester
      next=$account
      remember next_attester "$next"
    fi
    if ! is_ours "$next" "$issuer"; then
      # After a theft, nothing comes before taking the issuer from the thief.
      [[ $step == compromise ]] || fund_attester "$next"
      look issuer status --issuer "$issuer"
      if [[ $(field attester <<<"$answer") != "$next" ]]; then
        act "took the issuer from the old attesting key" issuer rotate --attester "$next" "${as_controller[@]}"
      fi
      fund_attester "$next"
      act "the new attesting key agreed" issuer accept --issuer "$issuer" "${as_next[@]}"
    fi
    if [[ -e $dir/keys/attester.key ]]; then
      mv "$dir/keys/attester.key" "$dir/keys/old/attester-$old.key"
    fi
    mv "$dir/keys/attester.next.key" "$dir/keys/attester.key"
  fi
  next=$(setting next_attester)
  remember attester "$next"
  sed -i '/^next_attester=/d' "$dir/settings"
  note "attester   $next"
  note "the old key is in keys/old; it can do nothing more"
}
