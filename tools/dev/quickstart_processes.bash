# Background processes of tools/quickstart and a folder for their output; all go at the end.
folder=$(mktemp -d "${TMPDIR:-/tmp}/weir-quickstart.XXXXXX")
servers=() finished=''
declare -A names=()  # by pid: what is to end by itself, and well

clean_up() {
  if [[ -n $keep && -n $finished ]]; then
    say "the broker is still there: $dashboard, runners send to $ingest, weir top --feed $feed"
    echo "stop it: kill ${servers[0]}; its results are in $folder"
    servers=("${servers[@]:1}")
  fi
  # Again until none is left: one that is just being started may not hear the first.
  while kill "${servers[@]}" "${!names[@]}" 2>/dev/null; do sleep 0.05; done
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
declare -A last_socket=([broker]=feed [target]='')
start() {
  "${@:2}" >"$folder/$1.log" 2>&1 </dev/null &
  servers+=($!)
  until [[ -e $folder/$1.log && -n $(heard "$1" "${last_socket[$1]}") ]]; do
    kill -0 $! 2>/dev/null || die "$1"
    sleep 0.05
  done
}

# runner <name> <command>...: what has to end well.
runner() { "${@:2}" >"$folder/$1.log" 2>&1 </dev/null & names[$!]=$1; }
