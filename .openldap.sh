# shellcheck shell=sh disable=SC2154 # $venv and the functions come from .bootstrap.sh
# Sourced by ./test: `need_openldap` finds or fetches the server and tools that the tests start, and runs no daemon.

openldap=$venv/openldap # where they are unpacked for who may not install
PATH=$openldap/wrapped:$PATH:/usr/sbin:/usr/local/sbin

need_openldap() {
    if ! has_openldap; then
        if ! command -v apt-get >/dev/null; then
            say "OpenLDAP is missing and there is no apt-get to fetch it with"
        elif [ "$(id -u)" = 0 ]; then
            say "OpenLDAP is missing: installing slapd and ldap-utils, without starting a daemon"
            install_openldap
        else
            say "OpenLDAP is missing and you are not root: unpacking slapd and ldap-utils into .venv"
            unpack_openldap
        fi
    fi
    if has_openldap; then
        [ ! -d "$openldap" ] || export OPENLDAP_ROOT="$openldap"
    else
        say "ALL TESTS THAT NEED A DIRECTORY ARE LEFT OUT: no OpenLDAP. On Debian: sudo apt-get install slapd ldap-utils"
        return 1
    fi
}

has_openldap() {
    command -v slapd >/dev/null && command -v ldapmodify >/dev/null
}

install_openldap() (
    echo 'slapd slapd/no_configuration boolean true' | debconf-set-selections
    policy=/usr/sbin/policy-rc.d # asked by package scripts whether a service may start
    if [ ! -e $policy ]; then
        trap 'rm -f $policy' EXIT
        trap 'exit 130' INT TERM HUP
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod +x $policy
    fi
    apt_install slapd ldap-utils openssl
)

unpack_openldap() (
    rm -rf "$openldap"
    mkdir -p "$openldap/lists/partial" "$openldap/cache/archives/partial" && cd "$openldap" || return
    printf 'Dir::State::lists "%s/lists";\nDir::Cache "%s/cache";\n' "$openldap" "$openldap" >apt.conf
    export APT_CONFIG="$openldap/apt.conf"
    apt-get -qq update >&2 || return
    names=$(apt-get -s install --no-install-recommends slapd ldap-utils | sed -n 's/^Inst \([^ ]*\).*/\1/p')
    # shellcheck disable=SC2086 # one word each
    apt-get -qq download $names >&2 || return
    for package in *.deb; do
        dpkg -x "$package" . || return
    done
    rm -rf lists cache ./*.deb
    mkdir wrapped
    wrap usr/sbin/slapd
    wrap usr/bin/ldapmodify
)

# The unpacked program finds its libraries beside it.
wrap() {
    cat >"wrapped/${1##*/}" <<END
#!/bin/sh
here=\${0%/wrapped/*}
export LD_LIBRARY_PATH="\$here/usr/lib/$(uname -m)-linux-gnu:\$here/lib/$(uname -m)-linux-gnu"
exec "\$here/$1" "\$@"
END
    chmod +x "wrapped/${1##*/}"
}
