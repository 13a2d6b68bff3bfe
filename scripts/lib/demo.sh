# Sourced: a demo of its own for tests that need a whole deployment; nothing of it is left afterwards.

program=$project/target/debug/latchkey
folder='' demo='' url=''

# start_demo: sets url, and folder for what else a test keeps.
start_demo() {
    local port
    [[ -x $program ]] || fail "The server is not built; run scripts/build."
    folder=$(mktemp -d /tmp/lk.XXXXXX) # short, because a socket's path has at most 107 bytes
    trap stop_demo EXIT
    port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
    chmod 755 "$folder" # Postgres may run as another user
    export XDG_CONFIG_HOME=$folder/config LATCHKEY_DATA_DIR=$folder/data LATCHKEY_LISTEN=127.0.0.1:$port
    export LATCHKEY_SITE_ROOT=$project/target/site LATCHKEY_DRAIN_SECONDS=1
    url=http://127.0.0.1:$port
    "$program" demo >"$folder/log" 2>&1 &
    demo=$!
    until curl -fs -o "$folder/answer" "$url/readyz"; do
        kill -0 "$demo" 2>/dev/null || fail "The demo did not start. It said:" "$(cat "$folder/log")"
        sleep 0.1
    done
}

stop_demo() {
    if [[ $demo ]]; then
        kill "$demo" 2>/dev/null || true
        wait "$demo" || true
    fi
    rm -rf "$folder"
}

# token OPTION…: prints a new one. The demo keeps its data in a folder of its own inside the data folder.
token() {
    LATCHKEY_DATA_DIR=$folder/data/demo "$program" token create --organization Sandbox "$@"
}
