#!/bin/sh
# Say in one line what this machine lacks before anything is installed.
PATH=$PATH:/usr/sbin:/sbin  # where Debian keeps ldconfig, out of a user's reach
python=${PYTHON:-python3}
missing=""
if ! command -v "$python" >/dev/null; then
    missing="python3 python3-venv"
elif ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'; then
    echo "error: digitlib needs Python 3.11, 3.12 or 3.13 (for Keras 3.15 and TensorFlow 2.21), and $python is" \
        "$("$python" -c 'import platform; print(platform.python_version())'); name another: make PYTHON=python3.12" >&2
    exit 2
elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    missing="python3-venv"
fi
if [ "$(uname)" = Linux ] && command -v ldconfig >/dev/null; then
    libraries=$(ldconfig -p)
    case $libraries in *libGL.so.1*) ;; *) missing="$missing libgl1" ;; esac
    case $libraries in *libglib-2.0.so.0*) ;; *) missing="$missing libglib2.0-0" ;; esac
fi
if [ -n "$missing" ]; then
    echo "error: this machine lacks some packages: sudo apt-get install -y $missing" | tr -s ' ' >&2
    exit 2
fi
