#!/usr/bin/env bash
# tokenpal on a headless GNOME Shell, with the tray extension (`gnome.sh with`) and as GNOME ships (`gnome.sh without`); a picture
# in the folder it is started in. Debian: gnome-shell gnome-shell-extension-appindicator python3-dbusmock.
set -euo pipefail
ROOT="$(cd "$(dirname "$0")/../../.." && pwd)"
export PYTHONPATH="$ROOT" PYTHON="${PYTHON:-$ROOT/.venv-dev/bin/python}" NAME="${1:-with}"
HOME="$(mktemp -d)"; XDG_RUNTIME_DIR="$(mktemp -d)"
export HOME XDG_RUNTIME_DIR XDG_CONFIG_HOME="$HOME/config" XDG_DATA_HOME="$HOME/data" XDG_CACHE_HOME="$HOME/cache"
export XDG_SESSION_TYPE=wayland XDG_CURRENT_DESKTOP=GNOME
unset DISPLAY WAYLAND_DISPLAY
cat > "$XDG_RUNTIME_DIR/bus.conf" <<'X'
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type><keep_umask/><listen>unix:runtime=yes</listen><auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
X
# shellcheck disable=SC2016  # expanded inside
dbus-run-session -- bash -c '
  [ "$NAME" = with ] && on="['\''ubuntu-appindicators@ubuntu.com'\'']" || on="[]"
  gsettings set org.gnome.shell enabled-extensions "$on"
  gsettings set org.gnome.shell welcome-dialog-last-shown-version 999
  dbus-daemon --config-file="$XDG_RUNTIME_DIR/bus.conf" --print-address=7 --nofork 7>"$XDG_RUNTIME_DIR/address" &
  sleep .5; export DBUS_SYSTEM_BUS_ADDRESS="$(cat "$XDG_RUNTIME_DIR/address")"
  /usr/bin/python3 -m dbusmock --system --template logind & sleep 1   # the shell wants a login manager
  gnome-shell --headless --wayland --no-x11 --virtual-monitor 1280x800 --unsafe-mode & sleep 8
  export WAYLAND_DISPLAY=wayland-0 QT_QPA_PLATFORM=wayland
  gdbus call --session --dest org.gnome.Shell --object-path /org/gnome/Shell --method org.gnome.Shell.Eval "Main.overview.hide();"
  "$PYTHON" -m tokenpal --demo & app=$!; sleep 9
  gdbus call --session --dest org.gnome.Shell.Screenshot --object-path /org/gnome/Shell/Screenshot \
    --method org.gnome.Shell.Screenshot.Screenshot true false "$PWD/gnome-$NAME.png"
  kill "$app"; kill $(jobs -p)' || true   # the shell crashes when it is ended; the picture is there by then
