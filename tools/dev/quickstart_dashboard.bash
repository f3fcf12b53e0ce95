# The dashboard of tools/quickstart.

# For people the usual address, if it is free.
http_address() {
  http=127.0.0.1:7070
  [[ -t 1 ]] && ! (exec 3<>/dev/tcp/127.0.0.1/7070) 2>/dev/null || http=127.0.0.1:0
}

# On a terminal the broker goes on until Ctrl-C.
stay_up() {
  say "the dashboard: $dashboard/"
  [[ -t 1 && -z $keep ]] || return 0
  echo "Ctrl-C ends it."
  trap 'exit 0' INT TERM
  wait "${servers[0]}" || true
}
