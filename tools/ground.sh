#!/usr/bin/env bash
# Get what the Makefile's targets stand on, from whatever this machine offers.
#   ground.sh venv | assets | test-packages
set -euo pipefail
cd "$(dirname "$0")/.."

apt_get() {  # install Debian packages as root, or say the one line to type
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 || {
            apt-get update -qq >/dev/null
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
        }
    else
        echo "Please type this once, then run make again:  sudo apt-get install -y $*" >&2
        exit 1
    fi
}

venv() {
    [ -x .venv/bin/python ] && .venv/bin/python -m pip --version >/dev/null 2>&1 && return
    rm -rf .venv
    python3 -m venv .venv 2>/dev/null || { apt_get python3-venv; python3 -m venv .venv; }
}

npm_command() {
    if command -v npm >/dev/null; then npm "$@"; return; fi
    [ -x .venv/bin/npm ] || .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/node.txt
    PATH="$PWD/.venv/bin:$PATH" .venv/bin/npm "$@"
}

assets() {
    if [ ! -f node_modules/.midan ] || [ package-lock.json -nt node_modules/.midan ]; then
        npm_command ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
        touch node_modules/.midan
    fi
    if [ ! -f midan/core/fields/divisions.tsv.gz ] || [ tools/divisions.py -nt midan/core/fields/divisions.tsv.gz ]; then
        .venv/bin/python tools/divisions.py
    fi
    .venv/bin/python tools/vendor.py
    .venv/bin/python tools/messages.py compile
}

test_packages() {
    missing=()
    command -v chromium >/dev/null || missing+=(chromium)
    command -v openssl >/dev/null || missing+=(openssl)
    command -v softhsm2-util >/dev/null || missing+=(softhsm2)
    # Debian keeps it where a plain user's path does not lead.
    PATH="$PATH:/usr/sbin" command -v nginx >/dev/null || missing+=(nginx-light)
    command -v zbarimg >/dev/null || missing+=(zbar-tools)
    command -v pdftoppm >/dev/null || missing+=(poppler-utils)
    command -v tesseract >/dev/null || missing+=(tesseract-ocr tesseract-ocr-chi-sim)
    fc-list 2>/dev/null | grep -qi 'noto sans cjk' || missing+=(fonts-noto-cjk fontconfig)
    [ ${#missing[@]} = 0 ] || apt_get "${missing[@]}"
    scanner
}

scanner() {  # sslyze asks for an older cryptography than ours: it lives apart
    [ -x .venv/scan/bin/sslyze ] && [ .venv/scan/.locked -nt requirements/scan.txt ] && return
    python3 -m venv .venv/scan
    .venv/scan/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/scan.txt
    touch .venv/scan/.locked
}

case "${1:-}" in
    venv) venv ;;
    assets) assets ;;
    test-packages) test_packages ;;
    *) echo "usage: $0 venv | assets | test-packages" >&2; exit 2 ;;
esac
