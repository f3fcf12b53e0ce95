#!/usr/bin/env bash
# A small load test with curl: each user browses, opens an item, logs in and checks out, again and
# again; every step becomes JSON lines, and `weir send` takes them to the broker.
set -euo pipefail
export LC_ALL=C TZ=UTC # numbers with a point, times in UTC

usage() {
  cat <<'END'
A small load test with curl, reported to a weir broker.

  weir serve &                  # the broker
  runners/python/target.py &    # something to load, on http://127.0.0.1:8080
  runners/shell/example.sh --users 3 --duration 10

  --target URL   http://127.0.0.1:8080
  --users N      at a time, each a process and a worker (3)
  --duration S   whole seconds (10)
  --rounds N     of each user, not by time
  --to ENDPOINT  the broker (LOADS_ZMQ_RECEIVER, else the default of weir send)
  --run-id ID    the run (LOADS_RUN_ID, else the broker names it)
  --name NAME    the run's name (shop)

The environment variable WEIR says which weir to run.
END
}

target=http://127.0.0.1:8080 users=3 duration=10 rounds=0 name=shop
to=${LOADS_ZMQ_RECEIVER-} run_id=${LOADS_RUN_ID-}
while (($# > 0)); do
  case $1 in
    --target) target=${2:?} ;;
    --users) users=${2:?} ;;
    --duration) duration=${2:?} ;;
    --rounds) rounds=${2:?} ;;
    --to) to=${2:?} ;;
    --run-id) run_id=${2:?} ;;
    --name) name=${2:?} ;;
    --help) usage; exit ;;
    *) echo "example.sh: what is $1? See --help" >&2; exit 2 ;;
  esac
  shift 2
done

# json TEXT: the text as a JSON string, in $json.
json() {
  json=${1//\\/\\\\}
  json=${json//\"/\\\"}
  json=\"${json//[[:cntrl:]]/ }\"
}

# now: ISO 8601 in UTC with microseconds, in $now.
now() {
  local moment=$EPOCHREALTIME
  printf -v now '%(%Y-%m-%dT%H:%M:%S)T.%sZ' "${moment%.*}" "${moment#*.}"
}

# microseconds SECONDS: as curl prints them (0.012345), in $us.
microseconds() {
  us=$((10#${1/./}))
}

# say DATA_TYPE MEMBERS: one message, as one line. A line below 4,096 bytes is one write, so that
# lines of several users do not mix.
say() {
  printf '{"data_type":"%s",%s,"seq":%d,%s}\n' "$1" "$envelope" $((++seq)) "$2"
}

# say_now DATA_TYPE [MEMBERS]: a message about this moment.
say_now() {
  now
  say "$1" "\"time\":\"$now\"${2:+,$2}"
}

# request METHOD PATH BODY: reports one hit; its status is in $status, curl's words in $problem.
request() {
  local method=$1 url=$target$2 body=$3
  local total lookup connect tls sending first sent head down more
  local data=()
  [[ -z $body ]] || data=(--data-binary "$body" --header 'Content-Type: application/json')
  now
  read -r status total lookup connect tls sending first sent head down problem < <(
    curl --silent --max-time 10 --output /dev/null --request "$method" "${data[@]}" --write-out \
      '%{http_code} %{time_total} %{time_namelookup} %{time_connect} %{time_appconnect} %{time_pretransfer} %{time_starttransfer} %{size_request} %{size_header} %{size_download} %{errormsg}\n' \
      -- "$url") || true
  status=$((10#$status)) # 000: no response
  more="\"bytes_sent\":$sent,\"bytes_received\":$((head + down))"
  if ((status > 0)); then
    phases "$lookup" "$connect" "$tls" "$sending" "$first"
    more+=$phases
  fi
  if [[ -n $problem ]]; then
    json "$problem"
    more+=",\"error\":$json"
  fi
  json "$url"
  say add_hit "\"url\":$json,\"method\":\"$method\",\"status\":$status,\"started\":\"$now\",\"elapsed\":$total,$more"
}

# phases LOOKUP CONNECT TLS SENDING FIRST: members for what each took, in $phases; curl counts all
# of them from the start. TLS is 0 without TLS.
phases() {
  local lookup_us connect_us tls_us
  microseconds "$1"; lookup_us=$us
  microseconds "$2"; connect_us=$us
  microseconds "$3"; tls_us=$us
  phases=",\"dns\":$1"
  phase connect $((connect_us - lookup_us))
  ((tls_us == 0)) || phase tls $((tls_us - connect_us))
  microseconds "$4"; local sending_us=$us
  microseconds "$5"; phase first_byte $((us - sending_us))
}

# phase NAME MICROSECONDS: adds a member in seconds to $phases.
phase() {
  printf -v phases '%s,"%s":%d.%06d' "$phases" "$1" $(($2 / 1000000)) $(($2 % 1000000))
}

# step TEST METHOD PATH [BODY]: one test, which wants the answer 200.
step() {
  say_now startTest "\"test\":\"$1\""
  request "$2" "$3" "${4-}"
  if ((status == 200)); then
    say_now addSuccess "\"test\":\"$1\""
  elif ((status > 0)); then
    say_now addFailure "\"test\":\"$1\",\"exc_info\":[\"AssertionError\",\"$2 $3: $status, not 200\",\"\"]"
  else
    json "$problem"
    say_now addError "\"test\":\"$1\",\"exc_info\":[\"CurlError\",$json,\"\"]"
  fi
  say_now stopTest "\"test\":\"$1\""
}

# user NUMBER: a worker of its own, because seq counts per worker.
user() {
  local seq=0 round=0 envelope="" worker=${HOSTNAME//[^A-Za-z0-9._-]/-}
  json "${worker:0:100}-$$-$1"
  envelope="\"worker_id\":$json,\"epoch\":${EPOCHREALTIME/./},\"loads_status\":[0,1,0,0]"
  if [[ -n $run_id ]]; then
    json "$run_id"
    envelope+=",\"run_id\":$json"
  fi
  json "$name"
  say_now startTestRun "\"name\":$json,\"project\":\"weir examples\",\"scenario\":\"shop\",\"tags\":{\"runner\":\"shell\"}"
  while ((rounds > 0 ? round < rounds : ${EPOCHREALTIME/./} < ends)); do
    step browse GET /
    step item GET "/api/items/$(($1 * 100 + round % 100))"
    step login POST /login "{\"user\":\"user-$1\"}"
    step checkout POST /checkout "{\"item\":$round}"
    round=$((round + 1))
  done
  say_now stopTestRun
}

ends=$((${EPOCHREALTIME/./} + duration * 1000000))
{
  for ((number = 1; number <= users; ++number)); do
    user "$number" &
  done
  wait
} | "${WEIR:-weir}" send - ${to:+--to "$to"}
