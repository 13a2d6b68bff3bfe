# Sourced: programs that come from the system, namely Postgres', a Chromium, Python and nginx.

oldest_postgres=15
missing=() # the system packages to install, by what they are: postgres, chromium, python, nginx

# Prints the folder of the newest Postgres server programs that will do; fails when there are none.
postgres_programs() {
    local program version newest=0 folder=
    for program in "$(command -v postgres)" /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres \
        /opt/homebrew/opt/postgresql@*/bin/postgres /usr/local/opt/postgresql@*/bin/postgres; do
        [[ -x $program && -x $(dirname "$program")/initdb && -x $(dirname "$program")/psql ]] || continue
        version=$("$program" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
        if ((version >= oldest_postgres && version > newest)); then
            newest=$version folder=$(dirname "$program")
        fi
    done
    [[ $folder ]] && printf '%s\n' "$folder"
}

# Prints the Chromium that the browser tests drive: the one that CHROMIUM_PATH names, or the system's.
chromium_program() {
    local program
    for program in "${CHROMIUM_PATH:-}" chromium chromium-browser google-chrome-stable google-chrome \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" /Applications/Chromium.app/Contents/MacOS/Chromium \
        "$HOME"/.cache/ms-playwright/chromium-*/chrome-linux*/chrome; do
        # Ubuntu's package of that name only refers to a snap, which tests cannot drive.
        [[ $program ]] && program=$(command -v "$program") && ! grep -qs 'snap install' "$program" || continue
        printf '%s\n' "$program"
        return
    done
    return 1
}

# Prints the nginx that the bench compares with. Debian puts it where only root's PATH looks.
nginx_program() {
    PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v nginx
}

# Installs what `missing` names when root, and says the exact command otherwise.
install_missing() {
    ((${#missing[@]})) || return 0
    local install
    install=$(install_command)
    if [[ ! $install ]]; then
        fail "Missing: ${missing[*]} (Postgres $oldest_postgres or newer with its server programs; Chromium or Chrome;" \
            "Python 3.11 or newer with venv; nginx)." \
            "Install it with your system's package manager, and run this again."
    elif ((EUID != 0)); then
        [[ $install == brew* ]] || install="sudo sh -c '$install'"
        fail "Missing: ${missing[*]}. Run this, then again what you ran:" "    $install"
    fi
    say "Installing ${missing[*]}"
    sh -c "$install" >&2
}

# Prints the command that installs what `missing` names, or nothing on a system unknown here.
install_command() {
    if command -v apt-get >/dev/null; then
        printf '%s' "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $(package_names postgresql "chromium fonts-liberation" python3-venv)"
    elif command -v dnf >/dev/null; then
        printf '%s' "dnf install -y $(package_names postgresql-server chromium python3)"
    elif command -v apk >/dev/null; then
        printf '%s' "apk add $(package_names postgresql chromium python3)"
    elif command -v pacman >/dev/null; then
        printf '%s' "pacman -S --noconfirm $(package_names postgresql chromium python)"
    elif command -v brew >/dev/null; then
        printf '%s' "brew install $(package_names postgresql@17 chromium python@3.13)"
    fi
}

# package_names POSTGRES CHROMIUM PYTHON: those that are missing; nginx has one name everywhere.
package_names() {
    local names=() what
    for what in "${missing[@]}"; do
        case $what in
            postgres) names+=("$1") ;;
            chromium) names+=("$2") ;;
            python) names+=("$3") ;;
            nginx) names+=(nginx) ;;
        esac
    done
    printf '%s' "${names[*]}"
}
