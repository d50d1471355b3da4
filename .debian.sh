# shellcheck shell=sh disable=SC2154 # $venv and the functions come from .bootstrap.sh
# Sourced by ./test: `need` fetches the packages of a program that tests start, and starts no daemon.

# `need NAME TITLE WHO PACKAGE...`: by has_NAME it is there, or install_NAME or unpack_NAME brings it, or WHO goes without.
need() {
    name=$1 title=$2 who=$3
    shift 3
    "has_$name" && return
    if ! command -v apt-get >/dev/null; then
        say "$title is missing or incomplete and there is no apt-get to fetch it with"
    elif [ "$(id -u)" = 0 ]; then
        say "$title is missing or incomplete: installing $*, without starting a daemon"
        "install_$name" "$@"
    else
        say "$title is missing or incomplete and you are not root: unpacking $* into .venv"
        "unpack_$name" "$@"
    fi
    "has_$name" && return
    say "ALL TESTS THAT NEED $who ARE LEFT OUT: no $title. On Debian: sudo apt-get install $*"
    return 1
}

install_quietly() (
    policy=/usr/sbin/policy-rc.d # asked by package scripts whether a service may start
    if [ ! -e $policy ]; then
        trap 'rm -f $policy' EXIT
        trap 'exit 130' INT TERM HUP
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod +x $policy
    fi
    apt_install "$@"
)

# `unpack FOLDER PACKAGE...`: with all that they depend on and this machine lacks.
unpack() (
    folder=$1
    shift
    rm -rf "$folder"
    mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial" && cd "$folder" || return
    printf 'Dir::State::lists "%s/lists";\nDir::Cache "%s/cache";\n' "$folder" "$folder" >apt.conf
    export APT_CONFIG="$folder/apt.conf"
    apt-get -qq update >&2 || return
    names=$(apt-get -s install --no-install-recommends "$@" | sed -n 's/^Inst \([^ ]*\).*/\1/p')
    # shellcheck disable=SC2086 # one word each
    apt-get -qq download $names >&2 || return
    for package in *.deb; do
        dpkg -x "$package" . || return
    done
    rm -rf lists cache ./*.deb
)

# `wrap FOLDER PROGRAM`: the program, unless this machine had it, finds the libraries that were unpacked.
wrap() {
    [ -x "$1/$2" ] || return 0
    libraries=$(uname -m)-linux-gnu
    mkdir -p "$1/wrapped"
    cat >"$1/wrapped/${2##*/}" <<END
#!/bin/sh
here=\${0%/wrapped/*}
export LD_LIBRARY_PATH="\$here/usr/lib/$libraries:\$here/lib/$libraries:\$here/usr/lib/$libraries/pulseaudio"
exec "\$here/$2" "\$@"
END
    chmod +x "$1/wrapped/${2##*/}"
}
