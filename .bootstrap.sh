# shellcheck shell=sh disable=SC2154 # $root and $me are set by who sources this
# Sourced by ./run and ./test: `bootstrap LOCK` makes .venv hold exactly what the lock file names, or ends with 3.
# Expects $root (the checkout) and $me (who speaks). When all is in place it prints nothing and takes milliseconds.

venv=$root/.venv
stamps=$venv/.installed # copies of the locks that are wholly installed, and the interpreter they were installed for

say() {
    printf '%s: %s\n' "$me" "$*" >&2
}

give_up() {
    say "$@"
    exit 3
}

bootstrap() {
    if ! ready "$1"; then
        [ -w "$root" ] || give_up "$root/.venv must be made or renewed and is not yours to write: start once as the owner of $root"
        case $root in
        *:*) give_up "a Python environment cannot be in a folder with ':' in its path; move $root" ;;
        esac
        (cd "$root" && take_turns && { ready "$1" || install "$1"; }) 9>>"$root/requirements.lock" || exit 3
    fi
    unset PYTHONHOME PYTHONPATH VIRTUAL_ENV CONDA_PREFIX
}

ready() {
    [ -x "$venv/bin/python" ] && cmp -s "$root/$1" "$stamps/$1" 2>/dev/null && same_interpreter
}

same_interpreter() {
    [ -f "$stamps/python" ] && read -r made_for <"$stamps/python" &&
        [ "$(readlink -f "$venv/bin/python")" = "$made_for" ]
}

take_turns() {
    command -v flock >/dev/null || return 0 # absent on macOS, where nobody schedules us
    flock --nonblock 9 && return
    say "another start is installing; waiting for it"
    flock 9
}

install() {
    unset PYTHONHOME PYTHONPATH PIP_TARGET PIP_PREFIX PIP_ROOT UV_SYSTEM_PYTHON
    export PIP_USER=0 # a pip.conf may say otherwise
    if [ ! -d "${HOME:-}" ] || [ ! -w "$HOME" ]; then
        export PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1
    fi
    if ready requirements.lock; then
        say "the tools for tests are not installed yet, or not these versions"
    else
        say "$(why_anew)"
        make_venv
    fi
    fill "$1"
    say "compiling"
    packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    echo ../../../.. >"$packages/checkout.pth" # relative, so that a checkout may be moved together with its .venv
    compile -j 0 2>/dev/null || compile || : # several at once need shared memory; some files are for other versions
    stamp "$1"
    say "ready"
}

why_anew() {
    if [ ! -d "$venv" ]; then
        echo "there is no .venv yet"
    elif [ ! -f "$stamps/requirements.lock" ]; then
        echo "the last installation was not finished; making .venv anew"
    elif ! same_interpreter; then
        echo "the Python that .venv was made with has changed; making it anew"
    else
        echo "requirements.lock has changed; making .venv anew"
    fi
}

make_venv() {
    rm -rf "$venv" || give_up "$venv cannot be removed; see the message above"
    if has_uv; then
        python=$(find_python pass)
        say "making .venv with uv"
        uv venv --quiet --no-project --python "${python:->=3.11}" "$venv" && return
        say "uv could not; trying without it"
        rm -rf "$venv"
    fi
    need_ensurepip
    say "making .venv with $python"
    "$python" -m venv "$venv" >&2 || give_up "$python could not make .venv; see its message above"
}

# Fetches what the lock names; each file must have one of the lock's hashes.
fill() {
    what="$(grep -c '==' "$1") packages from $1"
    if has_uv; then
        say "installing $what with uv"
        uv pip sync --require-hashes --python "$venv/bin/python" "$1" >&2 && return
        say "uv could not; pip may know another package index"
    fi
    need_pip
    say "installing $what with pip; this can take a minute or two"
    "$venv/bin/python" -m pip --disable-pip-version-check --no-input --quiet install --no-compile --require-hashes -r "$1" >&2 ||
        give_up "$what could not be installed; pip's reason is above. It needs https to the package index" \
            "(pypi.org and files.pythonhosted.org, or a mirror named in PIP_INDEX_URL), or a proxy in HTTPS_PROXY."
}

has_uv() {
    command -v uv >/dev/null
}

need_pip() {
    "$venv/bin/python" -m pip --version >/dev/null 2>&1 && return # a .venv made by uv has none
    need_ensurepip
    "$venv/bin/python" -m ensurepip >/dev/null || give_up ".venv has no pip and cannot get one; remove $venv and try again"
}

# Sets $python to one that can make environments; Debian's cannot until python3-venv is installed.
need_ensurepip() {
    python=$(find_python "import ensurepip, venv")
    [ -z "$python" ] || return 0
    if command -v python3 >/dev/null && [ -z "$(find_python pass)" ]; then
        give_up "Python 3.11 or newer is needed, and python3 here is $(python3 --version 2>&1). Install a newer one, or uv."
    fi
    lacking="no Python here can make a virtual environment (ensurepip is missing)"
    command -v apt-get >/dev/null || give_up "$lacking: install your system's package for it, or uv, and try again"
    [ "$(id -u)" = 0 ] || give_up "$lacking. Run this once and try again:" \
        "sudo apt-get install -y --no-install-recommends python3-venv"
    say "$lacking: installing python3-venv"
    apt_install python3-venv || give_up "apt-get could not install python3-venv; its reason is above"
    python=$(find_python "import ensurepip, venv")
    [ -n "$python" ] || give_up "python3-venv is installed, but no Python of 3.11 or newer can make a virtual environment"
}

apt_install() {
    say "apt-get update; apt-get install --no-install-recommends $*"
    apt-get -qq update >&2 || say "the package lists could not be renewed; trying with the old ones"
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "$@" >&2
}

# The first Python of 3.11 or newer that can run $1.
find_python() {
    interpreters | while IFS= read -r candidate; do
        "$candidate" -I -c "import sys; assert sys.version_info >= (3, 11); $1; print(sys._base_executable)" 2>/dev/null && break
    done
}

# All that PATH has, those of an activated environment last: ours should outlive it.
interpreters() (
    IFS=:
    set -f
    for turn in others active; do
        for folder in $PATH; do
            case $folder in
            "${VIRTUAL_ENV:-/nowhere}"/* | "${CONDA_PREFIX:-/nowhere}"/*) of=active ;;
            *) of=others ;;
            esac
            [ $turn = $of ] || continue
            for name in python3 python3.14 python3.13 python3.12 python3.11; do
                [ ! -x "$folder/$name" ] || printf '%s\n' "$folder/$name"
            done
        done
    done
)

compile() {
    "$venv/bin/python" -m compileall -qq "$@" "$packages" provision
}

stamp() {
    mkdir -p "$stamps"
    readlink -f "$venv/bin/python" >"$stamps/python"
    cp requirements.lock "$stamps"
    [ "$1" = requirements.lock ] || cp "$1" "$stamps"
}
