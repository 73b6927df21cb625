#!/bin/sh
# Makes .venv with exactly what requirements.lock pins and Cygni itself in it. Safe to run again at any time.
# Needs Python 3.11 or newer. Uses the uv on PATH, or else brings one of its own, inside .venv.
set -eu
cd "$(dirname "$0")/.."
here=$(pwd -P)

UV_VERSION=0.13.8 # for machines without uv; any recent one does
venv=.venv
own_uv=$venv/bootstrap

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "error: $1"
    shift
    for line in "$@"; do say "  $line"; done
    exit 1
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        # Asked by running it: a version manager may have a name on PATH and nothing behind it.
        found=$("$candidate" -c 'import sys; print(sys.executable if sys.version_info >= (3, 11) else "")' \
            2>/dev/null) || continue
        [ -n "$found" ] && printf '%s\n' "$found" && return
    done
    fail "no Python 3.11 or newer on PATH" \
        "Install one (python.org, your package manager, pyenv, or 'uv python install 3.12')," \
        "or name it: make setup PYTHON=/path/to/python3.12"
}

# Prints the uv to use; installs one below .venv when there is none.
find_uv() {
    if uv --version >/dev/null 2>&1; then
        command -v uv
        return
    fi
    if ! "$own_uv/bin/uv" --version >/dev/null 2>&1; then
        rm -rf "$own_uv"
        say "Installing uv $UV_VERSION into $own_uv"
        if "$python" -m venv "$own_uv" >/dev/null 2>&1; then
            "$own_uv/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION" >&2 ||
                fail "pip could not install uv" "Check the network, PIP_INDEX_URL and certificates (PIP_CERT)."
        elif rm -rf "$own_uv" && "$python" -m pip --version >/dev/null 2>&1; then
            "$python" -m pip install --quiet --disable-pip-version-check --target "$own_uv" "uv==$UV_VERSION" >&2 ||
                fail "pip could not install uv" "Check the network, PIP_INDEX_URL and certificates (PIP_CERT)."
        else
            fail "$python has neither ensurepip nor pip, so it cannot make an environment" \
                "On Debian and Ubuntu: apt-get install python3-venv" "Or install uv from your package manager."
        fi
    fi
    printf '%s\n' "$here/$own_uv/bin/uv"
}

# uv trusts certificates of its own. Behind a proxy with a private one the system's are right, so a failure
# is tried once more with those.
uv_pip() {
    "$uv" pip "$@" $quiet && return
    [ -z "${UV_SYSTEM_CERTS:-}" ] || return 1
    say "Trying once more, with the system's certificates"
    UV_SYSTEM_CERTS=1 "$uv" pip "$@" $quiet
}

python=$(find_python)
mkdir -p "$venv"
# Its scripts name their folder: an environment that was moved, or that was made otherwise, is made again.
[ "$(cat "$venv/ready" 2>/dev/null)" = "$here" ] || rm -rf "$venv/bin" "$venv/lib"
rm -f "$venv/ready"
quiet=
[ -t 2 ] || quiet=--quiet
uv=$(find_uv)

# Whoever told pip of a mirror means it for uv too.
if [ -n "${PIP_INDEX_URL:-}" ] && [ -z "${UV_INDEX_URL:-}${UV_DEFAULT_INDEX:-}" ]; then
    export UV_DEFAULT_INDEX="$PIP_INDEX_URL"
fi

if ! "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    "$uv" venv --quiet --allow-existing --python "$python" "$venv"
fi
say "Installing the locked Python packages (about 150 MB to fetch the first time)"
uv_pip sync --require-hashes --python "$venv/bin/python" requirements.lock ||
    fail "the locked packages could not be installed" \
        "Check the network and certificates (SSL_CERT_FILE), and for a mirror UV_DEFAULT_INDEX, then try again."
uv_pip install --no-deps --python "$venv/bin/python" --editable . ||
    fail "Cygni could not be installed into $venv"
printf '%s\n' "$here" >"$venv/ready"
