# Sourced: the Python that the SDK tests run with, and the one of the fuzz, each in a virtual environment of its own.

python=.tools/python/bin/python # as seen from the project's folder
fuzz_python=.tools/fuzz/bin/python

# Whether the system has a Python that is new enough, and can make virtual environments. Debian packs that apart.
python_program() {
    python3 -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# install_python_packages FOLDER [ENVIRONMENT]: what its requirements.txt names, unless that is there already.
install_python_packages() {
    local wanted=$1/requirements.txt environment=.tools/${2:-python}
    local stamp=$environment/.installed-requirements
    cmp -s "$wanted" "$stamp" && "$environment/bin/python" -c '' 2>/dev/null && return
    python_program || fail "Python 3.11 or newer, with venv, is needed; run scripts/setup test."
    say "Installing the packages of $1/"
    python3 -m venv --clear "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$wanted"
    cp "$wanted" "$stamp"
}
