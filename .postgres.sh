# shellcheck shell=sh disable=SC2154 # $venv comes from .bootstrap.sh, the functions from .debian.sh
# Sourced by ./test: `need_postgres` finds or fetches the database server that the tests start.

postgres=$venv/postgres # where it is unpacked for who may not install
PATH=$postgres/wrapped:$PATH

need_postgres() {
    need postgres PostgreSQL "A DATABASE SERVER" postgresql || return
}

# Debian keeps the server's programs out of the path, in a folder for each version.
has_postgres() {
    command -v initdb >/dev/null && return
    for each in /usr/lib/postgresql/*/bin/initdb; do
        [ ! -x "$each" ] || return 0
    done
    return 1
}

# Else the package makes a database of its own. Whoever has such a file decides themselves.
install_postgres() (
    settings=/etc/postgresql-common/createcluster.conf
    install_quietly postgresql-common || return
    [ ! -e $settings ] || cp -p $settings $settings.before
    trap '[ ! -e $settings.before ] || mv $settings.before $settings' EXIT
    trap 'exit 130' INT TERM HUP
    printf 'create_main_cluster = false\n' >>$settings
    install_quietly "$@"
)

unpack_postgres() {
    unpack "$postgres" "$@" || return
    for each in "$postgres"/usr/lib/postgresql/*/bin/initdb; do
        for program in initdb pg_dump postgres psql; do
            folder=${each%/initdb}
            wrap "$postgres" "${folder#"$postgres/"}/$program"
        done
    done
}
