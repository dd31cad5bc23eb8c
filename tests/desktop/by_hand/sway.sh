#!/usr/bin/env bash
# tokenpal on a headless sway with waybar's tray and mako's notifications, by keyboard; pictures in the folder it is started in.
# Debian: sway waybar mako-notifier grim wtype. sway refuses to run as root, so it gets a user namespace.
set -euo pipefail
ROOT="$(cd "$(dirname "$0")/../../.." && pwd)"
export PYTHONPATH="$ROOT" PYTHON="${PYTHON:-$ROOT/.venv-dev/bin/python}"
HOME="$(mktemp -d)"; XDG_RUNTIME_DIR="$(mktemp -d)"
export HOME XDG_RUNTIME_DIR XDG_CONFIG_HOME="$HOME/config" XDG_DATA_HOME="$HOME/data" XDG_CACHE_HOME="$HOME/cache"
export WLR_BACKENDS=headless WLR_LIBINPUT_NO_DEVICES=1 WLR_RENDERER=pixman
unset DISPLAY
echo 'output HEADLESS-1 resolution 1280x800 bg #303540 solid_color' > "$XDG_RUNTIME_DIR/sway.cfg"
echo '{"layer":"top","position":"bottom","height":30,"modules-right":["tray","clock"],"tray":{"icon-size":22}}' > "$XDG_RUNTIME_DIR/bar.json"
# shellcheck disable=SC2016  # expanded inside
unshare --user --map-user=1000 --map-group=1000 -- dbus-run-session -- bash -c '
  sway --unsupported-gpu -c "$XDG_RUNTIME_DIR/sway.cfg" & sway=$!
  sleep 3
  export WAYLAND_DISPLAY=wayland-1 QT_QPA_PLATFORM=wayland
  waybar -c "$XDG_RUNTIME_DIR/bar.json" & bar=$!
  mako & mako=$!
  sleep 3
  "$PYTHON" -m tokenpal --demo & app=$!
  sleep 9
  wtype -k Escape; sleep 1                  # the first key only makes the keyboard known
  grim 1-overview.png
  wtype -M ctrl 2 -m ctrl; sleep 2; wtype e; sleep 1; wtype d; sleep 2
  grim 2-two-labels.png
  wtype -M ctrl 4 -m ctrl; sleep 2; wtype "Tried it under sway"; sleep 3
  grim 3-check-in.png
  wtype -M ctrl w -m ctrl; sleep 3
  grim 4-in-the-tray.png
  kill "$app"; sleep 2; kill "$mako" "$bar" "$sway"'
