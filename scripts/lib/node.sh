# Sourced by scripts/setup: the npm packages of a folder.

# install_packages FOLDER: what its package-lock.json names, unless that is there already.
install_packages() {
    local lock=$1/package-lock.json stamp=$1/node_modules/.installed-lock
    cmp -s "$lock" "$stamp" && return
    require_node
    say "Installing the packages of $1/"
    (cd "$1" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --ignore-scripts --no-audit --no-fund)
    cp "$lock" "$stamp"
}

require_node() {
    command -v npm >/dev/null && node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' && return
    fail "Node 20 or newer, with npm, is needed: https://nodejs.org"
}
