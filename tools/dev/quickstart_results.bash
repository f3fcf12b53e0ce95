# What tools/quickstart shows: the live figures, then the stored ones.

# Ends with the run, or at the first process that fails.
watch_until_the_end() {
  local patience=$((seconds + ${QUICKSTART_PATIENCE_S:-60})) pid status
  local deadline=$((SECONDS + patience))
  # Without a terminal for its input, top prints lines instead of a screen.
  "$weir" top quickstart --feed "$feed" 2>"$folder/top.log" </dev/null &
  names[$!]=top
  # Looks at each: wait -n does not see what has ended before it is called.
  while ((${#names[@]})); do
    for pid in "${!names[@]}"; do
      kill -0 "$pid" 2>/dev/null && continue
      status=0 && wait "$pid" || status=$?
      ((status == 0)) || die "${names[$pid]}"
      unset "names[$pid]"
    done
    if ((SECONDS > deadline)); then
      echo "the run did not end within $patience s" >>"$folder/top.log"
      die top
    fi
    sleep 0.1
  done
}

show_results() {
  local show=("$weir" report quickstart --wait --db "$folder/weir.db")
  say "stored, and readable while the broker runs: ${show[*]}"
  "${show[@]}"
  local query="SELECT hits, failed, mean_ms, p50_ms, p95_ms, p99_ms, workers FROM run_summary"
  say "the same figures with SQL: sqlite3 -box $folder/weir.db \"$query\""
  sqlite3 -box "$folder/weir.db" "$query"
  finished=yes
}
