"""Walks what a screen reader gets, for the system's Python with gi: ``/usr/bin/python3 atspi_walk.py FOLDER``.

Walks the program "tokenpal" once for every name that appears in ``FOLDER/shown``, says so in ``FOLDER/walked``, and prints one
JSON object a face: how many nodes it has, how many can be acted on, and what is wrong with them.
"""

import json
import re
import sys
import time
import warnings
from collections import Counter
from pathlib import Path

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # the version comes first

warnings.simplefilter("ignore", DeprecationWarning)  # gi's names for interfaces, which Debian 12 has no others for
PATIENCE = 90.0
ACTS = {"Press", "Toggle", "ShowMenu"}
SILENT = {"filler", "label", "unknown", "static"}
IDENTIFIER = re.compile(r"[a-z]+([_-][a-z0-9]+)+|[a-z]+[A-Z]\w*|Q[A-Z]\w+|qt_\w+")
MOST_CELLS = 60  # the first rows of a list stand for all


def program():
    desk = Atspi.get_desktop(0)
    for place in range(desk.get_child_count()):
        one = desk.get_child_at_index(place)
        if one is not None and one.get_name() == "tokenpal":
            return one
    return None


def windows(one):
    """The dialogs that are open; without one, all windows."""
    tops = [top for top in children(one) if top.get_state_set().contains(Atspi.StateType.SHOWING)]
    return [top for top in tops if top.get_role_name() == "dialog"] or tops


def actions(node):
    face = node.get_action_iface()
    return [] if face is None else [name for name in (face.get_action_name(n) for n in range(face.get_n_actions())) if name in ACTS]


def children(node):
    held = node.get_child_count()
    many = held > MOST_CELLS and node.get_role_name() in {"list", "table", "tree", "tree table", "list box"}
    for place in range(MOST_CELLS if many else held):
        child = node.get_child_at_index(place)
        if child is not None:
            yield child


def is_known(node, role):
    """What Qt makes so, and no program can change: it knows no role for a scroll area, whose inside takes the focus in name only."""
    if role in {"table cell", "list item", "tree item", "scroll bar", "column header", "row header", "table column header"}:
        return True  # drawn by the table, which has the focus
    inside = [child.get_role_name() for child in children(node)]
    if role == "filler" and ("scroll bar" in inside or "filler" in inside):
        return True  # a scroll area; in the process its inside is known to be one
    return role == "label" and not actions(node)  # words to select and copy


def walk(node, path, found, seen):
    states = node.get_state_set()
    if not states.contains(Atspi.StateType.SHOWING) and path:
        return
    role, name, said = node.get_role_name(), node.get_name() or "", node.get_description() or ""
    here = f"{path}/{role}:{name[:40]}"
    acts = actions(node)
    focusable = states.contains(Atspi.StateType.FOCUSABLE)
    seen["nodes"] += 1
    seen["acted on"] += bool(acts)
    if (focusable or acts) and not is_known(node, role):
        if not name.strip() and not (role == "combo box" and said.strip()):
            found.append(f"no name: {here}")
        if role in SILENT:
            found.append(f"role says nothing: {here}")
        if role != "combo box" and IDENTIFIER.fullmatch(name):
            found.append(f"a name for programs: {here}")
    if role in {"image", "icon", "chart"} and not said.strip() and " " not in name:
        found.append(f"a picture without words: {here}")
    alike = Counter()
    for child in children(node):
        walk(child, here[-160:], found, seen)
        if actions(child) and child.get_role_name() not in {"table cell", "list item", "tree item"}:
            alike[child.get_role_name(), child.get_name(), child.get_description()] += child.get_state_set().contains(Atspi.StateType.SHOWING)
    found += [f"{count} alike: {here}/{one[0]}:{one[1]}" for one, count in alike.items() if count > 1]


def lines(path):
    return path.read_text().splitlines() if path.exists() else []


def until(condition, what):
    end = time.monotonic() + PATIENCE
    while not (value := condition()):
        if time.monotonic() > end:
            raise SystemExit(f"never: {what}")
        time.sleep(0.05)
    return value


def main(folder):
    Atspi.init()
    shown, walked, place = folder / "shown", folder / "walked", 0
    while True:
        name = until(lambda at=place: lines(shown)[at : at + 1], "another face")[0]
        if name == "end":
            return
        found, seen = [], Counter()
        for top in windows(until(program, "the program on the accessibility bus")):
            walk(top, "", found, seen)
        print(json.dumps({"face": name, **seen, "found": sorted(set(found))}), flush=True)
        with walked.open("a") as out:
            out.write(f"{name}\n")
        place += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]))
