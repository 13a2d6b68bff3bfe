# Sourced by scripts/setup: the Rust toolchain, the browser's target, cargo-leptos, the wasm-bindgen CLI, and the lints'
# tools.

cargo_leptos_version=0.3.6 # the newest that builds with this Rust
cargo_deny_version=0.20.2

# set_up_rust PURPOSE
set_up_rust() {
    require_toolchain
    require_wasm_target
    require_cargo_leptos
    require_wasm_bindgen
    [[ $1 != test ]] || require_lint_tools
    rm -rf .tools/build
}

require_toolchain() {
    local wanted="Rust $rust_version is needed."
    if ! command -v rustc cargo >/dev/null; then
        fail "$wanted Install rustup (https://rustup.rs):" \
            "    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
    fi
    [[ $(rustc --version 2>/dev/null) == "rustc $rust_version."* ]] && return
    command -v rustup >/dev/null || fail "$wanted Found $(rustc --version), and no rustup to bring the other."
    say "Installing Rust $rust_version"
    rustup toolchain install "$rust_version.0" --profile minimal
}

require_wasm_target() {
    [[ -d $(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown ]] && return
    command -v rustup >/dev/null || fail "Rust's target wasm32-unknown-unknown is missing, and there is no rustup to add it."
    rustup target add wasm32-unknown-unknown
}

# Only the tests need them.
require_lint_tools() {
    require_lint_components
    require_cargo_deny
}

require_lint_components() {
    cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 && return
    rustup component add clippy rustfmt || fail "Rust's clippy and rustfmt are needed."
}

require_cargo_leptos() {
    installed cargo-leptos "$cargo_leptos_version" && return
    [[ $(cargo-leptos --version 2>/dev/null) == "cargo-leptos 0.3."* ]] && return
    # Without optimisation: it starts other programs and waits, and its release profile takes an hour of two cores.
    install_tool 0 cargo-leptos --version "$cargo_leptos_version" --locked --no-default-features --features no_downloads
}

require_cargo_deny() {
    installed cargo-deny "$cargo_deny_version" && return
    [[ $(cargo-deny --version 2>/dev/null) == "cargo-deny $cargo_deny_version" ]] && return
    install_tool 0 cargo-deny --version "$cargo_deny_version" --locked
}

# The bundle is readable only to the CLI of exactly the version that the lock file names.
require_wasm_bindgen() {
    local version
    version=$(sed -n '/^name = "wasm-bindgen"$/{n;s/version = "\(.*\)"/\1/p}' Cargo.lock)
    installed wasm-bindgen-cli "$version" && return
    # No --locked: the lock file that it ships with does not resolve.
    install_tool 1 wasm-bindgen-cli --version "$version"
}

# installed NAME VERSION: whether .tools holds it, read from cargo's own list.
installed() {
    grep -qsF "\"$1 $2 (" .tools/.crates.toml && [[ -x .tools/bin/${1%-cli} ]]
}

# install_tool OPTIMISATION NAME ARGUMENT…
install_tool() {
    say "Building $2 (once; some minutes)"
    CARGO_TARGET_DIR="$project/.tools/build" CARGO_INCREMENTAL=0 \
        CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_DEV_OPT_LEVEL="$1" \
        cargo install --debug --force --root .tools "${@:2}"
}
