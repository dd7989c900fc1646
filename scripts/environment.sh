# Sourced by the other scripts: makes .venv when it is missing or pyproject.toml has changed.
#   make_environment STAMP EXTRAS    installs this project with those extras, once

make_environment() {
    stamp=.venv/.installed-$1
    cmp -s pyproject.toml "$stamp" 2>/dev/null && return
    if [ ! -x .venv/bin/python ]; then
        python=$(newest_python) || return
        echo "Making .venv with $python (once) …" >&2
        "$python" -m venv .venv 2>/dev/null || "$python" -m venv --without-pip .venv || {
            echo "python3 has no venv module. On Debian and Ubuntu: apt install python3-venv" >&2
            return 1
        }
    fi
    echo "Installing motion-preflight[$2] into .venv (once) …" >&2
    if .venv/bin/python -c 'import pip' 2>/dev/null; then
        set -- "$1" "$2" .venv/bin/python -m pip
    else # a Debian without ensurepip: another pip installs into .venv
        set -- "$1" "$2" python3 -m pip --python .venv/bin/python
    fi
    extras=$2
    shift 2
    "$@" --disable-pip-version-check install --quiet --editable ".[$extras]" || {
        echo "The installation failed; see above. On Debian and Ubuntu: apt install python3-venv" >&2
        return 1
    }
    .venv/bin/python -m compileall -q src || return
    cp pyproject.toml "$stamp"
}

newest_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    echo "Python 3.11 or newer is needed; python3 is: $(python3 --version 2>&1)" >&2
    return 1
}
