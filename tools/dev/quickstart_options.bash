# Options of tools/quickstart.
keep='' weir='' seconds=10

usage() { sed -n '2,3s/^# //p' tools/quickstart; }
wrong_usage() { printf 'quickstart: %s\n' "$1" >&2; usage >&2; exit 2; }

read_options() {
  while (($#)); do
    case $1 in
      --keep) keep=yes ;;
      --weir | --seconds)
        [[ -n ${2-} ]] || wrong_usage "$1 needs a value"
        printf -v "${1#--}" %s "$2" && shift ;;
      -h | --help) usage && exit 0 ;;
      *) wrong_usage "unknown argument '$1'" ;;
    esac
    shift
  done
  [[ $seconds =~ ^[1-9][0-9]{0,3}$ ]] && ((seconds <= 3600)) ||
    wrong_usage "--seconds needs a whole number from 1 to 3600"
}
