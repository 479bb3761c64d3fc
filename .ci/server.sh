# shellcheck shell=bash
# For the scripts that try the server from outside: the program, and a folder and a process that are gone afterwards. Sourced from
# the root of the repository with the arguments of the script, which are the program to test, if there are any.
#
#   nahraum   the program, built if none was named
#   folder    a folder for what is needed; `log` in it is what the server said

# What the gate tells its suites is no setting of the server, which refuses every name of ours that it does not know.
unset "${!NAHRAUM_@}"

if (($#)); then
    nahraum=("$@")
else
    cargo build --locked --package nahraum-server
    nahraum=("$(realpath "${CARGO_TARGET_DIR:-target}")/debug/nahraum")
fi
folder=$(mktemp -d)
pid=

finish() {
    local status=$?
    if [[ -n $pid ]] && kill -0 "$pid" 2>/dev/null; then
        kill -TERM "$pid"
        wait "$pid" || true
    fi
    if ((status)) && [[ -f $folder/log ]]; then
        printf '\n--- the last lines of the server\n'
        tail -n 30 "$folder/log"
    fi
    rm -rf "$folder"
}
trap finish EXIT

# A port that is free now. Somebody may take it before the server does; then the server says so, or takes another, and the script fails.
free_port() {
    node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'
}

# start ARGUMENTS...: starts the program.
start() {
    "${nahraum[@]}" "$@" </dev/null >"$folder/log" 2>&1 &
    pid=$!
}

# ready URL SECONDS: waits until it takes requests.
ready() {
    local end=$((SECONDS + $2))
    until node -e "fetch('$1/readyz').then(a => process.exit(a.ok ? 0 : 1), () => process.exit(1))"; do
        if ! kill -0 "$pid" 2>/dev/null; then
            echo 'the server ended before it was ready' >&2
            return 1
        fi
        if ((SECONDS >= end)); then
            echo "the server was not ready within $2 s" >&2
            return 1
        fi
        sleep 0.2
    done
}

# Ends it, and wants a clean end.
stop() {
    local status=0
    kill -TERM "$pid"
    wait "$pid" || status=$?
    pid=
    if ((status)); then
        echo "the server ended with exit code $status" >&2
        return 1
    fi
}
