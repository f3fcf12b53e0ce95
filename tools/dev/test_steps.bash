# How tools/test does and shows its steps; counts in $passed.

# step <name> <command>...: prints one line, and the end of the log if the command fails.
step() {
  local name=$1 start=$SECONDS log="build/log/${1//[^a-z]/-}.log" good bad status=0
  printf '%-26s' "$name"
  "${@:2}" >"$log" 2>&1 </dev/null || status=$?
  read -r good bad < <(awk '/% tests passed, /{good+=$9-$4; bad+=$4} /^Ran [0-9]+ test/{good+=$2}
    /^(#|ℹ) pass /{good+=$3} /^(#|ℹ) fail /{bad+=$3}
    /^[0-9]+ passed, [0-9]+ failed$/{good+=$1; bad+=$3} END{print good+0, bad+0}' "$log")
  ((status != 0 && bad == 0)) && bad=1
  passed=$((passed + good))
  printf '%5d passed %5d failed %5d s\n' "$good" "$bad" $((SECONDS - start))
  ((status == 0)) && return
  tail -n 80 "$log"
  echo "tools/test: $name failed; all of it is in $log"
  echo "$passed passed, $bad failed"
  exit 1
}

# report <name> <lines> <command>...: a step whose log has lines to be seen.
report() {
  step "$1" "${@:3}"
  grep "$2" "build/log/${1//[^a-z]/-}.log"
}
