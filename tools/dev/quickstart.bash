# Steps of tools/quickstart: background processes, a folder for their output, the results.
folder=$(mktemp -d "${TMPDIR:-/tmp}/weir-quickstart.XXXXXX")
servers=() runners=() finished=''

clean_up() {
  if [[ -n $keep && -n $finished ]]; then
    say "the broker is still there: runners send to $ingest, weir top --feed $feed"
    echo "stop it: kill ${servers[0]}; its results are in $folder"
    servers=("${servers[@]:1}")
  fi
  kill "${servers[@]}" "${runners[@]}" 2>/dev/null || true
  if [[ -z $keep || -z $finished ]]; then
    wait
    rm -rf "$folder"
    [[ -z $finished ]] || echo "Stopped, and removed $folder; --keep leaves both."
  fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM
die() { echo "quickstart: $1 failed:" >&2; tail -n 20 "$folder/$1.log" >&2; exit 1; }

# heard <name> [<socket>]: what the server <name> listens on.
heard() { sed -n "s|^listening ${2:-}${2:+ }||p" "$folder/$1.log"; }

# start <name> <command>...: a server, until it says that it listens on everything.
start() {
  : >"$folder/$1.log"
  "${@:2}" >"$folder/$1.log" 2>&1 </dev/null &
  servers+=($!)
  until [[ -n $(heard "$1" "${last_socket[$1]}") ]]; do
    kill -0 $! 2>/dev/null || die "$1"
    sleep 0.05
  done
}
declare -A last_socket=([broker]=feed [target]='')

runner() {
  "${@:2}" >"$folder/$1.log" 2>&1 </dev/null &
  runners+=($!)
  names[$!]=$1
}
declare -A names=()

# Ends with the run, when its last figures are in the results file.
watch_until_stored() {
  timeout --foreground $((seconds + 60)) "$weir" top quickstart --feed "$feed" </dev/null | cat
  for pid in "${runners[@]}"; do wait "$pid" || die "${names[$pid]}"; done
  runners=()
  local query="SELECT count(*) FROM runs WHERE ended_us IS NOT NULL"
  until [[ $(sqlite3 "$folder/weir.db" "$query") == 1 ]]; do sleep 0.05; done
}

show_results() {
  local show=("$weir" report quickstart --db "$folder/weir.db")
  say "stored, and readable while the broker runs: ${show[*]}"
  "${show[@]}"
  local query="SELECT hits, failed, mean_ms, p50_ms, p95_ms, p99_ms, workers FROM run_summary"
  say "the same figures with SQL: sqlite3 -box $folder/weir.db \"$query\""
  sqlite3 -box "$folder/weir.db" "$query"
  finished=yes
}
