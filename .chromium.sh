# shellcheck shell=sh disable=SC2154 # $venv comes from .bootstrap.sh, the functions from .debian.sh
# Sourced by ./test: `need_chromium` finds or fetches the browser in which the tests look at our pages.

chromium=$venv/chromium # where it is unpacked for who may not install
PATH=$chromium/wrapped:$PATH

# A browser without any font measures nothing, and libatomic1 is for the Node.js that Playwright brings.
need_chromium() {
    need chromium Chromium "A BROWSER" chromium fonts-dejavu-core libatomic1 || return
    [ ! -d "$chromium/wrapped" ] || export FONTCONFIG_FILE="$chromium/fonts.conf"
    [ ! -x "$chromium/wrapped/node" ] || export PLAYWRIGHT_NODEJS_PATH="$chromium/wrapped/node"
}

has_chromium() {
    command -v chromium >/dev/null || return
    [ ! -x "$chromium/wrapped/node" ] || return 0
    for node in "$venv"/lib/python*/site-packages/playwright/driver/node; do
        [ ! -x "$node" ] || "$node" --version >/dev/null 2>&1 || return
    done
}

install_chromium() {
    install_quietly "$@"
}

unpack_chromium() {
    unpack "$chromium" "$@" && write_fonts_conf && wrap "$chromium" usr/lib/chromium/chromium || return
    for node in "$venv"/lib/python*/site-packages/playwright/driver/node; do
        wrap "$chromium" "../${node#"$venv/"}"
    done
}

# Instead of /etc/fonts, which need not be there.
write_fonts_conf() {
    cat >"$chromium/fonts.conf" <<'END'
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <match>
    <edit name="family" mode="append"><string>DejaVu Sans</string></edit>
  </match>
</fontconfig>
END
}
