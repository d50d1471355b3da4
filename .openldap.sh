# shellcheck shell=sh disable=SC2154 # $venv comes from .bootstrap.sh, the functions from .debian.sh
# Sourced by ./test: `need_openldap` finds or fetches the server and tools that the tests start.

openldap=$venv/openldap # where they are unpacked for who may not install
PATH=$openldap/wrapped:$PATH:/usr/sbin:/usr/local/sbin

need_openldap() {
    need openldap OpenLDAP "A DIRECTORY" slapd ldap-utils || return
    [ ! -d "$openldap/wrapped" ] || export OPENLDAP_ROOT="$openldap"
}

has_openldap() {
    command -v slapd >/dev/null && command -v ldapmodify >/dev/null
}

install_openldap() {
    echo 'slapd slapd/no_configuration boolean true' | debconf-set-selections
    install_quietly "$@" openssl
}

unpack_openldap() {
    unpack "$openldap" "$@" || return
    for each in usr/bin/ldapadd usr/bin/ldapmodify usr/bin/ldapsearch usr/sbin/slapd; do
        wrap "$openldap" "$each"
    done
}
